"""What is to be told to whom by which way, as a row of the timeline says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.case import Case
from chalicelib.domain.escalation import Address, Way
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import instant
from chalicelib.domain.timeline import Fact, TimelineEvent

WARNED, BREACHED, ESCALATED = Fact.CLOCK_WARNED.value, Fact.CLOCK_BREACHED.value, ""
"""What a notice may be about; the steps of a chain came first and need no name."""
SEVERAL = {BREACHED: "promises broken", WARNED: "promises in danger", ESCALATED: "cases escalated"}
"""The same in words, as many, and in the order in which they are told."""
HEADS = {BREACHED: "promise broken", WARNED: "promise in danger", ESCALATED: "escalated"}
_ONE = {BREACHED: "a promise was broken", WARNED: "a promise is about to break"}
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
    what: str = ESCALATED


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


@dataclass(frozen=True, slots=True)
class Part:
    """Of a summary what is about the same: how many, those known by name, and the oldest promise among them."""

    what: str
    count: int
    cases: Sequence[Case]
    due_at: datetime | None


def notices(event: TimelineEvent, alerts: Sequence[Address] = ()) -> Iterator[Notice]:
    """The notices an event asks for: the step of a chain; a warning or breach for those who are told of the team's."""
    data = event.data
    due_at = instant(data["due_at"]) if data.get("due_at") else None
    about = (event.brand, event.case_id, event.queue)
    if event.fact is Fact.CASE_NOTIFIED:
        yield Notice(data["name"], *about, Way(data["way"]), data.get("target", ""), event.at, due_at)
    if event.fact.value in _ONE:
        for one in alerts:
            name = f"alert-{event.seq}-{digest(one.way, one.target)}"
            yield Notice(name, *about, one.way, one.target, event.at, due_at, event.fact.value)


def over(case: Case, what: str, since: datetime) -> bool:
    """Whether nobody need be called for it any more: what people do silences at the source."""
    escalation = case.escalation
    if not case.live or (escalation and escalation.acknowledged_at and escalation.acknowledged_at >= since):
        return True
    if what != ESCALATED:
        return not any(clock.running and (clock.warned_at or clock.breached_at) for clock in case.clocks)
    return escalation is None or (escalation.ended_at is not None and escalation.ended_why not in _RAN_OUT)


def sentence(told: Notice, team: str) -> str:
    """One notice for those who cannot see the case."""
    due = f"; due {_moment(told.due_at)}" if told.due_at else ""
    if told.what in _ONE:
        return f"Case {told.case_id} in {team}: {_ONE[told.what]}{due}."
    return f"Case {told.case_id} in {team} waits and nobody has followed yet{due}."


def summary(parts: Sequence[Part], team: str) -> str:
    """Many of them, counted apart by what they are about."""
    counted = ", ".join(f"{one.count} more {SEVERAL[one.what]}" for one in parts)
    oldest = oldest_of(parts)
    return f"{counted} in {team}{f'; the oldest was due {_moment(oldest)}' if oldest else ''}."


def oldest_of(parts: Sequence[Part]) -> datetime | None:
    return min((one.due_at for one in parts if one.due_at), default=None)


def cases_of(parts: Sequence[Part]) -> list[Case]:
    """Each once, those first whose part comes first."""
    return list({case.id: case for one in reversed(parts) for case in reversed(one.cases)}.values())[::-1]


def joined(parts: Sequence[Part]) -> list[Part]:
    """One for each thing they are about, in order; what nothing is left of is left out."""
    found = {what: [one for one in parts if one.what == what] for what in SEVERAL}
    whole = [Part(what, sum(one.count for one in of), cases_of(of), oldest_of(of)) for what, of in found.items()]
    return [one for one in whole if one.count > 0]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
