"""The one door for everything people ask: Slack, console and API send the same commands through it.

Each topic has a file with its handlers; here is what all commands have in common.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.channels.base import Channel
from chalicelib.domain import lifecycle, work
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Command, Link, Merge, Moderate, ReviseNote, Tag
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, NotAllowed, NotFound, Owned, Refusal
from chalicelib.domain.people import Agent, may
from chalicelib.domain.policy import reapplied
from chalicelib.domain.repeats import has_heard, heard
from chalicelib.service import bus_cases, bus_escalation, bus_joins, bus_replies
from chalicelib.service.bus_plan import Around, Handler, caused
from chalicelib.service.merged import followed
from chalicelib.service.moderating import moderate
from chalicelib.service.ports import Row, Store
from chalicelib.service.writing import deciding

_ON_MERGED = (AddNote, ReviseNote, Tag, Link, Merge)
"""What may still be done to a case that goes on in another one."""


@dataclass(frozen=True, slots=True)
class Bus:
    store: Store
    config: Config
    channel: Callable[[str], Channel]

    def __call__(self, command: Command, now: datetime) -> Case:
        """Carry out one command, once however often it is asked. Raises Refusal with words for the person."""
        agent = self.config.agents.get(command.agent)
        if agent is None or not may(agent, command) or type(command) not in _HANDLERS:
            raise NotAllowed
        try:
            return deciding(lambda: self._carry_out(command, agent, now))
        except Owned as owned:
            owner = self.config.agents.get(owned.owner)
            raise Owned(owner.name if owner else owned.owner, owned.told) from owned

    def _carry_out(self, command: Command, agent: Agent, now: datetime) -> Case:
        case = self._meant(self.store.case(command.brand, command.case_id), command)
        if case is None:
            raise NotFound("There is no such case.")
        if has_heard(case, command.id):
            return case
        if case.merged_into is not None and not isinstance(command, _ON_MERGED):
            raise Refusal(f"This case was merged into {case.merged_into}; go on there.")
        around = Around(self.store, self.config, self.channel, agent)
        (after, happened), rows = _HANDLERS[type(command)](around, case, command, now)
        if not happened:
            return case
        happened = caused(command, happened)
        queue = self.config.queues.get(after.queue)
        after = reapplied(case, after, self.config.policies, self.config.version, now)
        after = work.claimed(case, after, happened, queue.claim if queue else None, now)
        after, timeline = lifecycle.recorded(case, heard(after, command.id), happened, now)
        try:
            self.store.commit(*rows, after, *timeline)
        except Conflict as conflict:
            if _done_before(conflict, rows):
                return case
            raise
        return after

    def _meant(self, case: Case | None, command: Command) -> Case | None:
        """The case as named; for a reply that went along when it was merged, the one it is in now."""
        about = getattr(command, "reply_id", None)
        if case is None or case.merged_into is None or about is None:
            return case
        reply, further = self.store.reply(command.brand, about), followed(self.store, case)
        return further if reply and further and reply.case_id == further.id else case


def _done_before(conflict: Conflict, rows: list[Row]) -> bool:
    """Whether the command's own row exists already: somebody pressed twice."""
    return any(getattr(row, "version", None) == 0 and getattr(row, "id", None) in conflict.keys for row in rows)


_HANDLERS: Mapping[type[Command], Handler] = {
    **bus_cases.HANDLERS,
    **bus_joins.HANDLERS,
    **bus_replies.HANDLERS,
    **bus_escalation.HANDLERS,
    Moderate: lambda around, case, command, now: moderate(around.store, around.channel, case, command, now),
}
