"""What it means for the clocks when a colleague takes back that a case was over: they count on as if it had not been.

The time between is not forgiven, unless the case waited for the customer. What was kept before it was over stays kept,
and what was answered meanwhile was answered then.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.answers import first_owed
from chalicelib.domain.case import Owed, Rest
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.reopening import TAKEN_BACK, answered_since
from chalicelib.domain.repromising import Repromising
from chalicelib.domain.resting import LASTING
from chalicelib.domain.stuck import HELD
from chalicelib.domain.target import Metric

_ANSWERED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE, Metric.PROMISE, Metric.REPLY_WINDOW)
FULFILLED = (Metric.RESOLUTION, *LASTING, Metric.PROMISE)
"""What solving a case keeps; all else it only makes void."""
_ABOUT = (Metric.APPROVAL, Metric.LOOP_CLOSE)


class Resuming(Repromising):
    """Clocks that ended only because the case did."""

    def count_on(self) -> None:
        solved_at = self.before.solved_at if self.before else None
        if self.before is None or solved_at is None:
            return
        answered_at = answered_since(self.before)
        since = answered_at or solved_at
        self._rest_on(solved_at, since)
        for clock in [one for one in self.case.clocks if one.ended_at == solved_at and self._waits_still(one)]:
            self._count_on(clock, solved_at, answered_at)
        said_at = self.case.answered_at
        if said_at and said_at >= solved_at and not first_owed(self.case) and not self.open(Metric.UPDATE):
            self.begin(Metric.UPDATE, said_at)
        for clock in self.all_open():
            self.pause(clock, max(since, clock.anchor_at))

    def _waits_still(self, clock: Clock) -> bool:
        """Whether it was the end of the case that ended it, and nothing has given what it waits for."""
        if clock.state is ClockState.MET and clock.metric not in FULFILLED:
            return False
        if clock.metric in _ANSWERED and self.case.answered_at == clock.ended_at:
            return clock.anchor_at == clock.ended_at
        return clock.metric is not Metric.APPROVAL or self.case.stuck.get(clock.about) == HELD

    def _count_on(self, clock: Clock, solved_at: datetime, answered_at: datetime | None) -> None:
        clock = self.change(clock, self._running_on(clock, solved_at), ClockStep.RESUME, solved_at, TAKEN_BACK)
        given_at = answered_at if clock.metric in _ANSWERED else None
        thread = self.case.thread(clock.about) if clock.about else None
        if clock.metric is Metric.LOOP_CLOSE and thread and thread.told_at and thread.told_at > solved_at:
            given_at = thread.told_at
        if given_at is not None:
            self.end(clock, given_at, ClockStep.FULFIL)
        elif clock.metric is Metric.REPLY_WINDOW and thread is not None:
            self.watch_window(thread, thread.last_inbound_at)
        elif clock.metric in _ABOUT and not any(one.about == clock.about for one in self.case.owed):
            self.case = replace(self.case, owed=(*self.case.owed, Owed(clock.metric, clock.anchor_at, clock.about)))

    def _running_on(self, clock: Clock, solved_at: datetime) -> Clock:
        """What is due when it was warns when it was to: a warning may have been on its way when the case ended."""
        again = clock.resuming(solved_at, self.target(clock))
        if again.due_at != clock.due_at:
            return again
        return replace(again, warn_at=clock.warn_at, later_warns=clock.later_warns)

    def _rest_on(self, solved_at: datetime, since: datetime) -> None:
        """The case was not over in between: it rested as before, or waited for the customer since it answered them."""
        status, known = self.case.status, self.case.rests
        if known and known[-1].since == solved_at and known[-1].until is None:
            known = known[:-1]
        if known and known[-1].until == solved_at == since and known[-1].status is status:
            known = (*known[:-1], replace(known[-1], until=None))
        elif self.case.needs_us is False:
            known = (*known, Rest(status, since))
        self.case = replace(self.case, rests=known)
