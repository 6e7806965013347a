"""Whether each clock warned and broke exactly when its timestamps say so; reckoned anew from the timeline alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, TimelineEvent
from tests.build import BRAND
from tests.simulation.policy import TARGETS
from tests.simulation.world import World

PUNCTUAL = timedelta(seconds=20)
ENDINGS = (ClockStep.FULFIL, ClockStep.CANCEL)
ENDS = {
    Fact.REPLY_SENT: (Metric.FIRST_RESPONSE,),
    Fact.REPLY_ELSEWHERE: (Metric.FIRST_RESPONSE,),
    Fact.CASE_SOLVED: (Metric.FIRST_RESPONSE, Metric.RESOLUTION),
}


_BEYOND = (Fact.CASE_MERGED, Fact.CASE_SNOOZED, Fact.CASE_DISMISSED)
"""What moves due times by more rules than are told here anew."""


@dataclass
class Truth:
    """One promise as an outsider sees it."""

    start: TimelineEvent
    metric: Metric
    end: TimelineEvent | None = None
    warned: list[TimelineEvent] = field(default_factory=list)
    breached: list[TimelineEvent] = field(default_factory=list)

    def findings(self, *, calm: bool) -> Iterator[str]:
        within, before = TARGETS[self.metric]
        due = self.start.at + timedelta(seconds=within)
        warn = due - timedelta(seconds=before)
        yield from self._told("warning", self.warned, warn, needed=self._needed(warn, calm))
        broken = self.end is None or self.end.at > due
        yield from self._told("breach", self.breached, due, needed=broken)
        if calm and any(one.recorded_at - due > PUNCTUAL and not self.end for one in self.breached):
            yield f"{self}: nothing failed, and yet the breach was found late"

    def _needed(self, at: datetime, calm: bool) -> bool:
        return self.end is None or (calm and self.end.recorded_at - PUNCTUAL > at)

    def _told(self, what: str, told: list[TimelineEvent], at: datetime, *, needed: bool) -> Iterator[str]:
        if len(told) > 1 or (needed and not told):
            yield f"{self}: {len(told)} times a {what}"
        for one in told:
            if one.at != at or one.recorded_at < at:
                yield f"{self}: the {what} is not told at its time"
            if self.end is not None and self.end.at <= at and self.end.seq < one.seq:
                yield f"{self}: a {what} for a promise that was kept"

    def __str__(self) -> str:
        return f"{self.metric} of {self.start.case_id}, revision {self.start.revision}"


def findings(world: World) -> Iterator[str]:
    for case in world.truth.cases:
        if any(one.fact in _BEYOND for one in world.truth.timeline(BRAND, case.id, 100_000)):
            continue
        clocks: dict[tuple[Metric, int], Truth] = {}
        for event in world.truth.timeline(BRAND, case.id, 100_000):
            yield from _read(event, clocks)
        for truth in clocks.values():
            yield from truth.findings(calm=world.calm)


def timeline(world: World) -> list[TimelineEvent]:
    return world.truth.every(TimelineEvent)


def _read(event: TimelineEvent, clocks: dict[tuple[Metric, int], Truth]) -> Iterator[str]:
    if event.fact in (Fact.CASE_OPENED, Fact.CASE_REOPENED):
        for metric in TARGETS:
            clocks[metric, event.revision] = Truth(event, metric)
    for metric in ENDS.get(event.fact, ()):
        for (of, _), truth in clocks.items():
            if of is metric and truth.end is None and event.at >= truth.start.at:
                truth.end = event
    if event.fact in (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED) and event.data["metric"] in TARGETS:
        truth = clocks[Metric(event.data["metric"]), event.data["instance"]]
        (truth.warned if event.fact is Fact.CLOCK_WARNED else truth.breached).append(event)
    ended = [entry for entry in event.clocks if entry.kind in ENDINGS and entry.metric in TARGETS]
    yield from (f"a clock ended that never ran: {one}" for one in ended if (one.metric, one.instance) not in clocks)
