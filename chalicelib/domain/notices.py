"""What is to be told to whom by which way, as a row of the timeline says it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.escalation import Way
from chalicelib.domain.instants import instant
from chalicelib.domain.timeline import Fact, TimelineEvent

_RAN_OUT = frozenset({"nobody followed", "no flood"})


@dataclass(frozen=True, slots=True)
class Notice:
    """``name`` is the same for the same step of the same escalation, however often it is asked for."""

    name: str
    brand: str
    case_id: str
    queue: str
    way: Way
    target: str
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A notice for those outside Slack. ``text`` is ours: it names cases, never customers or their words."""

    name: str
    brand: str
    queue: str
    way: str
    target: str
    subject: str
    text: str
    cases: tuple[str, ...]
    count: int


def notice(event: TimelineEvent) -> Notice | None:
    """The notice an event asks for."""
    if event.fact is not Fact.CASE_NOTIFIED:
        return None
    data = event.data
    due_at = instant(data["due_at"]) if data.get("due_at") else None
    way = Way(data["way"])
    return Notice(data["name"], event.brand, event.case_id, event.queue, way, data.get("target", ""), event.at, due_at)


def stale(told: Notice, case: Case) -> bool:
    """Whether somebody acted between the step and its telling: an acknowledgement silences at the source."""
    escalation = case.escalation
    if not case.live or escalation is None:
        return True
    if escalation.acknowledged_at is not None and escalation.acknowledged_at >= told.at:
        return True
    return escalation.ended_at is not None and escalation.ended_why not in _RAN_OUT
