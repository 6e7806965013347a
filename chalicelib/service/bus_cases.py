"""Commands about a case itself: whose it is, how urgent, put aside, tagged, over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import commands, lifecycle, work
from chalicelib.domain.case import Case
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.message import Direction
from chalicelib.domain.people import may
from chalicelib.domain.reopening import reopened
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.tags import retagged
from chalicelib.domain.then import resolving
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service import escalations
from chalicelib.service.bus_plan import Around, Handler, Plan, Turn, note
from chalicelib.service.merged import followed

SLIP = timedelta(days=1)
"""So long a case can be reopened where a customer's next words would open a new one at once."""


def _take(around: Around, case: Case, command: commands.Take, now: datetime) -> Plan:
    return lifecycle.taken(case, command.agent, now), []


def _release(around: Around, case: Case, command: commands.Release, now: datetime) -> Plan:
    return work.released(case, around.agent, now), []


def _resolve(around: Around, case: Case, command: commands.Resolve, now: datetime) -> Plan:
    """An answer on its way comes first: without it nothing is solved."""
    reply = _last_on_its_way(around, case) if case.live else None
    if reply is None:
        return lifecycle.solved(case, command.agent, now), []
    if reply.then is not None and reply.then.resolved_by:
        return (case, []), []
    told = Happening(Fact.CASE_RESOLVING, now, command.agent, {"reply_id": reply.id})
    return (case, [told]), [resolving(reply, command.agent, now)]


def _reopen(around: Around, case: Case, command: commands.Reopen, now: datetime) -> Plan:
    """A case that the customer's next words would not find any more stays closed."""
    reply = _last_on_its_way(around, case) if case.live else None
    if reply and reply.then and reply.then.resolved_by:
        raise Refusal("This case is not resolved before the answer on its way was sent. Reopen it then.")
    within = max(around.config.brands[case.brand].reopen_within, SLIP)
    after, happened = reopened(case, command.agent, within, now)
    latest = followed(around.store, around.store.contact(case.brand, case.contact_id)[1])
    if latest is not None and latest.id != case.id:
        raise Refusal(f"The customer has written since, in case {latest.id}. Go on there, or reopen that one.")
    after, more = escalations.resumed(case, after, command.agent, around.config, around.store, now)
    return (after, [*happened, *more]), []


def _last_on_its_way(around: Around, case: Case) -> Reply | None:
    found = around.store.reply(case.brand, case.open_replies[-1]) if case.open_replies else None
    return found if found and found.state not in (ReplyState.SENT, ReplyState.FAILED) else None


def _add_note(around: Around, case: Case, command: commands.AddNote, now: datetime) -> Plan:
    happened, rows = note(case, command, command.text, now)
    if not happened:
        raise Refusal("The note is empty; write something first.")
    return (case, happened), rows


def _revise_note(around: Around, case: Case, command: commands.ReviseNote, now: datetime) -> Plan:
    known = around.store.message(case.brand, command.note_id)
    if known is None or (known.direction, known.case_id, known.author) != (Direction.NOTE, case.id, command.agent):
        raise NotFound("There is no such note of yours in this case.")
    after = known.revised(command.text, command.order, now)
    if after == known:
        return (case, []), []
    fact = Fact.NOTE_DELETED if after.deleted_at else Fact.NOTE_EDITED
    return (case, [Happening(fact, now, command.agent, {"message_id": known.id})]), [after]


def _assign(around: Around, case: Case, command: commands.Assign, now: datetime) -> Plan:
    colleague = around.config.agents.get(command.to)
    if colleague is None:
        raise NotFound("That person is not set up in Heed; ask an admin to add them in care.yaml.")
    if not may(colleague, commands.Take("", case.brand, case.id, colleague.id)):
        raise Refusal(f"{colleague.name} does not work on cases of this brand; choose somebody else.")
    return _handed(work.assigned(case, colleague.id, around.agent, now), case, command, now)


def _move(around: Around, case: Case, command: commands.Move, now: datetime) -> Plan:
    if command.queue not in around.config.queues:
        raise NotFound("There is no such team; choose one from the list.")
    return _handed(work.moved(case, command.queue, around.agent, now), case, command, now)


def _handed(turn: Turn, case: Case, command: commands.Assign | commands.Move, now: datetime) -> Plan:
    """The hand-over with its note."""
    (after, happened), (noted, rows) = turn, note(case, command, command.note, now)
    return (after, [*happened, *noted]), rows


def _set_priority(around: Around, case: Case, command: commands.SetPriority, now: datetime) -> Plan:
    by = around.agent.name
    return work.prioritised(case, command.priority, command.agent, now, command.reason, by), []


def _snooze(around: Around, case: Case, command: commands.Snooze, now: datetime) -> Plan:
    return work.snoozed(case, command.until, command.agent, now, command.reason), []


def _wake(around: Around, case: Case, command: commands.Wake, now: datetime) -> Plan:
    return work.woken(case, command.agent, now), []


def _tag(around: Around, case: Case, command: commands.Tag, now: datetime) -> Plan:
    after, happened = work.tagged(case, command.add, command.remove, command.agent, now)
    (after, more), rows = _tag_person(around, after, command, now)
    return (after, [*happened, *more]), rows


def _tag_person(around: Around, case: Case, command: commands.Tag, now: datetime) -> Plan:
    """Kept with the person; this case is matched anew at once, later ones have them from the beginning."""
    if not command.person_add and not command.person_remove:
        return (case, []), []
    person, _ = around.store.contact(case.brand, case.contact_id)
    if person is None or person.erased_at is not None:
        raise NotFound("This person is not known any more.")
    tags, data = retagged(person.tags, command.person_add, command.person_remove)
    if not data:
        return (case, []), []
    origin = replace(case.origin, tags=tags) if case.origin and case.live else case.origin
    told = Happening(Fact.CONTACT_TAGGED, now, command.agent, data)
    return (replace(case, origin=origin), [told]), [replace(person, tags=tags)]


def _dismiss(around: Around, case: Case, command: commands.Dismiss, now: datetime) -> Plan:
    return work.dismissed(case, command.agent, now, command.reason), []


HANDLERS: Mapping[type[commands.Command], Handler] = {
    commands.Take: _take,
    commands.Release: _release,
    commands.Resolve: _resolve,
    commands.Reopen: _reopen,
    commands.AddNote: _add_note,
    commands.ReviseNote: _revise_note,
    commands.Assign: _assign,
    commands.Move: _move,
    commands.SetPriority: _set_priority,
    commands.Snooze: _snooze,
    commands.Wake: _wake,
    commands.Tag: _tag,
    commands.Dismiss: _dismiss,
}
