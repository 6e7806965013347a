"""What people do in Slack goes through the one command bus; what they get back is an answer in plain words."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.channels.base import Channel
from chalicelib.domain.config import Config
from chalicelib.service.ports import SlackApi, Store
from chalicelib.service.slack_inbox import asked, clicks, drafts, home, said, shortcuts, submits
from chalicelib.service.slack_inbox.desk import Answer, Bus, Inbox
from chalicelib.slack.incoming import (
    Asked,
    Challenge,
    Click,
    Closed,
    HomeOpened,
    Incoming,
    Personal,
    Revised,
    Shortcut,
    Submitted,
)

__all__ = ["handle"]


def handle(
    incoming: Incoming,
    *,
    store: Store,
    bus: Bus,
    slack: SlackApi,
    config: Config,
    channel: Callable[[str], Channel],
    now: datetime,
) -> Answer:
    """Act on what Slack posted and return the body of our answer. Doing it twice does it once."""
    if isinstance(incoming, Challenge):
        return {"challenge": incoming.challenge}
    if not isinstance(incoming, Personal) or not _ours(incoming, config):
        return {}
    return _act(Inbox(store, bus, slack, config, channel, now, incoming.team), incoming)


def _ours(incoming: Personal, config: Config) -> bool:
    """Only our workspace and our app count; nobody else's buttons do anything."""
    ours = config.workspace_of(incoming.team)
    unnamed = isinstance(incoming, Shortcut) and not incoming.app
    return ours is not None and (unnamed or incoming.app == ours.app)


def _act(inbox: Inbox, incoming: Personal) -> Answer:
    """People we do not know are told so by each of these, and nothing else happens."""
    agent = inbox.agent(incoming.user)
    if isinstance(incoming, Click):
        return clicks.click(inbox, incoming, agent)
    if isinstance(incoming, Submitted):
        return submits.submitted(inbox, incoming, agent)
    if isinstance(incoming, Closed):
        return drafts.closed(inbox, incoming, agent)
    if isinstance(incoming, Asked):
        return asked.asked(inbox, incoming, agent)
    if isinstance(incoming, Shortcut):
        return shortcuts.used(inbox, incoming, agent)
    if isinstance(incoming, HomeOpened):
        return home.opened(inbox, incoming, agent)
    if isinstance(incoming, Revised):
        return said.revised(inbox, incoming, agent)
    return said.said(inbox, incoming, agent)
