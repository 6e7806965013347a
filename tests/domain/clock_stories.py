"""One case through its life, written down as the store would, with clocks kept by whoever is given."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import lifecycle, reopening
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock
from chalicelib.domain.clocks import Keeper, follow
from chalicelib.domain.report import Measured, report
from chalicelib.domain.stuck import stuck
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from tests.build import BRAND, MINUTE, NOON, case, thread


def target(metric: Metric, minutes: float, warn: float = 0, **more: Any) -> Target:
    return Target(metric, minutes * MINUTE, warn * MINUTE, **more)


@dataclass
class Story:
    """``at`` is minutes after noon everywhere."""

    targets: tuple[Target, ...] = ()
    terms: Terms = field(default_factory=Terms)
    keeper: type[Keeper] = Keeper
    start: datetime = NOON
    events: list[TimelineEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        fresh = case(targets=self.targets, terms=self.terms, opened_at=self.start)
        turn, happened = lifecycle.opened(fresh, self.start)
        after, more = lifecycle.received(turn, thread("m0", self.start), self.start)
        self.case = fresh
        self.keep(None, after, [*happened, *more])

    def keep(self, before: Case | None, after: Case, happened: list[Happening], joined: Case | None = None) -> None:
        after = replace(after, stuck=stuck(after.stuck, happened))
        self.case, logged = follow(before, after, happened, self.keeper, joined)
        for one, entries in logged:
            self.events.append(_event(one, len(self.events), entries))

    def moment(self, at: float) -> datetime:
        return self.start + at * MINUTE

    def turn(self, turn: lifecycle.Turn) -> "Story":
        self.keep(self.case, *turn)
        return self

    def wrote(self, at: float, *, closing: bool = False, **more: Any) -> "Story":
        then = self.moment(at)
        return self.turn(lifecycle.received(self.case, thread(f"m{at}", then, **more), then, closing=closing))

    def answered(self, at: float, by: str = "ana", fact: Fact = Fact.REPLY_SENT, **data: Any) -> "Story":
        about = {"by": by, "mode": "private", "conversation_id": "v1", **data}
        told = Happening(fact, self.moment(at), "system", about)
        return self.turn(lifecycle.answered(self.case, told.at, told))

    def solved(self, at: float) -> "Story":
        return self.turn(lifecycle.solved(self.case, "ana", self.moment(at)))

    def reopened(self, at: float, by: str = "ana") -> "Story":
        return self.turn(reopening.reopened(self.case, by, 7 * 24 * HOUR, self.moment(at)))

    def handed(self, at: float, by: str = "bot:hello") -> "Story":
        return self.turn(lifecycle.handed(self.case, Happening(Fact.CASE_HANDED, self.moment(at), by)))

    def status(self, at: float, status: Status, who: str = "ana") -> "Story":
        told = Happening(Fact.CASE_SNOOZED, self.moment(at), who)
        return self.turn((replace(self.case, status=status), [told] if self.case.live else []))

    def told(self, at: float, fact: Fact, who: str = "ana", data: Any = None, **changes: Any) -> "Story":
        return self.turn((replace(self.case, **changes), [Happening(fact, self.moment(at), who, data or {})]))

    def ticked(self, at: float) -> "Story":
        return self.turn(lifecycle.ticked(self.case, self.moment(at)))

    def clocks(self, metric: Metric) -> list[Clock]:
        return [clock for clock in self.case.clocks if clock.metric is metric]

    def clock(self, metric: Metric) -> Clock:
        """The latest clock of that metric."""
        assert self.clocks(metric), f"no clock of {metric}"
        return self.clocks(metric)[-1]

    def due(self, metric: Metric) -> float:
        """The minutes after noon at which it is due."""
        return (self.clock(metric).due_at - self.start) / MINUTE

    def runs(self, metric: Metric) -> bool:
        return any(clock.running for clock in self.clocks(metric))

    def measured(self, metric: Metric) -> Measured:
        return report(self.events)[metric, self.clock(metric).instance]

    def numbered(self) -> list[TimelineEvent]:
        """The timeline as the store has it, from 1 on."""
        return [replace(event, seq=event.seq + 1) for event in self.events]

    def facts(self) -> list[Fact]:
        return [event.fact for event in self.events]


def _event(one: Happening, seq: int, entries: Any) -> TimelineEvent:
    return TimelineEvent(
        brand=BRAND,
        case_id="c1",
        seq=seq,
        fact=one.fact,
        at=one.at,
        recorded_at=one.at,
        actor=one.actor,
        queue="messages",
        priority="normal",
        channel="facebook",
        revision=0,
        data=one.data,
        clocks=entries,
    )


HOUR = timedelta(hours=1)
