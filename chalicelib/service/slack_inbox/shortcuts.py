"""Shortcuts on messages: answer this one; make a note of it in a case."""

from chalicelib.domain.card import CardPlace
from chalicelib.domain.case import Case
from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox import lookup, windows
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import NO_CASE, NO_THREAD
from chalicelib.slack import forms, modals, titles
from chalicelib.slack.incoming import Shortcut
from chalicelib.slack.mrkdwn import one_line, plain

NAME = 60


def used(inbox: Inbox, used: Shortcut, agent: Agent) -> None:
    if used.callback == titles.REPLY_TO_THIS:
        windows.show(inbox, _reply(inbox, used, agent))
    elif used.callback == titles.ADD_TO_CASE:
        windows.show(inbox, _add(inbox, used, agent))


def _reply(inbox: Inbox, used: Shortcut, agent: Agent) -> windows.View:
    place = inbox.store.card_place(used.team, used.channel, used.thread_ts or used.ts)
    if place is None:
        return modals.says("Reply", NO_THREAD)
    barred = inbox.barred(agent, place.brand, place.case_id)
    if barred:
        return modals.says("Reply", barred)
    case = inbox.case(place.brand, place.case_id, agent)
    if case is None:
        return modals.says("Reply", NO_CASE)
    return windows.reply_view(inbox, case, agent, _conversation(inbox, used, place))


def _conversation(inbox: Inbox, used: Shortcut, place: CardPlace) -> str:
    """The conversation of the very message that was pointed at, if that line tells of one."""
    if not used.post or not used.post.isdecimal():
        return ""
    event = inbox.store.event(place.brand, place.case_id, int(used.post))
    return str(event.data.get("conversation_id", "")) if event else ""


def _add(inbox: Inbox, used: Shortcut, agent: Agent) -> windows.View:
    mine = [(case.id, _title(inbox, case)) for case in lookup.mine(inbox, agent).cases]
    author = (inbox.name(used.author) if used.author else None) or "Somebody in Slack"
    return forms.add_to_case(f"{author} wrote:\n{plain(used.text, inbox.name)}", mine)


def _title(inbox: Inbox, case: Case) -> str:
    queue = inbox.queues().get(case.queue, case.queue)
    return f"{one_line(case.contact_name, NAME) or 'somebody'} · {queue}"
