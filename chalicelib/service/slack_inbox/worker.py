"""The worker behind the queue: what a person did in Slack is done, once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain.config import Config
from chalicelib.domain.people import Agent
from chalicelib.service.ports import Answers, SlackApi, Store
from chalicelib.service.slack_inbox import asked, clicks, drafts, home, said, shortcuts, submits
from chalicelib.service.slack_inbox.back import Back
from chalicelib.service.slack_inbox.desk import Bus, Inbox
from chalicelib.service.slack_inbox.who import ours
from chalicelib.service.slack_inbox.words import TOO_LATE
from chalicelib.slack.errands import Errand
from chalicelib.slack.incoming import Click, Closed, HomeOpened, Revised, Said, Shortcut, Submitted

LATE = timedelta(minutes=15)
"""What somebody pressed so long ago is not what they want now: nothing is done, and they are told."""


def handle(
    errand: Errand,
    *,
    store: Store,
    bus: Bus,
    slack: SlackApi,
    answers: Answers,
    config: Config,
    channel: Callable[[str], Channel],
    now: datetime,
) -> None:
    """Act on what somebody did. Doing it twice does it once. Raises what a later try may cure."""
    if ours(errand.did, config):
        back = Back(slack, answers, errand.did, errand.window)
        _act(Inbox(store, bus, slack, config, channel, now, errand, back))


def _act(inbox: Inbox) -> None:
    """People we do not know are told so by each of these, and nothing else happens."""
    did, agent = inbox.errand.did, inbox.agent(inbox.errand.did.user)
    late = inbox.now - inbox.errand.at > LATE
    if isinstance(did, Submitted):
        submits.submitted(inbox, did, agent, late)
    elif isinstance(did, Closed):
        drafts.closed(inbox, did, agent)
    elif isinstance(did, HomeOpened):
        home.opened(inbox, did, agent)
    elif isinstance(did, Said | Revised):
        _heard(inbox, did, agent)
    elif late:
        inbox.tell(TOO_LATE)
    elif isinstance(did, Click):
        clicks.click(inbox, did, agent)
    elif isinstance(did, Shortcut):
        shortcuts.used(inbox, did, agent)
    else:
        asked.asked(inbox, did, agent)


def _heard(inbox: Inbox, did: Said | Revised, agent: Agent | None) -> None:
    if isinstance(did, Said):
        said.said(inbox, did, agent)
    else:
        said.revised(inbox, did, agent)
