"""Commands about answers: written, held for a colleague's yes, taken back, settled."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.channels.base import Capability
from chalicelib.domain import commands, ids, lifecycle, work
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.macros import unfilled
from chalicelib.domain.people import may_approve
from chalicelib.domain.reasons import reason
from chalicelib.domain.reply import REJECTED, UNDONE, Mode, Reply, ReplyState, Sent
from chalicelib.domain.then import alone, following
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service import sent
from chalicelib.service.bus_plan import Around, Handler, Plan, Turn
from chalicelib.service.files import check_file


def _answer(around: Around, case: Case, command: commands.Answer, now: datetime) -> Plan:
    """The words are queued, or held until somebody else lets them go."""
    if command.promised is not None and command.promised <= now:
        raise Refusal("The time that you name to them is past; choose a later one.")
    reply = _reply(around, case, command, now)
    if command.approval or around.agent.approval:
        reply, fact = replace(reply, state=ReplyState.HELD), Fact.REPLY_HELD
    else:
        reply, fact = replace(reply, not_before=_leaves(around, now)), Fact.REPLY_QUEUED
    after = replace(case, open_replies=(*case.open_replies, reply.id))
    happened = [Happening(fact, now, command.agent, sent.facts_of(reply))]
    if case.assignee is None and case.live:
        after, taking = lifecycle.taken(after, command.agent, now)
        happened = [*taking, *happened]
    return (after, happened), [reply]


def _leaves(around: Around, now: datetime) -> datetime | None:
    """Before then whoever wrote it may think again."""
    return now + around.config.undo if around.config.undo else None


def _reply(around: Around, case: Case, command: commands.Answer, now: datetime) -> Reply:
    thread = case.thread(command.conversation_id)
    if thread is None:
        raise NotFound("That conversation is not part of this case any more; open the reply window again.")
    _check_mode(thread, command.mode)
    text = command.text.strip()
    then, file = (command.then, None) if text else alone(command.then)
    reply = Reply(
        id=ids.reply_id(command.brand, command.id),
        brand=case.brand,
        case_id=case.id,
        conversation_id=thread.conversation_id,
        channel=thread.channel,
        account=thread.account,
        mode=command.mode,
        text=text,
        address=thread.address,
        agent=command.agent,
        created_at=now,
        last_inbound_at=thread.last_inbound_at,
        promised=command.promised,
        then=then,
        file=file,
        held_at=case.held_at,
    )
    _check_part(around, reply)
    words = "\n".join((reply.text, reply.then.publicly if reply.then else ""))
    if left := next(unfilled(words, case.facing(thread)), None):
        raise Refusal(
            f"{{{left}}} still stands in the reply and would reach the customer like that. Write what is meant."
        )
    _check_then(around, case, thread, reply, now)
    return reply


def _check_then(around: Around, case: Case, thread: Thread, reply: Reply, now: datetime) -> None:
    """What could be refused once the words have left is refused before."""
    after = following(reply, now)
    while after is not None:
        _check_mode(thread, after.mode)
        _check_part(around, after)
        after = following(after, now)
    if reply.then is not None:
        work.tagged(case, reply.then.tags, (), reply.agent, now)


def _check_mode(thread: Thread, mode: Mode) -> None:
    wanted = Capability.PRIVATE_REPLY if mode is Mode.PRIVATE_REPLY else Capability.REPLY
    if wanted not in thread.capabilities or (mode is not Mode.PRIVATE_REPLY and thread.public != (mode is Mode.PUBLIC)):
        raise Refusal(f"A {mode.value.replace('_', ' ')} answer is not possible in this conversation.")


def _check_part(around: Around, reply: Reply) -> None:
    """A file, or words."""
    if reply.file is not None:
        check_file(around.channel(reply.channel), reply.mode, reply.file.mime, reply.file.size)
    else:
        _check_text(around, reply)


def _check_text(around: Around, reply: Reply) -> None:
    if not reply.text:
        raise Refusal("The reply is empty; write something first.")
    channel = around.channel(reply.channel)
    limit, length = channel.limit(reply.outgoing), channel.length(reply.outgoing)
    if length > limit.size:
        raise Refusal(f"{channel.title} takes {limit.size} {limit.unit}; this has {length}. Shorten it.")


def _known(around: Around, case: Case, reply_id: str) -> Reply:
    reply = around.store.reply(case.brand, reply_id)
    if reply is None or reply.case_id != case.id:
        raise NotFound("There is no such reply in this case.")
    return reply


def _undo(around: Around, case: Case, command: commands.Undo, now: datetime) -> Plan:
    """Delivery claims a reply under its version as well, so that one of the two comes first and the other sees it."""
    reply = _known(around, case, command.reply_id)
    if not reply.undoable:
        raise Refusal(_TOO_LATE.get(reply.state, "This reply is on its way already; it cannot be taken back."))
    return _stopped(case, reply, UNDONE, Happening(Fact.REPLY_UNDONE, now, command.agent))


_TOO_LATE = {
    ReplyState.SENT: "This reply was sent already; it cannot be taken back.",
    ReplyState.FAILED: "This reply was stopped already; nothing leaves.",
}


def _stopped(case: Case, reply: Reply, why: str, told: Happening) -> Plan:
    ended = reply.stopped(why, told.at)
    told = replace(told, data={**sent.facts_of(ended), **told.data})
    return _without(case, ended, told), [ended]


def _without(case: Case, reply: Reply, told: Happening) -> Turn:
    open_replies = tuple(one for one in case.open_replies if one != reply.id)
    return replace(case, open_replies=open_replies), [told]


def _approve(around: Around, case: Case, command: commands.Approve, now: datetime) -> Plan:
    reply = _judged(around, case, command)
    if reply.promised is not None and reply.promised <= now:
        raise Refusal("This answer names a time that is past. Send it back, so that a later one can be named.")
    approved = reply.approved(command.agent, _leaves(around, now))
    return (case, [Happening(Fact.REPLY_APPROVED, now, command.agent, sent.facts_of(approved))]), [approved]


def _reject(around: Around, case: Case, command: commands.Reject, now: datetime) -> Plan:
    reply = _judged(around, case, command)
    why = reason(command.reason)
    if not why:
        raise Refusal("Say why, so that a better reply can be written.")
    return _stopped(case, reply, REJECTED, Happening(Fact.REPLY_REJECTED, now, command.agent, {"note": why}))


def _judged(around: Around, case: Case, command: commands.Approve | commands.Reject) -> Reply:
    """The reply that waits for somebody like this agent."""
    reply = _known(around, case, command.reply_id)
    if reply.state is not ReplyState.HELD:
        other = "was stopped already" if reply.state is ReplyState.FAILED else "was approved already"
        what = {REJECTED: "was rejected already", UNDONE: "was taken back by then"}.get(reply.reason or "", other)
        raise Refusal(f"This reply {what}; nothing is left to decide.")
    if reply.agent == around.agent.id:
        raise Refusal("You wrote this reply; somebody else has to look at it.")
    if not may_approve(around.agent, reply.agent, around.config.approvers):
        raise Refusal("Supervisors and admins decide about replies; ask one of them.")
    return reply


def _settle(around: Around, case: Case, command: commands.Settle, now: datetime) -> Plan:
    reply = _known(around, case, command.reply_id)
    if reply.state is not ReplyState.UNKNOWN:
        raise Refusal(f"This reply is {reply.state}; there is nothing to settle.")
    if command.posted:
        settled = reply.ended(Sent(reply.native_id or f"seen-by:{command.agent}"), now)
    else:
        settled = replace(reply, state=ReplyState.QUEUED, reason=None, not_before=None)
    turn, rows = sent.told(case, settled, now, command.agent)
    return turn, [settled, *rows]


HANDLERS: Mapping[type[commands.Command], Handler] = {
    commands.Answer: _answer,
    commands.Undo: _undo,
    commands.Approve: _approve,
    commands.Reject: _reject,
    commands.Settle: _settle,
}
