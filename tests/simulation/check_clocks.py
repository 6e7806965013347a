"""Whether each clock warned and broke exactly when its timestamps say so; reckoned anew from the timeline alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.reopening import TAKEN_BACK
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, TimelineEvent
from tests.build import BRAND
from tests.simulation.policy import TARGETS
from tests.simulation.world import World

LONG_AGO = datetime.min.replace(tzinfo=UTC)
PUNCTUAL = timedelta(seconds=20)
ENDINGS = (ClockStep.FULFIL, ClockStep.CANCEL)
ENDS = {
    Fact.REPLY_SENT: (Metric.FIRST_RESPONSE,),
    Fact.REPLY_ELSEWHERE: (Metric.FIRST_RESPONSE,),
    Fact.CASE_SOLVED: (Metric.FIRST_RESPONSE, Metric.RESOLUTION),
}


_BEYOND = (Fact.CASE_MERGED, Fact.CASE_SNOOZED, Fact.CASE_DISMISSED)
"""What moves due times by more rules than are told here anew; what is told once, and not after an end, stays so."""


@dataclass
class Truth:
    """One promise as an outsider sees it."""

    start: TimelineEvent
    metric: Metric
    ends: list[TimelineEvent] = field(default_factory=list)
    back_at: datetime = LONG_AGO
    """When its case was reopened by a colleague last: nobody could tell before of what had come meanwhile."""
    warned: list[TimelineEvent] = field(default_factory=list)
    breached: list[TimelineEvent] = field(default_factory=list)

    @property
    def end(self) -> TimelineEvent | None:
        return self.ends[0] if self.ends else None

    def findings(self, *, calm: bool) -> Iterator[str]:
        within, before = TARGETS[self.metric]
        due = self.start.at + timedelta(seconds=within)
        warn = due - timedelta(seconds=before)
        yield from self._told("warning", self.warned, warn, needed=self._needed(warn, calm))
        broken = self.end is None or self.end.at > due
        yield from self._told("breach", self.breached, due, needed=broken)
        if calm and any(one.recorded_at - max(due, self.back_at) > PUNCTUAL and not self.end for one in self.breached):
            yield f"{self}: nothing failed, and yet the breach was found late"

    def repeats(self) -> Iterator[str]:
        """What no rule may bring about, wherever the due time went."""
        for what, told in (("warning", self.warned), ("breach", self.breached)):
            if len(told) > 1:
                yield f"{self}: {len(told)} times a {what}"
            if any(self._kept(one) for one in told):
                yield f"{self}: a {what} for a promise that was kept"

    def _kept(self, told: TimelineEvent) -> bool:
        return self.end is not None and self.end.at <= told.at and self.end.seq < told.seq

    def _needed(self, at: datetime, calm: bool) -> bool:
        return self.end is None or (calm and self.end.recorded_at - PUNCTUAL > max(at, self.back_at))

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
        events = list(world.truth.timeline(BRAND, case.id, 100_000))
        beyond = any(one.fact in _BEYOND for one in events)
        clocks: dict[tuple[Metric, int], Truth] = {}
        for event in events:
            yield from _read(event, clocks)
        for truth in clocks.values():
            yield from truth.repeats() if beyond else truth.findings(calm=world.calm)


def timeline(world: World) -> list[TimelineEvent]:
    return world.truth.every(TimelineEvent)


def _read(event: TimelineEvent, clocks: dict[tuple[Metric, int], Truth]) -> Iterator[str]:
    if event.data.get("why") == TAKEN_BACK:
        _taken_back(event, clocks)
    elif event.fact in (Fact.CASE_OPENED, Fact.CASE_REOPENED):
        for metric in TARGETS:
            clocks[metric, event.revision] = Truth(event, metric)
    for metric in ENDS.get(event.fact, ()):
        for (of, _), truth in clocks.items():
            if of is metric and event.at >= truth.start.at:
                truth.ends.append(event)
    if event.fact in (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED) and event.data["metric"] in TARGETS:
        truth = clocks[Metric(event.data["metric"]), event.data["instance"]]
        (truth.warned if event.fact is Fact.CLOCK_WARNED else truth.breached).append(event)
    ended = [entry for entry in event.clocks if entry.kind in ENDINGS and entry.metric in TARGETS]
    yield from (f"a clock ended that never ran: {one}" for one in ended if (one.metric, one.instance) not in clocks)


def _taken_back(event: TimelineEvent, clocks: dict[tuple[Metric, int], Truth]) -> None:
    """The case was not over: whatever only that had ended waited on."""
    for truth in clocks.values():
        truth.back_at = event.recorded_at
        truth.ends = [one for one in truth.ends if one.fact is not Fact.CASE_SOLVED or one.revision != event.revision]
