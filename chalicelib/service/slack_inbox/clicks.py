"""Buttons and menus: some are a command, the others open a window."""

from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox import drafts, files, home, windows
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import DONE
from chalicelib.slack import buttons, commands, forms, modals, titles
from chalicelib.slack.incoming import Click


def click(inbox: Inbox, click: Click, agent: Agent) -> None:
    if click.callback in drafts.KINDS:
        _while_writing(inbox, click, agent)
    elif click.action in home.ACTIONS:
        home.pressed(inbox, click, agent)
    elif titles.asked_for(click):
        windows.fill_in(inbox, click, agent)
    elif click.action == buttons.FILE:
        files.shown(inbox, click, agent)
    else:
        _carry_out(inbox, click, agent)


def _carry_out(inbox: Inbox, click: Click, agent: Agent) -> None:
    command = commands.from_click(click, agent.id, inbox.now)
    if command is None:
        return
    if refused := inbox.carry_out(command):
        inbox.tell(refused)
    elif click.callback in (forms.MENU, forms.SNOOZE_VIEW):
        inbox.tell(DONE)
    elif click.home:
        home.publish(inbox, agent, click.view_hash)


def _while_writing(inbox: Inbox, click: Click, agent: Agent) -> None:
    """Slack tells of every field that asks for it while somebody writes an answer or a note."""
    if used := _USED.get(click.action):
        used(inbox, click, agent)


_USED = {modals.MACRO: windows.fill, modals.LENGTH: windows.measure, modals.TEXT: drafts.typed}
