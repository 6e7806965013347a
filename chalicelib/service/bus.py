"""The one door for everything people ask: Slack, console and API send the same commands through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Capability, Channel
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.commands import AddNote, Answer, Command, Release, Resolve, Settle, Take
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, NotAllowed, NotFound, Owned, Refusal
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.people import Agent, may
from chalicelib.domain.reply import Mode, Reply, ReplyState, Sent
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.ports import Row, Store
from chalicelib.service.sent import told
from chalicelib.service.writing import deciding

Plan = tuple[lifecycle.Turn, list[Row]]

COMMAND = "command"
"""Under which name a fact says which command brought it about."""


@dataclass(frozen=True, slots=True)
class Bus:
    store: Store
    config: Config
    channel: Callable[[str], Channel]

    def __call__(self, command: Command, now: datetime) -> Case:
        """Carry out one command, once however often it is asked. Raises Refusal with words for the person."""
        agent = self.config.agents.get(command.agent)
        if agent is None or not may(agent, command):
            raise NotAllowed
        try:
            return deciding(lambda: self._carry_out(command, agent, now))
        except Owned as owned:
            owner = self.config.agents.get(owned.owner)
            raise Owned(owner.name if owner else owned.owner, owned.told) from owned

    def _carry_out(self, command: Command, agent: Agent, now: datetime) -> Case:
        case = self.store.case(command.brand, command.case_id)
        if case is None:
            raise NotFound("There is no such case.")
        if self._carried_out(command):
            return case
        (after, happened), rows = _HANDLERS[type(command)](self, case, command, now)
        if not happened:
            return case
        happened = [replace(happened[0], data={**happened[0].data, COMMAND: command.id}), *happened[1:]]
        after, timeline = lifecycle.recorded(case, after, happened, now)
        try:
            self.store.commit(*rows, after, *timeline)
        except Conflict as conflict:
            if _done_before(conflict, rows):
                return case
            raise
        return after

    def _carried_out(self, command: Command) -> bool:
        """Whether the timeline tells of this very command. A late repeat must not undo what came after it."""
        told = self.store.timeline(command.brand, command.case_id)
        return any(event.data.get(COMMAND) == command.id for event in told)

    def take(self, case: Case, command: Take, now: datetime) -> Plan:
        return lifecycle.taken(case, command.agent, now), []

    def release(self, case: Case, command: Release, now: datetime) -> Plan:
        return lifecycle.released(case, command.agent, now), []

    def resolve(self, case: Case, command: Resolve, now: datetime) -> Plan:
        return lifecycle.solved(case, command.agent, now), []

    def add_note(self, case: Case, command: AddNote, now: datetime) -> Plan:
        if not command.text.strip():
            raise Refusal("The note is empty; write something first.")
        note = Message(
            id=ids.note_id(command.brand, command.id),
            brand=case.brand,
            channel="note",
            direction=Direction.NOTE,
            kind="note",
            contact_id=case.contact_id,
            case_id=case.id,
            author=command.agent,
            text=command.text,
            at=now,
            received_at=now,
        )
        return (case, [Happening(Fact.NOTE_ADDED, now, command.agent, {"message_id": note.id})]), [note]

    def answer(self, case: Case, command: Answer, now: datetime) -> Plan:
        reply = self._reply(case, command, now)
        data = {"reply_id": reply.id, "conversation_id": reply.conversation_id, "mode": reply.mode.value}
        happened = [Happening(Fact.REPLY_QUEUED, now, command.agent, data)]
        after = replace(case, open_replies=(*case.open_replies, reply.id))
        if case.assignee is None and case.live:
            after, taking = lifecycle.taken(after, command.agent, now)
            happened = [*taking, *happened]
        return (after, happened), [reply]

    def _reply(self, case: Case, command: Answer, now: datetime) -> Reply:
        thread = case.thread(command.conversation_id)
        if thread is None:
            raise NotFound("That conversation is not part of this case any more; open the reply window again.")
        _check_mode(thread, command.mode)
        reply = Reply(
            id=ids.reply_id(command.brand, command.id),
            brand=case.brand,
            case_id=case.id,
            conversation_id=thread.conversation_id,
            channel=thread.channel,
            account=thread.account,
            mode=command.mode,
            text=command.text.strip(),
            address=thread.address,
            agent=command.agent,
            created_at=now,
            last_inbound_at=thread.last_inbound_at,
        )
        self._check_text(reply)
        return reply

    def _check_text(self, reply: Reply) -> None:
        if not reply.text:
            raise Refusal("The reply is empty; write something first.")
        channel = self.channel(reply.channel)
        limit, length = channel.limit(reply.outgoing), channel.length(reply.outgoing)
        if length > limit.size:
            raise Refusal(f"{channel.title} takes {limit.size} {limit.unit}; this has {length}. Shorten it.")

    def settle(self, case: Case, command: Settle, now: datetime) -> Plan:
        reply = self.store.reply(command.brand, command.reply_id)
        if reply is None or reply.case_id != case.id:
            raise NotFound("There is no such reply in this case.")
        if reply.state is not ReplyState.UNKNOWN:
            raise Refusal(f"This reply is {reply.state}; there is nothing to settle.")
        if command.posted:
            settled = reply.ended(Sent(reply.native_id or f"seen-by:{command.agent}"), now)
        else:
            settled = replace(reply, state=ReplyState.QUEUED, reason=None, not_before=None)
        return told(case, settled, now, command.agent), [settled]


def _check_mode(thread: Thread, mode: Mode) -> None:
    wanted = Capability.PRIVATE_REPLY if mode is Mode.PRIVATE_REPLY else Capability.REPLY
    if wanted not in thread.capabilities or (mode is not Mode.PRIVATE_REPLY and thread.public != (mode is Mode.PUBLIC)):
        raise Refusal(f"A {mode.value.replace('_', ' ')} answer is not possible in this conversation.")


def _done_before(conflict: Conflict, rows: list[Row]) -> bool:
    """Whether the command's own row exists already: somebody pressed twice."""
    return any(getattr(row, "version", None) == 0 and getattr(row, "id", None) in conflict.keys for row in rows)


_HANDLERS: Mapping[type[Command], Callable[[Bus, Case, Any, datetime], Plan]] = {
    Take: Bus.take,
    Release: Bus.release,
    Resolve: Bus.resolve,
    AddNote: Bus.add_note,
    Answer: Bus.answer,
    Settle: Bus.settle,
}
