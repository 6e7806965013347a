"""What a timeline row owes to the outside. Each effect has a deterministic name, so doing it twice does it once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.instants import instant
from chalicelib.domain.timeline import Fact, TimelineEvent

_ALARMING = frozenset({Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED, Fact.CASE_NOTIFIED})
_DELIVERABLE = frozenset({Fact.REPLY_QUEUED, Fact.REPLY_APPROVED, Fact.REPLY_DEFERRED, Fact.REPLY_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell the subscribers of a topic."""

    topic: str
    event: TimelineEvent


@dataclass(frozen=True, slots=True)
class Arm:
    """Start a timer that wakes the clocks of a case."""

    name: str
    brand: str
    case_id: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Disarm:
    """Stop a timer nobody needs. Best effort: one that runs out all the same finds nothing to do."""

    name: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand a reply, or an act upon a message, to the delivery worker, not before ``delay`` from now."""

    brand: str
    reply_id: str = ""
    not_before: datetime | None = None
    action_id: str = ""

    def delay(self, now: datetime) -> timedelta:
        return max(self.not_before - now, timedelta()) if self.not_before else timedelta()


@dataclass(frozen=True, slots=True)
class Count:
    """Add a broken promise to those of its queue, for chains that go on only in a flood."""

    name: str
    brand: str
    queue: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pursue:
    """Let the clock worker start the chain of a breach that came to light while something else was written."""

    brand: str
    case_id: str
    seq: int


Effect = Publish | Arm | Disarm | Deliver | Count | Pursue

CASE_EVENTS = "case-events"
SLA_BREACHES = "sla-breaches"


def owed(event: TimelineEvent) -> list[Effect]:
    """What of it was not done yet."""
    return [effect for effect in effects(event) if label(effect) not in event.done] if event.pending else []


def effects(event: TimelineEvent) -> Iterator[Effect]:
    """Everything one row owes, most urgent first: the words to the customer, the news, and last the timers.

    Timers can wait: until they are started the auditor watches the case's checkpoint.
    """
    if event.fact in _DELIVERABLE:
        not_before = event.data.get("not_before")
        yield Deliver(event.brand, event.data["reply_id"], instant(not_before) if not_before else None)
    if event.fact is Fact.ACT_QUEUED:
        yield Deliver(event.brand, action_id=event.data["action_id"])
    if event.fact in _ALARMING:
        yield Publish(SLA_BREACHES, event)
    yield Publish(CASE_EVENTS, event)
    if event.fact is Fact.CLOCK_BREACHED:
        yield from _of_a_breach(event)
    if event.arm is not None:
        yield Arm(event_name(event.case_id, event.seq), event.brand, event.case_id, event.revision, event.arm)
    if event.disarm is not None:
        yield Disarm(event_name(event.case_id, event.disarm))


def _of_a_breach(event: TimelineEvent) -> Iterator[Effect]:
    if event.data.get("found"):
        yield Pursue(event.brand, event.case_id, event.seq)
    yield Count(event_name(event.case_id, event.seq), event.brand, event.queue, event.at)


def label(effect: Effect) -> str:
    """What an effect is called among those of its row."""
    return effect.topic if isinstance(effect, Publish) else type(effect).__name__.lower()


def event_name(case_id: str, seq: int) -> str:
    """A name after the event; Step Functions takes it for an execution (1-80 letters, digits, - and _)."""
    return f"{case_id}-{seq}"
