"""The one place where clocks follow from what happened: they start, pause, end and are reckoned anew nowhere else.

Whoever changes a case says what it has become and what happened; what that means for its promises is decided here, and
told in the log of each clock. Time decides: a breach that nobody had noticed is told before what revealed it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.instants import instant
from chalicelib.domain.ledger import BY_REVISION, Ledger, Logged
from chalicelib.domain.policy import why_changed
from chalicelib.domain.target import Metric, Target
from chalicelib.domain.timeline import Fact, Happening

BOT = "bot"
UNANSWERED_KEPT = 20

LASTING = (Metric.REQUESTER_WAIT, Metric.AGENT_WORK, Metric.TOTAL_RESOLUTION)
"""One clock for the whole case: reopening goes on where solving left it."""
_SOLVED = (Metric.RESOLUTION, *LASTING, Metric.PROMISE)
_PAUSES: Mapping[Metric, tuple[Status, ...]] = {
    Metric.REQUESTER_WAIT: (Status.PENDING,),
    Metric.AGENT_WORK: (Status.PENDING, Status.ON_HOLD),
}
"""What these metrics mean, whatever the policy says."""
_PAUSED_BY_POLICY = (Metric.UPDATE, Metric.RESOLUTION, Metric.TOTAL_RESOLUTION)
_PAUSED_ON_HOLD = (Metric.ASSIGN, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
"""Their customer has no answer yet, so waiting for the customer is no reason to pause them."""


def by_bot(one: Happening) -> bool:
    """Whether a machine did it. ``by`` names the author of words that the system delivered."""
    author = str(one.data.get("by") or one.actor)
    return author == BOT or author.startswith(f"{BOT}:")


def counts(case: Case, one: Happening) -> bool:
    """Whether these words of ours are an answer by the case's policy."""
    return not by_bot(one) or (case.terms is not None and not case.terms.human_only)


def follow(
    before: Case | None, after: Case, happened: Iterable[Happening], keeper: "type[Keeper] | None" = None
) -> tuple[Case, list[Logged]]:
    """The case with its clocks as they have become, and each happening with what it did to them."""
    facts = list(happened)
    if not facts:
        return after, []
    kept = (keeper or Keeper)(before, after)
    logged: list[Logged] = []
    for place, one in enumerate(facts):
        if place == 0:
            kept.retarget(one.at)
        kept.hear(one)
        if place == len(facts) - 1:
            kept.settle(one.at)
        breaches, entries = kept.told()
        logged += [*breaches, (one, entries)]
    return kept.done(), logged


class Keeper(Ledger):
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
            elif not last.open and any(target.metric is metric for target in self.case.targets):
                self.resume(last, one.at, "reopened")

    def received(self, one: Happening) -> None:
        if self.needs_answer(one) and self.case.live:
            waiting = sorted({*self.case.unanswered, one.at})[:UNANSWERED_KEPT]
            self.case = replace(self.case, unanswered=tuple(waiting))
        thread = self.case.thread(one.data.get("conversation_id", ""))
        if thread is not None and thread.window is not None:
            self._window(one, thread.conversation_id, thread.window)

    def needs_answer(self, one: Happening) -> bool:
        """Thanks do not, nor does what was said before our last words."""
        answered = self.case.answered_at
        return not one.data.get("closing") and (answered is None or one.at > answered)

    def _window(self, one: Happening, conversation: str, window: timedelta) -> None:
        """The network's own deadline begins anew with each message."""
        given = next((target for target in self.case.targets if target.metric is Metric.REPLY_WINDOW), None)
        if given is None:
            return
        target = replace(given, within=window, calendar=None)
        running = self.open(Metric.REPLY_WINDOW, conversation)
        if running and running[0].anchor_at >= one.at:
            return
        if running and not running[0].late(one.at):
            self.change(running[0], running[0].reanchored(one.at, target), ClockStep.ACTIVATE, one.at, "wrote again")
            return
        for clock in running:
            self.end(clock, one.at, ClockStep.CANCEL, "wrote again")
        if self.case.live and not one.data.get("closing"):
            self.start(target, one.at, conversation)

    def replied(self, one: Happening) -> None:
        """Words of ours reached the customer."""
        elsewhere = one.fact is Fact.REPLY_ELSEWHERE
        self.meet(Metric.REPLY_WINDOW, one.at, "" if elsewhere else one.data.get("conversation_id", ""))
        if self.seen_by_all(one):
            self.meet(Metric.LOOP_CLOSE, one.at, one.data.get("conversation_id", ""))
        if not self.counts(one):
            return
        self.meet(Metric.PROMISE, one.at)
        self._promise(one)
        self._owe_publicly(one)
        if self.seen_by_all(one) or not (self.case.terms and self.case.terms.public_only):
            self._answered(one.at)

    def counts(self, one: Happening) -> bool:
        return counts(self.case, one)

    def seen_by_all(self, one: Happening) -> bool:
        return one.data.get("mode") == "public"

    def _answered(self, at: datetime) -> None:
        for metric in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE):
            self.meet(metric, at)
        answered = max(at, self.case.answered_at or at)
        waiting = tuple(asked for asked in self.case.unanswered if asked > at)
        self.case = replace(self.case, answered_at=answered, unanswered=waiting)
        if self.case.live and not self.open(Metric.UPDATE):
            self.begin(Metric.UPDATE, answered)

    def _promise(self, one: Happening) -> None:
        """They were told a time: it is kept by the next words of ours, or by solving the case."""
        promised = instant(one.data["promised"]) if one.data.get("promised") else None
        if promised is not None and promised > one.at and self.case.live:
            given = next((target for target in self.case.targets if target.metric is Metric.PROMISE), None)
            target = given or Target(Metric.PROMISE, timedelta(), timedelta())
            self.start(replace(target, within=promised - one.at, calendar=None), one.at)

    def _owe_publicly(self, one: Happening) -> None:
        """A comment answered in private: those who read it see nothing of that yet."""
        conversation = one.data.get("conversation_id", "")
        if one.data.get("mode") == "private_reply" and not self.open(Metric.LOOP_CLOSE, conversation):
            self.begin(Metric.LOOP_CLOSE, one.at, conversation)

    def held(self, one: Happening) -> None:
        self.begin(Metric.APPROVAL, one.at, str(one.data.get("reply_id", "")))

    def decided(self, one: Happening) -> None:
        self.meet(Metric.APPROVAL, one.at, str(one.data.get("reply_id", "")))

    def undone(self, one: Happening) -> None:
        for clock in self.open(Metric.APPROVAL, str(one.data.get("reply_id", ""))):
            self.end(clock, one.at, ClockStep.CANCEL, "taken back")

    def handed_over(self, one: Happening) -> None:
        """From a bot to people: their first response counts from here."""
        for clock in self.open(Metric.FIRST_RESPONSE) if by_bot(one) else ():
            fresh = clock.reanchored(one.at, self.target(clock))
            self.change(clock, fresh, ClockStep.ACTIVATE, one.at, "handed over by a bot")

    def solved(self, one: Happening) -> None:
        for metric in _SOLVED:
            self.meet(metric, one.at)
        self.cancel_all(one.at, "solved")

    def dismissed(self, one: Happening) -> None:
        """Not a request: what runs counts neither as kept nor as broken."""
        for clock in self.all_open():
            counted = clock.counted(one.at, self.calendar(clock))
            self.change(clock, counted.void(one.at), ClockStep.CANCEL, one.at, "dismissed")

    def merged(self, one: Happening) -> None:
        """The case that goes on in another one owes nothing any more."""
        if self.case.merged_into is not None:
            self.cancel_all(one.at, "merged")

    # -- what follows from the case as it is now ----------------------------------------------------------------------

    def retarget(self, at: datetime) -> None:
        """Another policy: each clock keeps its consumed and paused time, what is promised no more ends."""
        if self.before is None or self.before.targets == self.case.targets or not self.case.live:
            return
        old = {target.metric: target for target in self.before.targets}
        new = {target.metric: target for target in self.case.targets}
        why = why_changed(self.before, self.case)
        for clock in [one for one in self.all_open() if one.metric in {*old, *new}]:
            was, becomes = old.get(clock.metric), new.get(clock.metric)
            if becomes is None:
                self.end(clock, at, ClockStep.CANCEL, why)
            elif becomes != was and becomes.within:
                found = self.find_breach(clock, at)
                calendar = (was or becomes).timekeeper
                self.change(found, found.retargeted(at, becomes, calendar), ClockStep.RECOMPUTE, at, why)
        for metric in [metric for metric in new if metric not in old]:
            self._promise_late(metric, at, why)

    def _promise_late(self, metric: Metric, at: datetime, why: str) -> None:
        """What only the new policy promises counts from where it would have begun."""
        answered = self.case.answered_at if (self.case.answered_at or at) >= self.case.begun_at else None
        anchor = answered if metric is Metric.UPDATE else self.case.begun_at
        wanted = metric in (*LASTING, *BY_REVISION, Metric.UPDATE) and not self.open(metric)
        if anchor is None or not wanted or (metric is Metric.FIRST_RESPONSE and answered is not None):
            return
        self.begin(metric, anchor)
        for clock in self.open(metric):
            target = self.target(clock)
            self.change(clock, clock.retargeted(at, target, target.timekeeper), ClockStep.RECOMPUTE, at, why)

    def settle(self, at: datetime) -> None:
        """What is not told by one fact but by the state of the case: an owner, open questions, pauses."""
        if not self.case.live:
            self.cancel_all(at, self.case.status.value)
            self.case = replace(self.case, unanswered=())
            return
        if self.case.assignee is not None:
            self.meet(Metric.ASSIGN, at)
        elif not self.open(Metric.ASSIGN):
            self.begin(Metric.ASSIGN, at)
        self.anchor_next()
        for clock in self.all_open():
            self._pause(clock, at)

    def anchor_next(self) -> None:
        """The next response is due from the oldest question that nobody answered, once there was a first response."""
        answered = self.case.answered_at
        first_owed = answered is None or answered < self.case.begun_at or self.open(Metric.FIRST_RESPONSE)
        if first_owed or not self.case.unanswered:
            return
        oldest = min(self.case.unanswered)
        running = self.open(Metric.NEXT_RESPONSE)
        if not running:
            self.begin(Metric.NEXT_RESPONSE, oldest)
        elif oldest < running[0].anchor_at and running[0].breached_at is None:
            clock = running[0]
            earlier = clock.reanchored(oldest, self.target(clock))
            self.change(clock, earlier, ClockStep.ACTIVATE, oldest, "an older message came late")

    def _pause(self, clock: Clock, at: datetime) -> None:
        reason = self.case.status.value if self.pauses(clock) else ""
        if not clock.running and clock.pause_reason != reason:
            clock = self.resume(clock, at)
        if clock.running and reason:
            clock = self.find_breach(clock, at)
            paused = clock.pausing(at, reason, self.calendar(clock))
            self.change(clock, paused, ClockStep.PAUSE, paused.paused_at or at, reason)

    def pauses(self, clock: Clock) -> bool:
        """Whether its time does not count while the case has this status."""
        if clock.metric in _PAUSES:
            return self.case.status in _PAUSES[clock.metric]
        given = self.case.terms.pause_on if self.case.terms else ()
        if clock.metric in _PAUSED_ON_HOLD:
            return self.case.status is Status.ON_HOLD and self.case.status in given
        return clock.metric in _PAUSED_BY_POLICY and self.case.status in given


_HANDLERS: Mapping[Fact, str] = {
    Fact.CASE_OPENED: "begun",
    Fact.CASE_REOPENED: "begun",
    Fact.MESSAGE_RECEIVED: "received",
    Fact.REPLY_SENT: "replied",
    Fact.REPLY_ELSEWHERE: "replied",
    Fact.REPLY_HELD: "held",
    Fact.REPLY_APPROVED: "decided",
    Fact.REPLY_REJECTED: "decided",
    Fact.REPLY_UNDONE: "undone",
    Fact.CASE_ASSIGNED: "handed_over",
    Fact.CASE_MOVED: "handed_over",
    Fact.CASE_RELEASED: "handed_over",
    Fact.CASE_SOLVED: "solved",
    Fact.CASE_DISMISSED: "dismissed",
    Fact.CASE_MERGED: "merged",
    Fact.CLOCK_WARNED: "ticked",
    Fact.CLOCK_BREACHED: "ticked",
}
