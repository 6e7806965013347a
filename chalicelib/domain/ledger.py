"""How clocks are kept during one write: each change of one is an entry in its log."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockState, start
from chalicelib.domain.clock_log import IN_TIME, ClockEvent, ClockStep
from chalicelib.domain.instants import iso
from chalicelib.domain.target import Metric, Target, Timekeeper
from chalicelib.domain.timeline import Fact, Happening

SYSTEM = "system"
ENDED_CLOCKS_KEPT = 4
BY_REVISION = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)
"""Metrics that have one clock for each time the case was open; its instance is the revision."""

Logged = tuple[Happening, tuple[ClockEvent, ...]]


def promised(case: Case, clock: Clock) -> Target:
    """What the policy says about a clock; where it leaves the due time to others, what they said."""
    found = case.target(clock.metric) or Target(clock.metric, timedelta(), timedelta())
    return found if found.within else replace(found, within=clock.target, calendar=None)


class Ledger:
    """The clocks of one case and what is still to be written into their logs.

    The case is what it becomes but for its promises: until something happens that changes them, the old ones hold.
    """

    def __init__(self, before: Case | None, after: Case) -> None:
        self.before, self.after = before, after
        self.case = replace(after, targets=before.targets, terms=before.terms) if before else after
        self._turn_page()

    def _turn_page(self) -> None:
        self._entries: list[ClockEvent] = []
        self._before: list[Logged] = []
        self._after: list[tuple[Happening, list[ClockEvent]]] = []

    def told(self, one: Happening) -> list[Logged]:
        """What happened with what it did to the clocks, among the breaches that came to light with it."""
        after = ((breach, tuple(entries)) for breach, entries in self._after)
        found = [*self._before, (one, tuple(self._entries)), *after]
        self._turn_page()
        return found

    def done(self) -> Case:
        """The case with its clocks; of those that ended only as many as are needed, or may be taken back."""
        ended = [clock for clock in self.case.clocks if not clock.open]
        last = {clock.metric: clock for clock in ended}
        others = [clock for clock in ended if clock is not last[clock.metric]]
        room = max(ENDED_CLOCKS_KEPT - len(last), 0)
        solved = [clock for clock in others if not self.case.live and clock.ended_at == self.case.solved_at]
        kept = [*last.values(), *(others[-room:] if room else ()), *solved]
        clocks = tuple(clock for clock in self.case.clocks if clock.open or any(clock is one for one in kept))
        return self.case if len(clocks) == len(self.case.clocks) else replace(self.case, clocks=clocks)

    def log(self, entry: ClockEvent) -> None:
        (self._after[-1][1] if self._after else self._entries).append(entry)

    def all_open(self) -> list[Clock]:
        return [clock for clock in self.case.clocks if clock.open]

    def open(self, metric: Metric, about: str = "") -> list[Clock]:
        """The clocks of this metric that have not ended; only those about one thing, if it is given."""
        found = [clock for clock in self.all_open() if clock.metric is metric]
        return [clock for clock in found if about in ("", clock.about)]

    def target(self, clock: Clock) -> Target:
        return promised(self.case, clock)

    def calendar(self, clock: Clock) -> Timekeeper:
        """In which calendar the clock counts."""
        return self.target(clock).timekeeper

    def begin(self, metric: Metric, at: datetime, about: str = "") -> None:
        """Start the clock of this metric, if the policy promises it."""
        target = self.case.target(metric)
        if target is not None and target.within:
            self.start(target, at, about)

    def start(self, target: Target, at: datetime, about: str = "") -> Clock:
        taken = [clock.instance for clock in self.case.clocks if clock.metric is target.metric]
        first = self.case.revision if target.metric in BY_REVISION else 0
        instance = max([first, *(one + 1 for one in taken)])
        revision = self.case.revision
        clock = start(target, at, instance, target.timekeeper, about=about, revision=revision)
        self.case = replace(self.case, clocks=(*self.case.clocks, clock))
        self.log(_entry(clock, ClockStep.ACTIVATE, at, about))
        return clock

    def change(self, clock: Clock, becomes: Clock, kind: ClockStep, at: datetime, why: str = "") -> Clock:
        """Put one clock in the place of another, and write down why."""
        self._put(clock, becomes)
        self.log(_entry(becomes, kind, at, why))
        return becomes

    def _put(self, clock: Clock, becomes: Clock) -> None:
        clocks = tuple(becomes if one is clock else one for one in self.case.clocks)
        self.case = replace(self.case, clocks=clocks)

    def anchor(self, clock: Clock, at: datetime, target: Target, why: str) -> None:
        """It counts from another moment. One that was broken by then stays broken, and another one begins.

        So it does after a breach that was none, because what we hear of now came before it: each is told once.
        """
        if clock.late(at):
            self.end(clock, at, ClockStep.CANCEL, why)
        elif clock.breached_at is not None:
            self.void(clock, at, IN_TIME)
        else:
            self.change(clock, clock.reanchored(at, target), ClockStep.ACTIVATE, at, why)
            return
        self.start(target, at, clock.about)

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

    def void(self, clock: Clock, at: datetime, why: str) -> None:
        """Neither kept nor broken; ``why`` is one of ``VOID``."""
        self.change(clock, clock.counted(at, self.calendar(clock)).void(at), ClockStep.CANCEL, at, why)

    def find_breach(self, clock: Clock, at: datetime) -> Clock:
        """The clock, broken if its time was over before this moment; a breach found so is a fact of its own."""
        if clock.breached_at is not None or not clock.late(at):
            return clock
        broken = clock.breached()
        self._put(clock, broken)
        breach = of_clock(self.case, Fact.CLOCK_BREACHED, broken, broken.due_at, found=iso(at))
        entry = _entry(broken, ClockStep.BREACH, broken.due_at, "")
        if any((one.metric, one.instance) == (clock.metric, clock.instance) for one in self._entries):
            self._after.append((breach, [entry]))  # begun by what is being told, it cannot break before that
        else:
            self._before.append((breach, (entry,)))
        return broken


def _says_when(clock: Clock, kind: ClockStep) -> bool:
    """Whether its due time means something: not while it is paused, and at its end only if it was broken."""
    if clock.state is ClockState.PAUSED:
        return False
    return kind not in (ClockStep.FULFIL, ClockStep.CANCEL) or clock.state is ClockState.BREACHED


def _entry(clock: Clock, kind: ClockStep, at: datetime, why: str) -> ClockEvent:
    shown = _says_when(clock, kind)
    return ClockEvent(
        metric=clock.metric,
        instance=clock.instance,
        kind=kind,
        at=at,
        due_at=clock.due_at if shown else None,
        why=why,
        consumed=None if kind is ClockStep.ACTIVATE else clock.consumed,
        target=clock.target if kind in (ClockStep.ACTIVATE, ClockStep.RECOMPUTE) else None,
    )


def of_clock(case: Case, fact: Fact, clock: Clock, at: datetime, **more: str) -> Happening:
    """A warning or a breach, as the world is told of it; a breach with the chain that this promise has for itself.

    ``found`` is when something brought to light what was over.
    """
    data = {"metric": clock.metric.value, "instance": clock.instance, "due_at": iso(clock.due_at), **more}
    target = case.target(clock.metric)
    chain = {"chain": target.chain} if fact is Fact.CLOCK_BREACHED and target and target.chain else {}
    return Happening(fact, at, SYSTEM, {**data, **chain})
