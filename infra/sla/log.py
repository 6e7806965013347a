"""The clocks that a case keeps, held against what its log alone says of them."""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.report import Measured, Name, report
from chalicelib.domain.timeline import TimelineEvent

COMPARED = ("state", "due_at", "target", "consumed", "breached_at", "ended_at")


def differences(case: Case, timeline: Sequence[TimelineEvent]) -> Iterator[str]:
    """What the case keeps and its log tells otherwise. Empty where both agree."""
    if not timeline or timeline[0].seq != 1:
        yield "the beginning of the log is gone: it was kept as long as care.yaml says"
        return
    told: Mapping[Name, Measured] = report(timeline)
    for clock in case.clocks:
        measured = told.get((clock.metric, clock.instance))
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
