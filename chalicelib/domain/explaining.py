"""Every clock of a case with its log, and where the two do not agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent
from chalicelib.domain.report import Measured, Name, report
from chalicelib.domain.standing import Standing, standing
from chalicelib.domain.timeline import TimelineEvent

COMPARED = ("state", "due_at", "target", "consumed", "breached_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Told:
    """One clock: where it stands, what its log alone says of it, and the log."""

    stands: Standing
    measured: Measured | None
    log: tuple[tuple[TimelineEvent, ClockEvent], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``differences`` are what the case keeps and its log tells otherwise; empty where both agree."""

    case: Case
    at: datetime
    clocks: tuple[Told, ...]
    differences: tuple[str, ...]


def explained(case: Case, timeline: Sequence[TimelineEvent], now: datetime) -> Explanation:
    measured = report(timeline)
    clocks = (
        Told(standing(case, clock, now), measured.get(_name(clock)), tuple(_log(clock, timeline)))
        for clock in case.clocks
    )
    return Explanation(case, now, tuple(clocks), tuple(differences(case, timeline)))


def _name(of: Clock | ClockEvent) -> Name:
    return of.metric, of.instance


def _log(clock: Clock, timeline: Sequence[TimelineEvent]) -> Iterator[tuple[TimelineEvent, ClockEvent]]:
    return ((event, one) for event in timeline for one in event.clocks if _name(one) == _name(clock))


def differences(case: Case, timeline: Sequence[TimelineEvent]) -> Iterator[str]:
    if not timeline or timeline[0].seq != 1:
        yield "the beginning of the log is gone: it was kept as long as care.yaml says"
        return
    told: Mapping[Name, Measured] = report(timeline)
    for clock in case.clocks:
        measured = told.get(_name(clock))
        name = f"{clock.metric.value} {clock.instance}"
        if measured is None:
            yield f"{name}: its log is empty"
        else:
            yield from (f"{name}: {what}" for what in _differing(clock, measured))


def _differing(clock: Clock, measured: Measured) -> Iterator[str]:
    going = clock.state is ClockState.PAUSED
    for field in COMPARED if going else (*COMPARED, "paused"):
        kept, told = getattr(clock, field), getattr(measured, field)
        if kept != told:
            yield f"{field} is {kept} in the case, and {told} by its log"
