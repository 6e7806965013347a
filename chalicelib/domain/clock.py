"""SLA clocks: pure arithmetic. A breach is decided by comparing timestamps, never by when somebody looked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.target import Metric, Target, Timekeeper

_NOTHING = timedelta()
_MILLISECOND = timedelta(milliseconds=1)


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class CheckpointKind(StrEnum):
    WARN = "warn"
    DUE = "due"
    SNOOZE = "snooze"
    CLAIM = "claim"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment at which something is to be done: tell a team, if the clock still runs; end a snooze; escalate."""

    metric: Metric | None
    kind: CheckpointKind
    at: datetime

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.at, self.metric or "", self.kind


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise being kept. ``breached_at`` is when it broke, ``ended_at`` when the answer came, late or not.

    ``consumed`` is the time that counted before ``resumed_at`` (or the anchor). ``warn_at`` is the next warning, or the
    last one given. ``about`` is the conversation or reply it belongs to, where a case may have several.
    """

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
    consumed: timedelta = _NOTHING
    resumed_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str = ""
    paused: timedelta = _NOTHING
    later_warns: tuple[datetime, ...] = ()
    about: str = ""
    revision: int = 0

    @property
    def open(self) -> bool:
        """Whether it has not ended; it may be paused."""
        return self.ended_at is None

    @property
    def running(self) -> bool:
        """Whether an answer is awaited now; a breached clock runs on until the answer comes, a paused one does not."""
        return self.open and self.state is not ClockState.PAUSED

    @property
    def since(self) -> datetime:
        """Since when it has run without a pause."""
        return self.resumed_at or self.anchor_at

    def checkpoints(self) -> Iterator[Checkpoint]:
        """What is still to be told about this clock, earliest first."""
        if self.running and self.breached_at is None:
            for at in (self.warn_at, *self.later_warns):
                if at < self.due_at and (self.warned_at is None or at > self.warned_at):
                    yield Checkpoint(self.metric, CheckpointKind.WARN, at)
            yield Checkpoint(self.metric, CheckpointKind.DUE, self.due_at)

    def warned(self, at: datetime) -> "Clock":
        ahead = [one for one in self.later_warns if one > at]
        return replace(self, warned_at=at, warn_at=ahead[0] if ahead else self.warn_at, later_warns=tuple(ahead[1:]))

    def breached(self) -> "Clock":
        return replace(self, state=ClockState.BREACHED, breached_at=self.due_at)

    def met(self, at: datetime) -> "Clock":
        """The answer came. Late ones stay breached, even when nobody had noticed the breach yet."""
        if self.late(at):
            return replace(self.breached(), ended_at=at)
        return replace(self, state=ClockState.MET, ended_at=at)

    def cancelled(self, at: datetime) -> "Clock":
        """The promise became void. A breach that had happened before stays one."""
        if self.late(at) or self.breached_at is not None:
            return replace(self.breached(), ended_at=at)
        return replace(self, state=ClockState.CANCELLED, ended_at=at)

    def void(self, at: datetime) -> "Clock":
        """Nothing was ever promised here: neither kept nor broken, whenever it broke."""
        return replace(self, state=ClockState.CANCELLED, ended_at=at)

    def late(self, at: datetime) -> bool:
        """Whether it is broken if nothing came before this moment. A paused clock breaks no more than it had."""
        if self.state is ClockState.PAUSED:
            return self.breached_at is not None
        return at > self.due_at

    def remaining(self, at: datetime, calendar: Timekeeper) -> timedelta:
        """How much of it is left at a moment, in counted time; negative by how much it is too late.

        Nothing is consumed while it is paused, or once it has ended.
        """
        counts = self.running and at > self.since
        return self.target - self.consumed - (calendar.between(self.since, at) if counts else _NOTHING)

    def counted(self, at: datetime, calendar: Timekeeper) -> "Clock":
        """With the time up to this moment consumed. A paused clock consumes nothing."""
        if self.state is ClockState.PAUSED:
            paused = self.paused + _passed(self.paused_at, at)
            return replace(self, paused=paused, paused_at=max(at, self.paused_at or at))
        until = max(at, self.since)
        return replace(self, consumed=_whole(self.consumed + calendar.between(self.since, until)), resumed_at=until)

    def pausing(self, at: datetime, reason: str, calendar: Timekeeper) -> "Clock":
        """Time does not count from here on. Breached or not it stays what it was."""
        counted = self.counted(at, calendar)
        at = max(at, self.since)
        return replace(counted, state=ClockState.PAUSED, paused_at=at, pause_reason=reason)

    def resuming(self, at: datetime, target: Target) -> "Clock":
        """Time counts again: what was left of it when the pause began is left now."""
        at = max(at, self.paused_at or at)
        paused = self.paused + _passed(self.paused_at, at)
        again = replace(self, paused=paused, paused_at=None, pause_reason="", resumed_at=at, ended_at=None)
        return again.rescheduled(at, target)

    def retargeted(self, at: datetime, target: Target, calendar: Timekeeper) -> "Clock":
        """Another promise for the same thing: consumed and paused time are kept. ``calendar`` is the one so far.

        A promise that is shorter than what was consumed already is due now, not in the past.
        """
        if self.state is ClockState.PAUSED:
            return replace(self, target=target.within)
        return replace(self.counted(at, calendar), target=target.within).rescheduled(max(at, self.since), target)

    def behind(self, spent: timedelta, at: datetime, target: Target) -> "Clock":
        """Promised only now for what began long ago: so much of it is consumed. It is due now at the earliest."""
        return replace(self, consumed=_whole(spent), resumed_at=at).rescheduled(at, target)

    def reanchored(self, at: datetime, target: Target) -> "Clock":
        """It counts from another moment, as if it had begun there."""
        fresh = start(target, at, self.instance, target.timekeeper)
        return replace(fresh, revision=self.revision, about=self.about, warned_at=self.warned_at)

    def rescheduled(self, at: datetime, target: Target) -> "Clock":
        """The due time and warnings for what is left of the target at this moment. A broken promise stays broken."""
        if self.breached_at is not None:
            return replace(self, state=ClockState.BREACHED)
        calendar, left = target.timekeeper, self.target - self.consumed
        due = calendar.add(at, max(left, _NOTHING))
        ahead = [left - warn for warn in target.warns if left > warn]
        if len(ahead) < len(target.warns) and self.warned_at is None and left > _NOTHING:
            ahead.insert(0, _NOTHING)
        first, *later = [calendar.add(at, span) if span else at for span in ahead] or [due]
        return replace(self, state=ClockState.RUNNING, due_at=due, warn_at=first, later_warns=tuple(later))


def start(
    target: Target, anchor: datetime, instance: int, calendar: Timekeeper, *, about: str = "", revision: int = 0
) -> Clock:
    """A running clock. The warnings are counted in the same calendar as the target."""
    first, *later = [calendar.add(anchor, max(target.within - warn, _NOTHING)) for warn in target.warns]
    return Clock(
        metric=target.metric,
        instance=instance,
        anchor_at=anchor,
        target=target.within,
        warn_at=first,
        due_at=calendar.add(anchor, target.within),
        later_warns=tuple(later),
        about=about,
        revision=revision,
    )


def _passed(start: datetime | None, end: datetime) -> timedelta:
    return max(end - start, _NOTHING) if start else _NOTHING


def _whole(span: timedelta) -> timedelta:
    """No finer than an instant is written down."""
    return span - span % _MILLISECOND
