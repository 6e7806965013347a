"""The worker behind the queue: what a person did in Slack is done, once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain.config import Config
from chalicelib.domain.people import Agent
from chalicelib.service.files import FileStore
from chalicelib.service.ports import Answers, Meter, SlackWorkspace, Store
from chalicelib.service.slack_inbox import asked, clicks, drafts, home, said, shortcuts, standing, submits
from chalicelib.service.slack_inbox.back import Back
from chalicelib.service.slack_inbox.badges import Badges
from chalicelib.service.slack_inbox.desk import Bus, Inbox, Stranger, Unsaid
from chalicelib.service.slack_inbox.who import ours
from chalicelib.service.slack_inbox.words import TOO_LATE
from chalicelib.slack.errands import Errand
from chalicelib.slack.incoming import (
    Asked,
    Click,
    Closed,
    HomeOpened,
    Revised,
    Said,
    Shortcut,
    Standing,
    Submitted,
    Work,
)

WORDS = Said | Revised | Submitted
"""What somebody wrote is not lost because Slack would not say for a moment who they are: it is tried again."""
LATE = timedelta(minutes=15)
"""What somebody pressed so long ago is not what they want now: nothing is done, and they are told."""


def handle(
    errand: Errand,
    *,
    store: Store,
    bus: Bus,
    slack: SlackWorkspace,
    files: FileStore,
    answers: Answers,
    config: Config,
    channel: Callable[[str], Channel],
    meter: Meter,
    badges: Badges,
    now: datetime,
) -> None:
    """Act on what somebody did. Doing it twice does it once. Raises what a later try may cure."""
    if not ours(errand.did, config):
        return
    if isinstance(errand.did, Standing):
        standing.heard(errand.did, store, config, meter)
    else:
        back = Back(slack, answers, errand.did, errand.window)
        _act(Inbox(store, bus, slack, files, config, channel, now, errand, back, meter, badges))


def _act(inbox: Inbox) -> None:
    did = inbox.errand.did
    try:
        if isinstance(did, Said):
            said.said(inbox, did)
        elif isinstance(did, Revised):
            said.revised(inbox, did)
        else:
            _do(inbox, did, inbox.who(), inbox.now - inbox.errand.at > LATE)
    except Stranger as stranger:
        if isinstance(stranger, Unsaid) and isinstance(did, WORDS):
            raise
        _turned_away(inbox, did, str(stranger))


def _do(inbox: Inbox, did: Work, agent: Agent, late: bool) -> None:
    if isinstance(did, Submitted):
        submits.submitted(inbox, did, agent, late)
    elif isinstance(did, Closed):
        drafts.closed(inbox, did, agent)
    elif isinstance(did, HomeOpened):
        home.publish(inbox, agent, did.view_hash)
    elif late:
        inbox.tell(TOO_LATE)
    elif isinstance(did, Click):
        clicks.click(inbox, did, agent)
    elif isinstance(did, Shortcut):
        shortcuts.used(inbox, did, agent)
    elif isinstance(did, Asked):
        asked.asked(inbox, did, agent)


def _turned_away(inbox: Inbox, did: Work, why: str) -> None:
    """Whatever a stranger does is answered, but that they closed a window or changed their words."""
    if isinstance(did, HomeOpened):
        home.turn_away(inbox, why, did.view_hash)
    elif not isinstance(did, Closed | Revised):
        inbox.tell(why)
