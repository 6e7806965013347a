"""What happened to a case, in past tense and in order. A row that still owes an effect is also the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.clock_log import ClockEvent


class Fact(StrEnum):
    CASE_OPENED = "case.opened"
    CASE_REOPENED = "case.reopened"
    CASE_TAKEN = "case.taken"
    CASE_RELEASED = "case.released"
    CASE_RESOLVING = "case.resolving"
    CASE_SOLVED = "case.solved"
    CASE_DISMISSED = "case.dismissed"
    CASE_ASSIGNED = "case.assigned"
    CASE_MOVED = "case.moved"
    CASE_PRIORITY = "case.priority"
    CASE_SNOOZED = "case.snoozed"
    CASE_WOKEN = "case.woken"
    CASE_TAGGED = "case.tagged"
    CONTACT_TAGGED = "contact.tagged"
    CASE_MERGED = "case.merged"
    CASE_LINKED = "case.linked"
    CASE_HANDED = "case.handed"
    CASE_ESCALATED = "case.escalated"
    CASE_ACKNOWLEDGED = "case.acknowledged"
    CASE_UNACKNOWLEDGED = "case.unacknowledged"
    CASE_NOTIFIED = "case.notified"
    CASE_HELD = "case.held"
    CASE_UNHELD = "case.unheld"
    CASE_ERASED = "case.erased"
    CONTACT_ERASED = "contact.erased"
    CONTACT_UNREACHABLE = "contact.unreachable"
    POLICY_APPLIED = "policy.applied"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_HIDDEN = "message.hidden"
    MESSAGE_REACTED = "message.reacted"
    NOTE_ADDED = "note.added"
    NOTE_EDITED = "note.edited"
    NOTE_DELETED = "note.deleted"
    ACT_QUEUED = "act.queued"
    ACT_DONE = "act.done"
    ACT_FAILED = "act.failed"
    REPLY_HELD = "reply.held"
    REPLY_APPROVED = "reply.approved"
    REPLY_REJECTED = "reply.rejected"
    REPLY_UNDONE = "reply.undone"
    REPLY_QUEUED = "reply.queued"
    REPLY_DEFERRED = "reply.deferred"
    REPLY_SENT = "reply.sent"
    REPLY_FAILED = "reply.failed"
    REPLY_UNKNOWN = "reply.unknown"
    REPLY_ECHOED = "reply.echoed"
    REPLY_ELSEWHERE = "reply.elsewhere"
    CLOCK_WARNED = "clock.warned"
    CLOCK_BREACHED = "clock.breached"
    POLICY_PUSHED = "policy.pushed"
    PERSON_EXPORTED = "person.exported"
    PERSON_HELD = "person.held"
    PERSON_RELEASED = "person.released"
    PERSON_ERASED = "person.erased"
    ERASURES_REAPPLIED = "erasures.reapplied"
    TRAIL_EXPORTED = "trail.exported"
    LETTERS_REDRIVEN = "letters.redriven"
    LETTER_SHOWN = "letter.shown"
    PERSON_FOUND = "person.found"


OF_OPERATORS = frozenset(
    {
        *(Fact.POLICY_PUSHED, Fact.PERSON_EXPORTED, Fact.PERSON_HELD, Fact.PERSON_RELEASED, Fact.PERSON_ERASED),
        *(Fact.ERASURES_REAPPLIED, Fact.TRAIL_EXPORTED, Fact.LETTERS_REDRIVEN, Fact.LETTER_SHOWN, Fact.PERSON_FOUND),
    }
)
"""What happens to a brand, not to one case: see logbook."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact before it has its place in the timeline. ``at`` is when it was true; ``data`` holds ids and our words."""

    fact: Fact
    at: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A fact in its place. ``pending`` while an effect is owed, ``done`` names those that were done before the others;
    ``arm`` is a checkpoint that needs a timer, ``disarm`` the event whose timer nobody needs any more.

    ``clocks`` is what it did to the clocks: together the rows are the log from which reports are made.
    ``changed`` says what of the case is not what it was, ``prev`` and ``hash`` chain it to the event before: see audit.
    """

    brand: str
    case_id: str
    seq: int
    fact: Fact
    at: datetime
    recorded_at: datetime
    actor: str
    queue: str
    priority: str
    channel: str
    revision: int
    data: Mapping[str, Any] = field(default_factory=dict)
    clocks: tuple[ClockEvent, ...] = ()
    arm: datetime | None = None
    disarm: int | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)
    prev: str = ""
    hash: str = ""
    pending: bool = True
    done: tuple[str, ...] = ()
    version: int = 0
