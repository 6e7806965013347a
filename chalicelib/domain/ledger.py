"""How clocks are kept during one write: each change of one is an entry in its log."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, start
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.instants import iso
from chalicelib.domain.target import AlwaysOpen, Metric, Target, Timekeeper
from chalicelib.domain.timeline import Fact, Happening

SYSTEM = "system"
ENDED_CLOCKS_KEPT = 10
BY_REVISION = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)
"""Metrics that have one clock for each time the case was open; its instance is the revision."""

Logged = tuple[Happening, tuple[ClockEvent, ...]]


class Ledger:
    """The clocks of one case and what is still to be written into their logs."""

    def __init__(self, before: Case | None, after: Case) -> None:
        self.before, self.case = before, after
        self._entries: list[ClockEvent] = []
        self._breaches: list[Logged] = []

    def told(self) -> tuple[list[Logged], tuple[ClockEvent, ...]]:
        """The breaches found since the last time, and all other entries."""
        breaches, entries = self._breaches, tuple(self._entries)
        self._breaches, self._entries = [], []
        return breaches, entries

    def done(self) -> Case:
        """The case with its clocks; of those that ended only as many as are needed."""
        ended = [clock for clock in self.case.clocks if not clock.open]
        last = {clock.metric: clock for clock in ended}
        others = [clock for clock in ended if clock is not last[clock.metric]]
        room = max(ENDED_CLOCKS_KEPT - len(last), 0)
        kept = [*last.values(), *(others[-room:] if room else ())]
        clocks = tuple(clock for clock in self.case.clocks if clock.open or any(clock is one for one in kept))
        return replace(self.case, clocks=clocks)

    def log(self, entry: ClockEvent) -> None:
        self._entries.append(entry)

    def all_open(self) -> list[Clock]:
        return [clock for clock in self.case.clocks if clock.open]

    def open(self, metric: Metric, about: str = "") -> list[Clock]:
        """The clocks of this metric that have not ended; only those about one thing, if it is given."""
        found = [clock for clock in self.all_open() if clock.metric is metric]
        return [clock for clock in found if about in ("", clock.about)]

    def target(self, clock: Clock) -> Target:
        """What the policy says about this clock now; where it leaves the due time to others, what they said."""
        given = (target for target in self.case.targets if target.metric is clock.metric)
        found = next(given, Target(clock.metric, timedelta(), timedelta()))
        return found if found.within else replace(found, within=clock.target, calendar=None)

    def calendar(self, clock: Clock) -> Timekeeper:
        """In which calendar the clock has counted so far."""
        targets = self.before.targets if self.before else self.case.targets
        given = next((one for one in targets if one.metric is clock.metric and one.within), None)
        return given.timekeeper if given else AlwaysOpen()

    def begin(self, metric: Metric, at: datetime, about: str = "") -> None:
        """Start the clock of this metric, if the policy promises it."""
        for target in self.case.targets:
            if target.metric is metric and target.within:
                self.start(target, at, about)

    def start(self, target: Target, at: datetime, about: str = "") -> None:
        taken = [clock.instance for clock in self.case.clocks if clock.metric is target.metric]
        first = self.case.revision if target.metric in BY_REVISION else 0
        instance = max([first, *(one + 1 for one in taken)])
        revision = self.case.revision
        clock = start(target, at, instance, target.timekeeper, about=about, revision=revision)
        self.case = replace(self.case, clocks=(*self.case.clocks, clock))
        self._told(clock, ClockStep.ACTIVATE, at, about)

    def change(self, clock: Clock, becomes: Clock, kind: ClockStep, at: datetime, why: str = "") -> Clock:
        """Put one clock in the place of another, and write down why."""
        clocks = tuple(becomes if one is clock else one for one in self.case.clocks)
        self.case = replace(self.case, clocks=clocks)
        self._told(becomes, kind, at, why)
        return becomes

    def _told(self, clock: Clock, kind: ClockStep, at: datetime, why: str) -> None:
        shown = kind not in (ClockStep.PAUSE, ClockStep.FULFIL, ClockStep.CANCEL)
        self.log(
            ClockEvent(
                metric=clock.metric,
                instance=clock.instance,
                kind=kind,
                at=at,
                due_at=clock.due_at if shown else None,
                why=why,
                consumed=None if kind is ClockStep.ACTIVATE else clock.consumed,
                target=clock.target if kind in (ClockStep.ACTIVATE, ClockStep.RECOMPUTE) else None,
            )
        )

    def resume(self, clock: Clock, at: datetime, why: str = "") -> Clock:
        again = clock.resuming(at, self.target(clock))
        return self.change(clock, again, ClockStep.RESUME, again.resumed_at or at, why)

    def meet(self, metric: Metric, at: datetime, about: str = "") -> None:
        """End the clocks that waited for this. What is older than their anchor cannot be what they waited for."""
        for clock in self.open(metric, about):
            if clock.anchor_at <= at:
                self.end(clock, at, ClockStep.FULFIL)

    def end(self, clock: Clock, at: datetime, kind: ClockStep, why: str = "") -> None:
        found = self.find_breach(clock, at)
        counted = found.counted(at, self.calendar(found))
        ended = counted.met(at) if kind is ClockStep.FULFIL else counted.cancelled(at)
        self.change(found, replace(ended, paused_at=at, pause_reason=""), kind, at, why)

    def cancel_all(self, at: datetime, why: str) -> None:
        for clock in self.all_open():
            self.end(clock, at, ClockStep.CANCEL, why)

    def find_breach(self, clock: Clock, at: datetime) -> Clock:
        """The clock, broken if its time was over before this moment; a breach found so is a fact of its own."""
        if clock.breached_at is not None or not clock.late(at):
            return clock
        waiting, self._entries = self._entries, []
        broken = self.change(clock, clock.breached(), ClockStep.BREACH, clock.due_at)
        (entry,), self._entries = self._entries, waiting
        self._breaches.append((of_clock(Fact.CLOCK_BREACHED, broken, broken.due_at), (entry,)))
        return broken


def of_clock(fact: Fact, clock: Clock, at: datetime) -> Happening:
    """A warning or a breach, as the world is told of it."""
    data = {"metric": clock.metric.value, "instance": clock.instance, "due_at": iso(clock.due_at)}
    return Happening(fact, at, SYSTEM, data)
