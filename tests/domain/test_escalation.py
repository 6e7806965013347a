"""Chains: each step once and in its order, whoever wakes the case how often and how late."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import escalating
from chalicelib.domain.calendar import Calendar, Day, read_hours
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.errors import Refusal
from chalicelib.domain.escalation import Chain, Step, StepKind, Way
from chalicelib.domain.timeline import Fact, Happening
from tests.build import MINUTE, NOON, case

CLOCK = "first_response/0/due"
OFFICE = Calendar("office", "UTC", (read_hours("09:00-13:00"),) * 5 + ((), ()))


def wait(minutes: float) -> Step:
    return Step(StepKind.WAIT, span=minutes * MINUTE)


def notify(way: Way = Way.TEAM, target: str = "") -> Step:
    return Step(StepKind.NOTIFY, way, target)


def chain(*steps: Step, **more: Any) -> Chain:
    return Chain("urgent", steps, **more)


PLAIN = chain(notify(), wait(10), notify(Way.ON_CALL, "social"), wait(10), Step(StepKind.REPEAT, count=2))


def calm(queue: str, at: datetime, within: timedelta, most: int) -> int:
    return 0


def begun(chain: Chain = PLAIN, by: str = CLOCK, **more: Any) -> Case:
    after, happened = escalating.started(case(**more), chain, NOON, by)
    assert [one.data["state"] for one in happened] == ["started"]
    return after


def told(happened: list[Happening]) -> list[tuple[float, str]]:
    return [((one.at - NOON) / MINUTE, one.data["way"]) for one in happened if one.fact is Fact.CASE_NOTIFIED]


def states(happened: list[Happening]) -> list[str]:
    return [one.data["state"] for one in happened if one.fact is Fact.CASE_ESCALATED]


def test_steps_come_in_order_and_at_their_time_and_the_chain_repeats_and_ends() -> None:
    after, happened = escalating.stepped(begun(), NOON + 999 * MINUTE, calm)
    assert told(happened) == [
        (0, "team"), (10, "on_call"), (20, "team"), (30, "on_call"), (40, "team"), (50, "on_call"),
    ]  # fmt: skip
    assert after.escalation is not None and after.escalation.ended_at == NOON + 60 * MINUTE
    assert after.escalation.ended_why == "nobody followed" and after.escalation.steps == ()
    names = [one.data["name"] for one in happened if one.fact is Fact.CASE_NOTIFIED]
    assert len(set(names)) == len(names)


@given(st.lists(st.floats(0, 90), max_size=30))
def test_whenever_it_is_woken_the_same_happens_once(wakings: list[float]) -> None:
    at_once = escalating.stepped(begun(), NOON + 90 * MINUTE, calm)
    now, happened = begun(), list[Happening]()
    for minutes in [*wakings, 90]:
        now, more = escalating.stepped(now, NOON + minutes * MINUTE, calm)
        happened += more
    assert told(happened) == told(at_once[1])
    assert now == at_once[0]


@given(st.lists(st.floats(0, 90), max_size=10))
def test_every_change_is_told_so_that_it_is_written(wakings: list[float]) -> None:
    slow = chain(Step(StepKind.HOURS, calendar=OFFICE), wait(5), Step(StepKind.RAISE, target="low"), wait(5))
    now = begun(slow)
    for minutes in sorted(wakings):
        after, happened = escalating.stepped(now, NOON + minutes * MINUTE, calm)
        assert bool(happened) == (after != now)
        now = after


def test_a_stale_waking_does_nothing() -> None:
    first, _ = escalating.stepped(begun(), NOON, calm)
    assert escalating.stepped(first, NOON + 9 * MINUTE, calm) == (first, [])
    assert escalating.stepped(case(), NOON, calm) == (case(), [])


def test_the_assignee_is_told_and_without_one_the_team() -> None:
    mine = chain(notify(Way.ASSIGNEE))
    [_, happened] = escalating.stepped(begun(mine, assignee="ana"), NOON, calm)
    assert (happened[0].data["way"], happened[0].data["target"]) == ("assignee", "ana")
    assert told(escalating.stepped(begun(mine), NOON, calm)[1]) == [(0, "team")]


def test_priority_is_raised_never_lowered_and_a_moved_case_is_nobodys() -> None:
    steps = chain(Step(StepKind.RAISE, target="high"), Step(StepKind.MOVE, target="escalations"), notify(Way.ASSIGNEE))
    after, happened = escalating.stepped(begun(steps, assignee="ana"), NOON, calm)
    assert (after.priority, after.queue, after.assignee) == (Priority.HIGH, "escalations", None)
    assert after.reasons == ("set by Heed: escalated by urgent", "no rule matched")
    facts = [Fact.CASE_PRIORITY, Fact.CASE_MOVED, Fact.CASE_NOTIFIED, Fact.CASE_ESCALATED]
    assert [one.fact for one in happened] == facts
    already = begun(steps, priority=Priority.URGENT, queue="escalations")
    assert escalating.stepped(already, NOON, calm)[0].priority is Priority.URGENT


def test_outside_its_hours_a_chain_is_held_until_they_begin() -> None:
    held, happened = escalating.stepped(begun(chain(Step(StepKind.HOURS, calendar=OFFICE), notify())), NOON, calm)
    assert told(happened) == [(0, "team")]
    evening = NOON + 120 * MINUTE
    late, _ = escalating.started(case(), chain(Step(StepKind.HOURS, calendar=OFFICE), notify()), evening, CLOCK)
    held, happened = escalating.stepped(late, evening, calm)
    assert states(happened) == ["held"]
    morning = NOON + timedelta(hours=21)
    assert held.escalation is not None and held.escalation.wakes_at == morning
    assert told(escalating.stepped(held, morning, calm)[1]) == [(21 * 60, "team")]


@pytest.mark.parametrize(("broken", "goes_on"), [(20, False), (21, True), (500, True)])
def test_only_in_a_flood_it_goes_on(broken: int, goes_on: bool) -> None:
    asked = []

    def tally(queue: str, at: datetime, within: timedelta, most: int) -> int:
        asked.append((queue, at, within, most))
        return min(broken, most)

    flood = chain(wait(1), Step(StepKind.FLOOD, count=20, span=10 * MINUTE), notify())
    after, happened = escalating.stepped(begun(flood), NOON + 2 * MINUTE, tally)
    assert asked == [("messages", NOON + MINUTE, 10 * MINUTE, 21)]
    assert bool(told(happened)) is goes_on
    assert after.escalation is not None
    assert after.escalation.ended_why == ("nobody followed" if goes_on else "no flood")


def test_acknowledged_nothing_comes_and_when_nothing_follows_it_goes_on() -> None:
    first, _ = escalating.stepped(begun(), NOON, calm)
    held, happened = escalating.acknowledged(first, "ana", NOON + 3 * MINUTE)
    assert [one.fact for one in happened] == [Fact.CASE_ACKNOWLEDGED]
    assert escalating.stepped(held, NOON + 32 * MINUTE, calm) == (held, [])
    freed, happened = escalating.stepped(held, NOON + 33 * MINUTE, calm)
    assert [one.fact for one in happened] == [Fact.CASE_UNACKNOWLEDGED, Fact.CASE_NOTIFIED]
    assert told(happened) == [(33, "on_call")]
    assert freed.escalation is not None and freed.escalation.acknowledged_by is None


@pytest.mark.parametrize(
    ("fact", "actor", "why"),
    [
        (Fact.REPLY_QUEUED, "ana", "followed"),
        (Fact.NOTE_ADDED, "tom", "followed"),
        (Fact.CASE_ACKNOWLEDGED, "ana", None),
        (Fact.MESSAGE_RECEIVED, "customer", None),
        (Fact.CLOCK_BREACHED, "system", None),
        (Fact.CASE_SOLVED, "ana", "solved"),
        (Fact.CASE_DISMISSED, "ana", "dismissed"),
        (Fact.REPLY_SENT, "ana", "answered"),
    ],
)
def test_what_follows_an_acknowledgement_ends_the_chain(fact: Fact, actor: str, why: str | None) -> None:
    held, _ = escalating.acknowledged(begun(), "ana", NOON + MINUTE)
    after = escalating.followed(held, [Happening(fact, NOON + 2 * MINUTE, actor)], NOON + 2 * MINUTE).escalation
    assert after is not None and (after.ended_why or None) == why


def test_a_merged_case_is_left_to_the_one_it_went_into() -> None:
    lost = Happening(Fact.CASE_MERGED, NOON + MINUTE, "ana", {"into": "another"})
    won = Happening(Fact.CASE_MERGED, NOON + MINUTE, "ana", {"from": "another"})
    over = escalating.followed(begun(), [lost], NOON + MINUTE).escalation
    assert over is not None and over.ended_why == "merged"
    assert escalating.followed(begun(), [won], NOON + MINUTE) == begun()


def test_without_an_acknowledgement_only_an_answer_or_the_end_stops_it() -> None:
    note = Happening(Fact.NOTE_ADDED, NOON + MINUTE, "ana")
    sent = Happening(Fact.REPLY_SENT, NOON + MINUTE, "ana")
    old = Happening(Fact.REPLY_SENT, NOON - MINUTE, "ana")
    assert escalating.followed(begun(), [note, old], NOON) == begun()
    stubborn = begun(chain(notify(), ends_on_answer=False))
    assert escalating.followed(stubborn, [sent], NOON) == stubborn
    over = escalating.followed(replace(begun(), status=Status.SOLVED), [], NOON).escalation
    assert over is not None and not over.running and over.wakes_at is None


def test_one_chain_at_a_time_and_never_twice_for_the_same_clock() -> None:
    running = begun()
    assert escalating.started(running, PLAIN, NOON + MINUTE, "resolution/0/due") == (running, [])
    assert escalating.started(running, PLAIN, NOON + MINUTE, "ana") == (running, [])
    over, _ = escalating.stepped(running, NOON + 999 * MINUTE, calm)
    assert escalating.started(over, PLAIN, NOON + 1000 * MINUTE, CLOCK) == (over, [])
    assert escalating.started(over, PLAIN, NOON + 1000 * MINUTE, "first_response/1/due")[1]
    solved = replace(case(), status=Status.SOLVED)
    assert escalating.started(solved, PLAIN, NOON, "ana") == (solved, [])


def test_a_person_may_escalate_what_somebody_only_acknowledged() -> None:
    held, _ = escalating.acknowledged(begun(), "ana", NOON + MINUTE)
    again, happened = escalating.started(held, PLAIN, NOON + 2 * MINUTE, "mia")
    assert happened[0].actor == "mia"
    assert again.escalation is not None and again.escalation.acknowledged_by is None


def test_what_does_not_run_cannot_be_acknowledged() -> None:
    with pytest.raises(Refusal, match="Nothing is being escalated"):
        escalating.acknowledged(case(), "ana", NOON)


def test_the_copy_of_a_calendar_holds_what_the_chain_may_need_and_no_more() -> None:
    """A file that is edited, or years of holidays in it, do not travel with every case."""
    closed = Day((), "a holiday")
    days = {NOON.date() + timedelta(days=days): closed for days in (-400, 0, 30, 3000)}
    office = replace(OFFICE, dates=days)
    copied = begun(chain(Step(StepKind.HOURS, calendar=office), notify())).escalation
    assert copied is not None
    calendar = copied.steps[0].calendar
    assert calendar is not None and sorted(calendar.dates) == sorted(days)[1:3]
    held, happened = escalating.stepped(begun(chain(Step(StepKind.HOURS, calendar=office), notify())), NOON, calm)
    assert states(happened) == ["held"] and held.escalation is not None
    assert held.escalation.wakes_at == NOON + timedelta(hours=21), "today is a holiday"
