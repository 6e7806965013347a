"""When a promise's time does not count because of the case's status, and when it did not before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import RESTS_KEPT, Case, Rest, Status
from chalicelib.domain.clock import Clock
from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.target import Metric, Timekeeper

LASTING = (Metric.REQUESTER_WAIT, Metric.AGENT_WORK, Metric.TOTAL_RESOLUTION)
"""One clock for the whole case: reopening goes on where solving left it."""

_AT_WORK = (Status.NEW, Status.OPEN)
_OVER = (Status.SOLVED, Status.CLOSED)
_PAUSES: Mapping[Metric, tuple[Status, ...]] = {
    Metric.REQUESTER_WAIT: (Status.PENDING,),
    Metric.AGENT_WORK: (Status.PENDING, Status.ON_HOLD),
}
"""What these metrics mean, whatever the policy says."""
_PAUSED_BY_POLICY = (Metric.UPDATE, Metric.RESOLUTION, Metric.TOTAL_RESOLUTION)
_PAUSED_ON_HOLD = (Metric.ASSIGN, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
"""Their customer has no answer yet, so waiting for the customer is no reason to pause them."""


def pauses(case: Case, metric: Metric, status: Status) -> bool:
    """Whether such a promise's time does not count while the case has this status."""
    if status in _OVER:
        return metric in LASTING
    if metric in _PAUSES:
        return status in _PAUSES[metric]
    given = case.terms_for(metric).pause_on
    if metric in _PAUSED_ON_HOLD:
        return status is Status.ON_HOLD and status in given
    return metric in _PAUSED_BY_POLICY and status in given


class Resting(Ledger):
    """Clocks pause and go on with the case's status."""

    def rest(self, at: datetime) -> None:
        """Remember since when the case waits for somebody else than us."""
        status, known = self.case.status, self.case.rests
        going = known[-1] if known and known[-1].until is None else None
        if (going.status if going else None) is (status if status not in _AT_WORK else None):
            return
        if going is not None:
            known = (*known[:-1], replace(going, until=max(at, going.since)))
        if status not in _AT_WORK:
            known = (*known, Rest(status, at))
        self.case = replace(self.case, rests=known[-RESTS_KEPT:])

    def spent(self, metric: Metric, since: datetime, at: datetime, calendar: Timekeeper) -> timedelta:
        """How much of such a promise's time would have counted between two moments."""
        resting = [one for one in self.case.rests if pauses(self.case, metric, one.status)]
        times = [(max(one.since, since), min(one.until or at, at)) for one in resting]
        rested = (calendar.between(begin, end) for begin, end in times if begin < end)
        return calendar.between(since, max(at, since)) - sum(rested, timedelta())

    def pause(self, clock: Clock, at: datetime) -> None:
        """As the case's status asks for."""
        reason = self.case.status.value if self.pauses(clock) else ""
        if not clock.running and clock.pause_reason != reason:
            clock = self.resume(clock, at)
        if clock.running and reason:
            clock = self.find_breach(clock, at)
            paused = clock.pausing(at, reason, self.calendar(clock))
            self.change(clock, paused, ClockStep.PAUSE, paused.paused_at or at, reason)

    def pauses(self, clock: Clock) -> bool:
        return pauses(self.case, clock.metric, self.case.status)
