"""SLA clocks: pure arithmetic. A breach is decided by comparing timestamps, never by when somebody looked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.calendar import Calendar


class Metric(StrEnum):
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class CheckpointKind(StrEnum):
    WARN = "warn"
    DUE = "due"


class Timekeeper(Protocol):
    """Whoever says when time counts."""

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which ``span`` of counted time has passed since ``start``."""


class AlwaysOpen:
    """Every second counts."""

    def add(self, start: datetime, span: timedelta) -> datetime:
        return start + span


@dataclass(frozen=True, slots=True)
class Target:
    """What a policy promises for one metric: answer within ``within``, warn ``warn_before`` that.

    Both count in ``calendar``; without one every second counts.
    """

    metric: Metric
    within: timedelta
    warn_before: timedelta
    calendar: Calendar | None = None

    @property
    def timekeeper(self) -> Timekeeper:
        return self.calendar or AlwaysOpen()

    def copied(self, at: datetime) -> "Target":
        """The target for a case that begins now, with as much of the calendar as its clocks can need."""
        return replace(self, calendar=self.calendar.since(at)) if self.calendar else self


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment at which somebody must be told, if the clock still runs."""

    metric: Metric
    kind: CheckpointKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise being kept. ``breached_at`` is when it broke, ``ended_at`` when the answer came, late or not."""

    metric: Metric
    instance: int
    anchor_at: datetime
    target: timedelta
    warn_at: datetime
    due_at: datetime
    state: ClockState = ClockState.RUNNING
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether an answer is still awaited; a breached clock runs on until the answer comes."""
        return self.ended_at is None

    def checkpoints(self) -> Iterator[Checkpoint]:
        """What is still to be told about this clock, earliest first."""
        if self.running and self.breached_at is None:
            if self.warned_at is None and self.warn_at < self.due_at:
                yield Checkpoint(self.metric, CheckpointKind.WARN, self.warn_at)
            yield Checkpoint(self.metric, CheckpointKind.DUE, self.due_at)

    def warned(self, at: datetime) -> "Clock":
        return replace(self, warned_at=at)

    def breached(self) -> "Clock":
        return replace(self, state=ClockState.BREACHED, breached_at=self.due_at)

    def met(self, at: datetime) -> "Clock":
        """The answer came. Late ones stay breached, even when nobody had noticed the breach yet."""
        if at > self.due_at:
            return replace(self.breached(), ended_at=at)
        return replace(self, state=ClockState.MET, ended_at=at)

    def cancelled(self, at: datetime) -> "Clock":
        """The promise became void. A breach that had happened before stays one."""
        if at > self.due_at:
            return replace(self.breached(), ended_at=at)
        return replace(self, state=ClockState.CANCELLED, ended_at=at)


def start(target: Target, anchor: datetime, instance: int, calendar: Timekeeper) -> Clock:
    """A running clock. The warning is counted in the same calendar as the target."""
    return Clock(
        metric=target.metric,
        instance=instance,
        anchor_at=anchor,
        target=target.within,
        warn_at=calendar.add(anchor, target.within - target.warn_before),
        due_at=calendar.add(anchor, target.within),
    )
