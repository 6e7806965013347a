"""What happened to a case, in past tense and in order. A row that still owes an effect is also the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Fact(StrEnum):
    CASE_OPENED = "case.opened"
    CASE_REOPENED = "case.reopened"
    CASE_TAKEN = "case.taken"
    CASE_RELEASED = "case.released"
    CASE_SOLVED = "case.solved"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_HIDDEN = "message.hidden"
    MESSAGE_REACTED = "message.reacted"
    NOTE_ADDED = "note.added"
    REPLY_QUEUED = "reply.queued"
    REPLY_DEFERRED = "reply.deferred"
    REPLY_SENT = "reply.sent"
    REPLY_FAILED = "reply.failed"
    REPLY_UNKNOWN = "reply.unknown"
    REPLY_ELSEWHERE = "reply.elsewhere"
    CLOCK_MET = "clock.met"
    CLOCK_WARNED = "clock.warned"
    CLOCK_BREACHED = "clock.breached"


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact before it has its place in the timeline. ``at`` is when it was true; ``data`` holds ids and our words."""

    fact: Fact
    at: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A fact in its place. ``pending`` while an effect is owed; ``arm`` is a checkpoint that needs a timer."""

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
    arm: datetime | None = None
    pending: bool = True
    version: int = 0
