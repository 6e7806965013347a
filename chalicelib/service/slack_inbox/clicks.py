"""Buttons and menus: some are a command, the others open a window."""

from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox import drafts, home, windows
from chalicelib.service.slack_inbox.desk import Answer, Inbox
from chalicelib.service.slack_inbox.words import DONE, NOT_SET_UP
from chalicelib.slack import commands, forms, modals
from chalicelib.slack.incoming import Click


def click(inbox: Inbox, click: Click, agent: Agent | None) -> Answer:
    if agent is None:
        return inbox.tell(click, NOT_SET_UP)
    if click.callback == modals.REPLY_VIEW:
        return _while_writing(inbox, click, agent)
    if click.action in home.ACTIONS:
        return home.pressed(inbox, click, agent)
    if windows.opens(click):
        return windows.open_for(inbox, click, agent)
    command = commands.from_click(click, agent.id, inbox.now)
    if command is None:
        return {}
    refused = inbox.carry_out(command)
    if refused:
        return inbox.tell(click, refused)
    if click.callback == forms.MENU:
        return inbox.tell(click, DONE)
    return home.publish(inbox, click.user, agent, click.view_hash) if click.home else {}


def _while_writing(inbox: Inbox, click: Click, agent: Agent) -> Answer:
    """Slack tells of every field that asks for it while somebody writes an answer."""
    if click.action == modals.MACRO:
        return windows.fill(inbox, click, agent)
    if click.action == modals.TEXT:
        drafts.keep(inbox, click.brand, click.case_id, agent, click.values.get(modals.TEXT) or click.value)
    return {}
