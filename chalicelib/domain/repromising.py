"""Other promises in the middle of a case's life: what was consumed stays, what is new counts from where it began."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.answers import first_owed
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.clock import Clock
from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.policy import why_changed
from chalicelib.domain.resting import Resting
from chalicelib.domain.target import Metric, Target
from chalicelib.domain.timeline import Fact, Happening

_CHANGING = (
    *(Fact.CASE_PRIORITY, Fact.CASE_MOVED, Fact.CASE_TAGGED),
    *(Fact.CONTACT_TAGGED, Fact.CASE_MERGED, Fact.POLICY_APPLIED),
)
"""After what another policy may hold."""

Begun = tuple[datetime, str]
"""Since when something is waited for, and which of several."""

HANDED_ON = (Metric.PROMISE, Metric.APPROVAL, Metric.REPLY_WINDOW, Metric.LOOP_CLOSE)
"""What a merged case still owes is owed by the one it goes on in."""


def turning(facts: Iterable[Happening]) -> int:
    """The place of the fact since which the case's new promises hold."""
    places = [place for place, one in enumerate(facts) if one.fact in _CHANGING]
    return places[-1] if places else 0


class Repromising(Resting):
    """What another policy means for the clocks."""

    def retarget(self, at: datetime) -> None:
        """Each clock keeps its consumed and paused time, what is promised no more ends."""
        if self.before is None:
            return
        old = {target.metric: target for target in self.case.targets}
        new = {target.metric: target for target in self.after.targets}
        why = why_changed(self.before, self.after)
        for clock in self.all_open() if self.case.live else ():
            if clock.metric in old and clock.metric not in new:
                self.end(clock, at, ClockStep.CANCEL, why)
        self.case = replace(self.case, targets=self.after.targets, terms=self.after.terms)
        if not self.case.live:
            return
        for clock in self.all_open():
            if _differ(old.get(clock.metric), new.get(clock.metric)):
                self._recompute(clock, at, old[clock.metric], why)
        for metric in [metric for metric in new if metric not in old]:
            self._promise_late(metric, at, why)

    def _recompute(self, clock: Clock, at: datetime, was: Target, why: str) -> None:
        found = self.find_breach(clock, at)
        becomes = found.retargeted(at, self.target(found), was.timekeeper)
        self.change(found, becomes, ClockStep.RECOMPUTE, at, why)

    def _promise_late(self, metric: Metric, at: datetime, why: str) -> None:
        """What is promised only now counts from where it would have begun, without the time that rested.

        A file may have been pushed before it began, and be applied after.
        """
        target = self.case.target(metric)
        assert target is not None
        for since, about in _BEGUN.get(metric, _owed)(self.case, metric):
            clock = self.start(target, since, about) if not self.open(metric, about) else None
            if clock is not None and since < at:
                spent = self.spent(metric, since, at, target.timekeeper)
                self.change(clock, clock.behind(spent, at, target), ClockStep.RECOMPUTE, at, why)
        for thread in self.case.threads.values() if metric is Metric.REPLY_WINDOW else ():
            if self._unanswered_in(thread) and thread.last_inbound_at + (thread.window or timedelta()) > at:
                self.watch_window(thread, thread.last_inbound_at)

    def _unanswered_in(self, thread: Thread) -> bool:
        return bool(self.case.unanswered) and thread.last_inbound_at >= min(self.case.unanswered)

    def watch_window(self, thread: Thread, at: datetime) -> None:
        """The network's own deadline, which no calendar moves: a new one with each message, or the same anew."""
        given = self.case.target(Metric.REPLY_WINDOW)
        if given is None or thread.window is None:
            return
        target = replace(given, within=thread.window, calendar=None)
        running = self.open(Metric.REPLY_WINDOW, thread.conversation_id)
        if not running:
            self.start(target, at, thread.conversation_id)
        elif running[0].anchor_at < at:
            self.anchor(running[0], at, target, "wrote again")

    def take_over(self, loser: Case, at: datetime) -> None:
        """What was owed in a case that ended in this one is owed here, with the time that it consumed.

        What broke there was told there.
        """
        for clock in loser.clocks:
            if clock.open and clock.metric in HANDED_ON and clock.breached_at is None and not clock.late(at):
                self._adopt(clock, loser, at)

    def _adopt(self, clock: Clock, loser: Case, at: datetime) -> None:
        if clock.metric is not Metric.PROMISE and self.case.target(clock.metric) is None:
            return
        target, spent = self.target(clock), clock.counted(at, Ledger(None, loser).calendar(clock)).consumed
        begun = self.start(target, clock.anchor_at, clock.about)
        goes_on = replace(begun, warned_at=clock.warned_at).behind(spent, at, target)
        self.change(begun, goes_on, ClockStep.RECOMPUTE, at, f"merged from {loser.id}")


def _differ(was: Target | None, becomes: Target | None) -> bool:
    """Whether two promises of one kind are due or warned of at other times."""
    if was is None or becomes is None:
        return False
    return (was.within, was.warns, was.calendar) != (becomes.within, becomes.warns, becomes.calendar)


def _first(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(case.people_since, "")] if first_owed(case) else []


def _next(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(min(case.unanswered), "")] if case.unanswered and not first_owed(case) else []


def _update(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(case.answered_at, "")] if case.answered_at and not first_owed(case) else []


def _assign(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(case.free_at or case.begun_at, "")] if case.assignee is None else []


def _from_the_start(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(case.opened_at, "")]


def _revision(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(case.begun_at, "")]


def _owed(case: Case, metric: Metric) -> Iterable[Begun]:
    return [(one.at, one.about) for one in case.owed if one.metric is metric]


_BEGUN: Mapping[Metric, Callable[[Case, Metric], Iterable[Begun]]] = {
    Metric.ASSIGN: _assign,
    Metric.FIRST_RESPONSE: _first,
    Metric.NEXT_RESPONSE: _next,
    Metric.UPDATE: _update,
    Metric.REQUESTER_WAIT: _from_the_start,
    Metric.AGENT_WORK: _from_the_start,
    Metric.RESOLUTION: _revision,
    Metric.TOTAL_RESOLUTION: _from_the_start,
}
"""Since when each would run, had it been promised."""
