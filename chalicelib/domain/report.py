"""What became of every promise of a case, reckoned from the log in its timeline alone: no clock is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.answers import author
from chalicelib.domain.clock import ClockState
from chalicelib.domain.clock_log import VOID, ClockEvent, ClockStep
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import TimelineEvent

Name = tuple[Metric, int]
Cause = tuple[str, str]
"""Why time did not count, and who brought that about."""

_NOTHING = timedelta()
_GOES_ON = (ClockStep.RESUME, ClockStep.FULFIL, ClockStep.CANCEL, ClockStep.ACTIVATE)


class Verdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    NEITHER = "neither"
    """Void, or not decided yet."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One promise. ``consumed`` is time by its calendar, up to its end or last pause; ``pauses`` says why it rested."""

    metric: Metric
    instance: int
    anchor_at: datetime
    due_at: datetime
    target: timedelta = _NOTHING
    state: ClockState = ClockState.RUNNING
    consumed: timedelta = _NOTHING
    warned: tuple[datetime, ...] = ()
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    cause: Cause | None = None
    pauses: Mapping[Cause, timedelta] = field(default_factory=dict)

    @property
    def wall(self) -> timedelta | None:
        """How long it took by any clock on the wall, pauses included; None while it runs."""
        return self.ended_at - self.anchor_at if self.ended_at else None

    @property
    def paused(self) -> timedelta:
        return sum(self.pauses.values(), _NOTHING)

    @property
    def verdict(self) -> Verdict:
        if self.state is ClockState.MET:
            return Verdict.KEPT
        return Verdict.BROKEN if self.breached_at and self.state is not ClockState.CANCELLED else Verdict.NEITHER

    @property
    def by(self) -> timedelta | None:
        """How much counted time was left when it ended; negative when it was too late. None while it runs."""
        return self.target - self.consumed if self.ended_at else None


def report(timeline: Iterable[TimelineEvent]) -> dict[Name, Measured]:
    """Every promise the timeline tells of."""
    found: dict[Name, Measured] = {}
    for event in timeline:
        for entry in event.clocks:
            name = entry.metric, entry.instance
            known = found.get(name) or Measured(entry.metric, entry.instance, entry.at, entry.due_at or entry.at)
            found[name] = _after(known, entry, author(event))
    return found


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which clocks of a case rested: why, and who brought that about. Open ones have no ``end``."""

    begin: datetime
    end: datetime | None
    why: str
    who: str

    def within(self, since: datetime, until: datetime) -> timedelta:
        return max(min(self.end or until, until) - max(self.begin, since), _NOTHING)


def pauses(timeline: Iterable[TimelineEvent]) -> list[Pause]:
    """When a case rested, each time once, however many of its clocks did."""
    resting: dict[Name, Pause] = {}
    found: list[Pause] = []
    for event in timeline:
        for entry in event.clocks:
            name = entry.metric, entry.instance
            if entry.kind is ClockStep.PAUSE:
                resting[name] = Pause(entry.at, None, entry.why, author(event))
            elif entry.kind in _GOES_ON and name in resting:
                found.append(replace(resting.pop(name), end=entry.at))
    return _joined([*found, *resting.values()])


def _joined(found: Iterable[Pause]) -> list[Pause]:
    """Of those that overlap the first says who it was; all of one moment have one reason, the case's status."""
    joined: list[Pause] = []
    for one in sorted(found, key=lambda pause: pause.begin):
        last = joined[-1] if joined else None
        if last is None or (last.end is not None and one.begin >= last.end):
            joined.append(one)
        elif last.end is not None:
            joined[-1] = replace(last, end=max(one.end, last.end) if one.end else None)
    return joined


def _after(known: Measured, entry: ClockEvent, actor: str) -> Measured:
    consumed = known.consumed if entry.consumed is None else entry.consumed
    now = replace(known, consumed=consumed, due_at=entry.due_at or known.due_at, target=entry.target or known.target)
    if entry.kind is ClockStep.ACTIVATE:
        return Measured(now.metric, now.instance, entry.at, now.due_at, now.target)
    if entry.kind is ClockStep.PAUSE:
        return replace(now, state=ClockState.PAUSED, paused_at=entry.at, cause=(entry.why, actor))
    if entry.kind is ClockStep.RESUME:
        state = ClockState.BREACHED if now.breached_at else ClockState.RUNNING
        return replace(_rested(now, entry.at), state=state, ended_at=None)
    if entry.kind is ClockStep.WARN:
        return replace(now, warned=(*now.warned, entry.at))
    if entry.kind is ClockStep.BREACH:
        return replace(now, state=ClockState.BREACHED, breached_at=entry.at)
    if entry.kind in (ClockStep.FULFIL, ClockStep.CANCEL):
        return _ended(now, entry, actor)
    return now


def _rested(now: Measured, at: datetime) -> Measured:
    if now.paused_at is None or now.cause is None:
        return now
    span = max(at - now.paused_at, _NOTHING)
    pauses = {**now.pauses, now.cause: now.pauses.get(now.cause, _NOTHING) + span}
    return replace(now, pauses=pauses, paused_at=None, cause=None)


def _ended(now: Measured, entry: ClockEvent, actor: str) -> Measured:
    """A broken promise stays broken, unless what came was in time after all, or nothing had been asked."""
    rested = replace(_rested(now, entry.at), ended_at=entry.at, paused_at=entry.at, cause=("solved", actor))
    late = now.breached_at is not None
    if entry.kind is ClockStep.CANCEL:
        state = ClockState.BREACHED if late and entry.why not in VOID else ClockState.CANCELLED
        return replace(rested, state=state)
    in_time = not late or (now.state is not ClockState.PAUSED and entry.at <= now.due_at)
    return replace(rested, state=ClockState.MET if in_time else ClockState.BREACHED)
