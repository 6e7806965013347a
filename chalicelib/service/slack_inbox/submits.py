"""Windows that were sent. What cannot be done is said in the window, and the words stay there."""

from dataclasses import replace

from chalicelib.domain.commands import Answer as Words
from chalicelib.domain.errors import Refusal
from chalicelib.domain.macros import follow_ups
from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox import drafts
from chalicelib.service.slack_inbox.desk import Answer, Inbox
from chalicelib.service.slack_inbox.lookup import named
from chalicelib.service.slack_inbox.words import HALF_DONE, NOT_BOTH, NOT_SET_UP, PLACE_LEFT
from chalicelib.slack import commands, forms, modals
from chalicelib.slack.incoming import Submitted

NAMING = frozenset({forms.MERGE_VIEW, forms.LINK_VIEW})
"""Windows in which another case is named."""


def submitted(inbox: Inbox, submitted: Submitted, agent: Agent | None) -> Answer:
    if agent is None:
        return _wrong(submitted, NOT_SET_UP)
    if submitted.callback == modals.REPLY_VIEW:
        return _reply(inbox, submitted, agent)
    try:
        sent = _with_case(inbox, submitted, agent)
        command = commands.from_form(sent, agent.id, inbox.agent_id)
    except Refusal as refusal:
        return _wrong(submitted, str(refusal))
    refused = inbox.carry_out(command) if command else None
    return _wrong(submitted, refused) if refused else {}


def _with_case(inbox: Inbox, submitted: Submitted, agent: Agent) -> Submitted:
    """The window with the case it names: by number whatever way it was named. Raises Refusal."""
    if submitted.callback in NAMING:
        case_id = named(inbox, submitted.values.get(forms.CASE, ""), agent).id
        return replace(submitted, values={**submitted.values, forms.CASE: case_id})
    if submitted.callback == forms.ADD_VIEW:
        case = named(inbox, submitted.values.get(forms.WHO) or submitted.values.get(forms.CASE, ""), agent)
        about = {"brand": case.brand, "case": case.id}
        return replace(submitted, callback=modals.NOTE_VIEW, metadata=about)
    return submitted


class _NotLikeThisError(Exception):
    """What is wrong, and beside which field it is to stand."""

    def __init__(self, block: str, words: str) -> None:
        super().__init__(words)
        self.block = block


def _reply(inbox: Inbox, submitted: Submitted, agent: Agent) -> Answer:
    try:
        parts = _parts(inbox, submitted, agent)
        _send(inbox, parts)
    except _NotLikeThisError as wrong:
        if text := submitted.values.get(modals.TEXT, "").strip():
            drafts.keep(inbox, submitted.brand, submitted.case_id, agent, text)
        return modals.errors(submitted.blocks.get(wrong.block, wrong.block), str(wrong))
    drafts.forget(inbox, submitted.brand, submitted.case_id, agent)
    return _followed(inbox, submitted, parts[0][2])


def _followed(inbox: Inbox, submitted: Submitted, answer: Words) -> Answer:
    """What the saved reply does beside answering. The answer has left already, so a refusal is only told."""
    macro = inbox.config.macros.get(submitted.values.get(modals.MACRO, ""))
    refused = [words for one in (follow_ups(macro, answer) if macro else ()) if (words := inbox.carry_out(one))]
    return modals.shows(modals.says("Sent", "\n".join([HALF_DONE, *refused]))) if refused else {}


Part = tuple[str, modals.Destination, Words]
"""A field of the window, and where its words go by which command."""


def _parts(inbox: Inbox, submitted: Submitted, agent: Agent) -> list[Part]:
    """What the window asks for: one answer, or a private one and a public one that tells of it."""
    barred = inbox.barred(agent, submitted.brand, submitted.case_id)
    if barred:
        raise _NotLikeThisError(modals.TEXT, barred)
    case = inbox.case(submitted.brand, submitted.case_id, agent)
    chosen = submitted.values.get(modals.WHERE) or submitted.metadata.get(modals.WHERE, "")
    where = modals.chosen(case, chosen) if case else None
    if where is None:
        raise _NotLikeThisError(modals.TEXT, PLACE_LEFT)
    parts: list[Part] = [(modals.TEXT, where, commands.from_reply(submitted, agent.id, where))]
    if not submitted.values.get(modals.ALSO):
        return parts
    if where.public is None:
        raise _NotLikeThisError(modals.ALSO, NOT_BOTH)
    return [*parts, (modals.PUBLIC, where.public, commands.told_publicly(submitted, agent.id, where.public))]


def _send(inbox: Inbox, parts: list[Part]) -> None:
    """Nothing is sent while any part is too long for its network."""
    for block, where, answer in parts:
        channel = inbox.channel(where.thread.channel)
        words = modals.too_long(channel, where.outgoing(answer.id, answer.text.strip()))
        if words:
            raise _NotLikeThisError(block, words)
    for block, _, answer in parts:
        refused = inbox.carry_out(answer)
        if refused:
            raise _NotLikeThisError(block, refused)


def _wrong(submitted: Submitted, words: str) -> Answer:
    name = forms.MAIN.get(submitted.callback, modals.TEXT)
    return modals.errors(submitted.blocks.get(name, name), words)
