"""Windows that were sent and are closed already. What cannot be done is told, and the words are kept as a draft."""

from dataclasses import replace

from chalicelib.domain.commands import Answer, Command
from chalicelib.domain.errors import Refusal
from chalicelib.domain.macros import follow_ups
from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox import checks, drafts, lookup, windows
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import HALF_DONE, NOT_BOTH, NOT_SET_UP, PLACE_LEFT, TOO_LATE
from chalicelib.slack import commands, forms, modals
from chalicelib.slack.incoming import Submitted


def submitted(inbox: Inbox, sent: Submitted, agent: Agent | None, late: bool) -> None:
    """A note is kept however late it comes; nothing else is done that was meant for another time."""
    if agent is None:
        inbox.tell(NOT_SET_UP)
    elif sent.callback == modals.REPLY_VIEW:
        _reply(inbox, sent, agent, late)
    elif late and sent.callback not in (modals.NOTE_VIEW, forms.ADD_VIEW):
        inbox.tell(TOO_LATE)
    else:
        _carry_out(inbox, sent, agent)


def _carry_out(inbox: Inbox, sent: Submitted, agent: Agent) -> None:
    try:
        command = commands.from_form(_with_case(inbox, sent, agent), agent.id, inbox.agent_id)
    except Refusal as refusal:
        inbox.tell(str(refusal))
        return
    refused = inbox.carry_out(command) if command else None
    if refused:
        inbox.tell(refused)


def _with_case(inbox: Inbox, sent: Submitted, agent: Agent) -> Submitted:
    """The window with the case it names: by number whatever way it was named. Raises Refusal."""
    if sent.callback in checks.NAMING:
        case_id = lookup.named(inbox, checks.named(sent), agent).id
        return replace(sent, values={**sent.values, forms.CASE: case_id})
    if sent.callback == forms.ADD_VIEW:
        case = lookup.named(inbox, checks.named(sent), agent)
        return replace(sent, callback=modals.NOTE_VIEW, metadata={"brand": case.brand, "case": case.id})
    return sent


def _reply(inbox: Inbox, sent: Submitted, agent: Agent, late: bool) -> None:
    """What is refused now could not be known before; the words come back in a window of their own."""
    try:
        if late:
            raise Refusal(TOO_LATE)
        answer, *public = _parts(inbox, sent, agent)
        if refused := inbox.carry_out(answer):
            raise Refusal(refused)
    except Refusal as refusal:
        drafts.keep(inbox, sent.brand, sent.case_id, agent, sent.values.get(modals.TEXT, ""))
        windows.give_back(inbox, sent, agent, str(refusal))
        return
    drafts.forget(inbox, sent.brand, sent.case_id, agent)
    _follow(inbox, sent, [answer, *public])


def _parts(inbox: Inbox, sent: Submitted, agent: Agent) -> list[Answer]:
    """What the window asks for: one answer, or a private one and a public one that tells of it."""
    case = inbox.case(sent.brand, sent.case_id, agent)
    chosen = sent.values.get(modals.WHERE) or sent.metadata.get(modals.WHERE, "")
    where = modals.chosen(case, chosen) if case else None
    if where is None:
        raise Refusal(PLACE_LEFT)
    answer = commands.from_reply(sent, agent.id, where)
    if not sent.values.get(modals.ALSO):
        return [answer]
    if where.public is None:
        raise Refusal(NOT_BOTH)
    return [answer, commands.told_publicly(sent, agent.id, where.public)]


def _follow(inbox: Inbox, sent: Submitted, answers: list[Answer]) -> None:
    """The public half, and what the saved reply does beside answering. The answer has left: a refusal is only told."""
    answer, *public = answers
    macro = inbox.config.macros.get(sent.values.get(modals.MACRO, ""))
    also: list[Command] = [*public, *(follow_ups(macro, answer) if macro else ())]
    refused = [words for one in also if (words := inbox.carry_out(one))]
    if refused:
        inbox.tell("\n".join([HALF_DONE, *refused]))
