"""A colleague takes back that a case was over: its promises count on as if nobody had pressed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import lifecycle, reopening, work
from chalicelib.domain.case import Case, Rest, Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.errors import Refusal
from chalicelib.domain.report import Verdict, report
from chalicelib.domain.stuck import FAILED, HELD
from chalicelib.domain.target import Metric, Terms
from chalicelib.domain.timeline import Fact
from tests.build import MINUTE, NOON, case
from tests.domain.clock_stories import Story, target
from tests.domain.test_clock_laws import STEPS, Steps, go, lived

WEEK = timedelta(days=7)
FIRST, RESOLUTION = target(Metric.FIRST_RESPONSE, 60, 15), target(Metric.RESOLUTION, 120, 20)
NEXT, UPDATE = target(Metric.NEXT_RESPONSE, 30), target(Metric.UPDATE, 100)
TOTAL, LOOP = target(Metric.TOTAL_RESOLUTION, 400), target(Metric.LOOP_CLOSE, 90)
APPROVAL, ASSIGN = target(Metric.APPROVAL, 40), target(Metric.ASSIGN, 50)


def story(*targets: object, pause_on: tuple[str, ...] = ("pending",)) -> Story:
    return Story(targets or (FIRST, RESOLUTION), Terms(pause_on=pause_on))  # type: ignore[arg-type]


def test_what_ran_runs_on_and_the_time_between_counts() -> None:
    told = story().solved(10).reopened(50)
    assert (told.due(Metric.FIRST_RESPONSE), told.due(Metric.RESOLUTION)) == (60, 120)
    assert {clock.instance for clock in told.case.clocks} == {0} and told.case.revision == 0
    told.ticked(60)
    assert told.clock(Metric.FIRST_RESPONSE).warned_at == told.moment(45)


def test_a_warning_that_nobody_told_before_the_end_is_of_its_own_moment() -> None:
    told = story().solved(50).reopened(55).ticked(55)
    assert told.clock(Metric.FIRST_RESPONSE).warned_at == told.moment(45)


def test_what_broke_meanwhile_is_broken_since_then_and_told_once() -> None:
    told = story().solved(10).reopened(90).ticked(90)
    assert told.clock(Metric.FIRST_RESPONSE).breached_at == told.moment(60)
    assert told.facts().count(Fact.CLOCK_BREACHED) == 1
    assert told.measured(Metric.FIRST_RESPONSE).verdict is Verdict.BROKEN


def test_what_was_kept_before_it_was_over_stays_kept() -> None:
    told = story().answered(20).solved(30).reopened(500)
    assert told.clock(Metric.FIRST_RESPONSE).state is ClockState.MET
    assert told.measured(Metric.FIRST_RESPONSE).ended_at == told.moment(20)


def test_it_waits_for_the_customer_as_before_and_that_time_does_not_count() -> None:
    told = story(FIRST, RESOLUTION, TOTAL).answered(20).solved(30).reopened(1000)
    assert told.case.status is Status.PENDING
    assert [clock.state for clock in told.clocks(Metric.RESOLUTION)] == [ClockState.PAUSED]
    assert told.case.rests == (Rest(Status.PENDING, told.moment(20)),)
    assert told.wrote(1010).due(Metric.RESOLUTION) == 1110


def test_a_question_that_nobody_answered_waits_since_it_was_asked() -> None:
    told = story(FIRST, NEXT).answered(5).wrote(20).solved(25).reopened(40)
    assert (told.case.status, told.due(Metric.NEXT_RESPONSE)) == (Status.OPEN, 50)
    assert told.case.unanswered == (told.moment(20),)


def test_an_answer_that_came_meanwhile_counts_from_when_it_came() -> None:
    told = story(FIRST, UPDATE, RESOLUTION).solved(10).answered(30).reopened(45)
    assert told.case.status is Status.PENDING
    first = told.clock(Metric.FIRST_RESPONSE)
    assert (first.state, first.ended_at) == (ClockState.MET, told.moment(30))
    assert told.due(Metric.UPDATE) == 130
    assert told.wrote(100).due(Metric.RESOLUTION) == 190, "it waited for the customer since the answer"


def test_an_answer_that_came_too_late_meanwhile_is_late() -> None:
    told = story().solved(10).answered(70).reopened(80)
    first = told.clock(Metric.FIRST_RESPONSE)
    assert (first.breached_at, first.ended_at) == (told.moment(60), told.moment(70))


def test_what_was_no_request_counts_again() -> None:
    told = story().ticked(70)
    told.turn(work.dismissed(told.case, "ana", told.moment(80)))
    assert told.measured(Metric.FIRST_RESPONSE).verdict is Verdict.NEITHER
    told.reopened(90).ticked(90)
    assert told.measured(Metric.FIRST_RESPONSE).verdict is Verdict.BROKEN
    assert told.facts().count(Fact.CLOCK_BREACHED) == 1


def test_an_answer_to_be_approved_waits_still_unless_it_was_decided() -> None:
    held = {"reply_id": "r1"}
    for decided in (False, True):
        told = story(APPROVAL)
        told.told(5, Fact.REPLY_HELD, data=held, stuck={"r1": HELD})
        told.turn(work.dismissed(told.case, "ana", told.moment(10)))
        if decided:
            told.told(15, Fact.REPLY_REJECTED, data=held, stuck={})
        told.reopened(20)
        assert told.runs(Metric.APPROVAL) == (not decided)
        assert len(told.case.owed) == (not decided)


def test_a_loop_that_was_closed_meanwhile_stays_closed() -> None:
    for told_since in (False, True):
        told = story(LOOP).answered(5, mode="private_reply")
        told.turn(work.dismissed(told.case, "ana", told.moment(10)))
        if told_since:
            told.answered(15, mode="public")
        told.reopened(20)
        assert told.runs(Metric.LOOP_CLOSE) == (not told_since)


def test_a_snooze_goes_on_and_one_that_is_over_ends_by_its_time() -> None:
    for until, status in ((200, Status.ON_HOLD), (30, Status.OPEN)):
        told = story(RESOLUTION, pause_on=("on_hold",))
        told.turn(work.snoozed(told.case, told.moment(until), "ana", told.moment(10))).solved(20).reopened(40).ticked(
            40
        )
        assert told.case.status is status
        assert (told.case.snoozed_until is not None) == (status is Status.ON_HOLD)
        assert told.runs(Metric.RESOLUTION) == (status is Status.OPEN)
    assert told.due(Metric.RESOLUTION) == 140, "it rested from 10 to 30"


def test_who_reopens_what_nobody_had_has_it() -> None:
    told = story(ASSIGN).solved(10).reopened(60, "tom")
    assert (told.case.assignee, told.case.status) == ("tom", Status.OPEN)
    assert told.facts()[-3:] == [Fact.CASE_REOPENED, Fact.CLOCK_BREACHED, Fact.CASE_TAKEN] or told.facts()[-2:] == [
        Fact.CASE_REOPENED,
        Fact.CASE_TAKEN,
    ]
    assert told.clock(Metric.ASSIGN).breached_at == told.moment(50)
    mine = story().told(1, Fact.CASE_TAKEN, assignee="ana").solved(10).reopened(20, "tom")
    assert mine.case.assignee == "ana" and mine.facts()[-1] is Fact.CASE_REOPENED


def test_an_answer_that_did_not_get_through_needs_somebody_again() -> None:
    solved, _ = lifecycle.solved(case(stuck={"r1": FAILED, "r2": HELD}), "ana", NOON)
    again, _ = reopening.reopened(replace(solved, stuck={"r2": HELD}), "ana", WEEK, NOON)
    assert again.stuck == {"r1": FAILED, "r2": HELD} and again.left is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"status": Status.OPEN}, "not resolved"),
        ({"solved_at": NOON - WEEK - MINUTE}, "too long ago"),
        ({"erased_at": NOON}, "erased"),
    ],
)
def test_what_cannot_be_reopened_says_why(changed: dict[str, object], told: str) -> None:
    solved, _ = lifecycle.solved(case(), "ana", NOON)
    with pytest.raises(Refusal, match=told):
        reopening.reopened(replace(solved, **changed), "ana", WEEK, NOON)  # type: ignore[arg-type]


def test_a_case_solved_by_an_earlier_release_is_open_again() -> None:
    solved, _ = lifecycle.solved(case(), "ana", NOON)
    again, _ = reopening.reopened(replace(solved, left=None), "ana", WEEK, NOON)
    assert (again.status, again.assignee) == (Status.OPEN, "ana")


def test_the_customers_own_reopening_begins_anew() -> None:
    told = story(FIRST, NEXT).answered(5).wrote(20).solved(25).wrote(100)
    assert (told.case.revision, told.due(Metric.FIRST_RESPONSE), told.case.left) == (1, 160, None)
    assert told.case.unanswered == (told.moment(100),)


# -- whatever had happened, and whatever happens then ------------------------------------------------------------------


def _pressed(steps: Steps, pressed: float, gap: float, ending: str) -> Story:
    """That life, in which somebody ends the case and takes it back, or (ending nothing) lets it be."""
    told = lived(steps, ("pending", "on_hold"))
    at = sum(passed for _, passed, _ in steps) + pressed
    if told.case.live:
        told.told(at, Fact.CASE_TAKEN, assignee="ana", status=_worked(told.case)).ticked(at)
        if ending:
            go(told, ending, at)
            told.reopened(at + gap)
        told.ticked(at + gap)
    return told


def _worked(known: Case) -> Status:
    return Status.OPEN if known.status is Status.NEW else known.status


def _running(clocks: Iterable[Clock]) -> list[object]:
    found = [one for one in clocks if one.open]
    told = [
        (one.metric, one.about, one.anchor_at, one.state, one.breached_at, one.target)
        + ((one.due_at, one.warned_at) if one.running else (one.consumed,))
        for one in found
    ]
    return sorted(told, key=repr)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(STEPS, max_size=12),
    st.integers(1, 50),
    st.integers(0, 300),
    st.sampled_from(["solved", "dismissed"]),
    st.lists(STEPS.filter(lambda step: step[0] != "held"), max_size=6),
)
def test_a_slip_that_is_taken_back_is_as_if_it_had_not_been(
    steps: Steps, pressed: int, gap: int, ending: str, then: Steps
) -> None:
    slipped, calm = (_pressed(steps, pressed, gap, one) for one in (ending, ""))
    at = sum(passed for _, passed, _ in steps) + pressed + float(gap)
    for step, passed, _ in [("tick", 0, 0), *then]:
        at += passed
        for one in (slipped, calm):
            go(one, step, at)
        assert _running(slipped.case.clocks) == _running(calm.case.clocks)
        assert (slipped.case.status, slipped.case.rests[-1:]) == (calm.case.status, calm.case.rests[-1:])
    broken = [
        {(name, one.breached_at) for name, one in report(it.events).items() if one.verdict is Verdict.BROKEN}
        for it in (slipped, calm)
    ]
    assert broken[0] == broken[1]
