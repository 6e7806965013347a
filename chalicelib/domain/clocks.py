"""The one place where clocks follow from what happened: they start, pause, end and are reckoned anew nowhere else.

Whoever changes a case says what it has become and what happened; what that means for its promises is decided here, and
told in the log of each clock. Time decides: a breach that nobody had noticed is told before what revealed it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.answers import answers, counts, first_owed, needs_answer, seen_by_all
from chalicelib.domain.case import Case, Owed
from chalicelib.domain.clock import ClockState
from chalicelib.domain.clock_log import DISMISSED, ClockEvent, ClockStep
from chalicelib.domain.instants import instant
from chalicelib.domain.ledger import BY_REVISION, Logged
from chalicelib.domain.reopening import taken_back
from chalicelib.domain.repromising import turning
from chalicelib.domain.resting import LASTING
from chalicelib.domain.resuming import FULFILLED, Resuming
from chalicelib.domain.target import OUTLASTING, Metric, Target
from chalicelib.domain.timeline import Fact, Happening

UNANSWERED_KEPT = 20
OWED_KEPT = 20


def follow(
    before: Case | None,
    after: Case,
    happened: Iterable[Happening],
    keeper: "type[Keeper] | None" = None,
    joined: Case | None = None,
) -> tuple[Case, list[Logged]]:
    """The case with its clocks as they have become, and each happening with what it did to them.

    ``joined`` is another case that ended in this one.
    """
    facts = list(happened)
    if not facts:
        return after, []
    kept = (keeper or Keeper)(before, after)
    logged: list[Logged] = []
    for place, one in enumerate(facts):
        if place == turning(facts):
            kept.retarget(one.at)
        kept.hear(one)
        if joined is not None and one.fact is Fact.CASE_MERGED:
            kept.take_over(joined, one.at)
        if place == len(facts) - 1:
            kept.settle(one.at)
        logged += kept.told(one)
    return kept.done(), logged


class Keeper(Resuming):
    """What each fact means for the clocks."""

    # -- what happened ------------------------------------------------------------------------------------------------

    def hear(self, one: Happening) -> None:
        handler = _HANDLERS.get(one.fact)
        if handler is not None:
            getattr(self, handler)(one)

    def ticked(self, one: Happening) -> None:
        kind = ClockStep.WARN if one.fact is Fact.CLOCK_WARNED else ClockStep.BREACH
        due_at = instant(one.data["due_at"]) if "due_at" in one.data else None
        self.log(ClockEvent(Metric(one.data["metric"]), one.data["instance"], kind, one.at, due_at))

    def begun(self, one: Happening) -> None:
        for metric in BY_REVISION:
            self.begin(metric, one.at)
        for metric in LASTING:
            last = next((clock for clock in reversed(self.case.clocks) if clock.metric is metric), None)
            if last is None or last.state is ClockState.CANCELLED:
                self.begin(metric, one.at)
            elif not last.open and self.case.target(metric) is not None:
                self.resume(last, one.at, "reopened")

    def reopened(self, one: Happening) -> None:
        """Words of the customer's begin anew; a colleague takes back that it was over."""
        if taken_back(one):
            self.count_on()
        else:
            self.case = replace(self.case, unanswered=())
            self.begun(one)

    def received(self, one: Happening) -> None:
        needed = self.needs_answer(one) and self.case.live
        if needed:
            waiting = sorted({*self.case.unanswered, one.at})[:UNANSWERED_KEPT]
            self.case = replace(self.case, unanswered=tuple(waiting))
        thread = self.case.thread(one.data.get("conversation_id", ""))
        if thread is not None and (needed or self.open(Metric.REPLY_WINDOW, thread.conversation_id)):
            self.watch_window(thread, one.at)

    def needs_answer(self, one: Happening) -> bool:
        return needs_answer(self.case, one.at, closing=bool(one.data.get("closing")))

    def replied(self, one: Happening) -> None:
        """Words of ours reached the customer."""
        about = one.data.get("conversation_id", "")
        elsewhere = one.fact is Fact.REPLY_ELSEWHERE
        answer = self.answers(one)
        for metric, which in (
            (Metric.REPLY_WINDOW, "" if elsewhere else about),
            (Metric.PROMISE, ""),
            (Metric.FIRST_RESPONSE, ""),
            (Metric.NEXT_RESPONSE, ""),
            (Metric.UPDATE, ""),
        ):
            if self.counts(metric, one):
                self.meet(metric, one.at, which)
        self._publicly(one, about)
        self._promise(one)
        if answer:
            self._answered(one.at, elsewhere=elsewhere)
        if self.case.live and self.counts(Metric.UPDATE, one) and self.case.answered_at and not first_owed(self.case):
            self._owe_news(max(one.at, self.case.answered_at))

    def _publicly(self, one: Happening, about: str) -> None:
        """A comment answered in private: those who read it see nothing of that, unless they were told at once."""
        thread = self.case.thread(about)
        if seen_by_all(one) and self.counts(Metric.LOOP_CLOSE, one):
            self.given(Metric.LOOP_CLOSE, one.at, about)
            if thread is not None:
                self.case = self.case.with_thread(replace(thread, told_at=max(one.at, thread.told_at or one.at)))
        elif one.data.get("mode") == "private_reply":
            told = thread is not None and thread.told_at is not None and thread.told_at >= thread.last_inbound_at
            if not told:
                self.owe(Metric.LOOP_CLOSE, one.at, about)

    def counts(self, metric: Metric, one: Happening) -> bool:
        return counts(self.case, metric, one)

    def answers(self, one: Happening) -> bool:
        return answers(self.case, one)

    def _answered(self, at: datetime, *, elsewhere: bool) -> None:
        """Whoever answers on the network itself has seen all that was said there until then."""
        case, waiting = self.case, tuple(asked for asked in self.case.unanswered if asked > at)
        seen = max(at, case.seen_at or at) if elsewhere else case.seen_at
        self.case = replace(case, answered_at=max(at, case.answered_at or at), seen_at=seen, unanswered=waiting)

    def _owe_news(self, at: datetime) -> None:
        if not self.open(Metric.UPDATE):
            self.begin(Metric.UPDATE, at)

    def _promise(self, one: Happening) -> None:
        """They were told a time: it is kept by the next words of ours, or by solving the case.

        Words that leave after the time they name tell of a promise that is broken already.
        """
        promised = instant(one.data["promised"]) if one.data.get("promised") else None
        if promised is not None and self.case.live:
            given = self.case.target(Metric.PROMISE) or Target(Metric.PROMISE, timedelta(), timedelta())
            since = min(one.at, promised)
            self.start(replace(given, within=promised - since, calendar=None), since)

    def owe(self, metric: Metric, at: datetime, about: str) -> None:
        """Somebody waits for this from now on, whether it is promised or not."""
        if not any((one.metric, one.about) == (metric, about) for one in self.case.owed):
            self.case = replace(self.case, owed=(*self.case.owed, Owed(metric, at, about))[-OWED_KEPT:])
            self.begin(metric, at, about)

    def given(self, metric: Metric, at: datetime, about: str) -> None:
        self.meet(metric, at, about)
        self._forget(metric, at, about)

    def _forget(self, metric: Metric, at: datetime, about: str) -> None:
        """Nobody waits for it any more; words said elsewhere name no conversation and are for all."""
        given = [one for one in self.case.owed if one.metric is metric and about in ("", one.about) and one.at <= at]
        self.case = replace(self.case, owed=tuple(one for one in self.case.owed if one not in given))

    def held(self, one: Happening) -> None:
        self.owe(Metric.APPROVAL, one.at, str(one.data.get("reply_id", "")))

    def decided(self, one: Happening) -> None:
        self.given(Metric.APPROVAL, one.at, str(one.data.get("reply_id", "")))

    def undone(self, one: Happening) -> None:
        about = str(one.data.get("reply_id", ""))
        for clock in self.open(Metric.APPROVAL, about):
            self.end(clock, one.at, ClockStep.CANCEL, "taken back")
        self._forget(Metric.APPROVAL, one.at, about)

    def handed(self, one: Happening) -> None:
        """From a bot to people: their first response counts from here."""
        if not first_owed(self.case):
            return
        for clock in self.open(Metric.FIRST_RESPONSE):
            if clock.anchor_at < one.at:
                self.anchor(clock, one.at, self.target(clock), "handed over by a bot")
        if not self.open(Metric.FIRST_RESPONSE):
            self.begin(Metric.FIRST_RESPONSE, one.at)

    def solved(self, one: Happening) -> None:
        for metric in FULFILLED:
            self.meet(metric, one.at)
        self.cancel_all(one.at, "solved")

    def dismissed(self, one: Happening) -> None:
        """Not a request: what runs counts neither as kept nor as broken."""
        for clock in self.all_open():
            self.void(clock, one.at, DISMISSED)
        self.case = replace(self.case, owed=())

    def merged(self, one: Happening) -> None:
        """The case that goes on in another one owes nothing any more."""
        if self.case.merged_into is not None:
            self.cancel_all(one.at, "merged")
            self.case = replace(self.case, owed=(), unanswered=())

    def cancel_all(self, at: datetime, why: str) -> None:
        """What is void now; of a solved case all but what outlasts it."""
        for clock in self.all_open():
            if why != "solved" or clock.metric not in OUTLASTING:
                self.end(clock, at, ClockStep.CANCEL, why)

    # -- what follows from the case as it is now ----------------------------------------------------------------------

    def settle(self, at: datetime) -> None:
        """What is not told by one fact but by the state of the case: an owner, open questions, pauses."""
        self.rest(at)
        self._free(at)
        if not self.case.live:
            self.cancel_all(at, self.case.status.value)
            return
        if self.case.assignee is not None:
            self.meet(Metric.ASSIGN, at)
        elif not self.open(Metric.ASSIGN):
            self.begin(Metric.ASSIGN, at)
        self.anchor_next()
        for clock in self.all_open():
            self.pause(clock, at)

    def _free(self, at: datetime) -> None:
        """Since when nobody has it, where that is not since it was opened; and since when somebody does."""
        if self.case.assignee != (self.before.assignee if self.before else None):
            self.case = replace(self.case, assigned_at=at if self.case.assignee else None)
        given_up = self.before is not None and self.before.assignee is not None and self.case.assignee is None
        if self.case.assignee is not None or not self.case.live:
            self.case = replace(self.case, free_at=None)
        elif given_up:
            self.case = replace(self.case, free_at=at)

    def anchor_next(self) -> None:
        """The next response is due from the oldest question that nobody answered, once there was a first response."""
        if first_owed(self.case) or self.open(Metric.FIRST_RESPONSE) or not self.case.unanswered:
            return
        oldest = min(self.case.unanswered)
        running = self.open(Metric.NEXT_RESPONSE)
        if not running:
            self.begin(Metric.NEXT_RESPONSE, oldest)
        elif oldest < running[0].anchor_at and running[0].breached_at is None:
            self.anchor(running[0], oldest, self.target(running[0]), "an older message came late")


_HANDLERS: Mapping[Fact, str] = {
    Fact.CASE_OPENED: "begun",
    Fact.CASE_REOPENED: "reopened",
    Fact.MESSAGE_RECEIVED: "received",
    Fact.REPLY_SENT: "replied",
    Fact.REPLY_ELSEWHERE: "replied",
    Fact.REPLY_HELD: "held",
    Fact.REPLY_APPROVED: "decided",
    Fact.REPLY_REJECTED: "decided",
    Fact.REPLY_UNDONE: "undone",
    Fact.CASE_HANDED: "handed",
    Fact.CASE_SOLVED: "solved",
    Fact.CASE_DISMISSED: "dismissed",
    Fact.CASE_MERGED: "merged",
    Fact.CLOCK_WARNED: "ticked",
    Fact.CLOCK_BREACHED: "ticked",
}
