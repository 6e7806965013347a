"""What happens to a case, decision by decision."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.calendar import Calendar, Day, read_hours
from chalicelib.domain.case import THREADS_KEPT, Case, Priority, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ledger import ENDED_CLOCKS_KEPT
from chalicelib.domain.routing import Route
from chalicelib.domain.target import Metric, Target
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from tests.build import FIRST_RESPONSE, MINUTE, NOON, RESOLUTION, case, contact, thread

OFFICE = Calendar("office", "UTC", (read_hours("08:00-18:00"),) * 5 + ((), ()))


Kept = tuple[Case, list[TimelineEvent]]


def kept(before: Case | None, turn: lifecycle.Turn) -> Kept:
    """The turn as it is written down, with its clocks."""
    return lifecycle.recorded(before, *turn, NOON)


def opened(new: Case | None = None) -> Case:
    fresh, happened = lifecycle.opened(new or case(), NOON)
    after, more = lifecycle.received(fresh, thread(), NOON)
    return kept(None, (after, [*happened, *more]))[0]


def facts(turn: lifecycle.Turn | Kept) -> list[Fact]:
    return [one.fact for one in turn[1]]


def steps(turn: Kept) -> list[str]:
    """What happened to the clocks, as metric-instance step."""
    return [f"{one.metric}-{one.instance} {one.kind}" for event in turn[1] for one in event.clocks]


def states(case: Case) -> dict[str, str]:
    return {f"{clock.metric.value}-{clock.instance}": clock.state.value for clock in case.clocks}


def answer(at_minutes: float, of: Case) -> Kept:
    at = NOON + at_minutes * MINUTE
    return kept(of, lifecycle.answered(of, at, Happening(Fact.REPLY_SENT, at, "ana")))


def solved(of: Case, at: datetime = NOON) -> Kept:
    return kept(of, lifecycle.solved(of, "ana", at))


def wrote(of: Case, message_id: str, at: datetime) -> Kept:
    return kept(of, lifecycle.received(of, thread(message_id, at), at))


def test_a_new_case_runs_every_clock_from_the_customers_moment() -> None:
    fresh = opened()
    assert states(fresh) == {"first_response-0": "running", "resolution-0": "running"}
    assert fresh.next_checkpoint and fresh.next_checkpoint.at == NOON + 45 * MINUTE
    assert fresh.due_at == NOON + 60 * MINUTE


def test_a_new_case_copies_its_promises_with_their_calendars() -> None:
    days = {date(2026, 6, 2): Day((), "holiday"), date(2025, 12, 25): Day((), "long past")}
    promised = (replace(FIRST_RESPONSE, calendar=replace(OFFICE, dates=days)), RESOLUTION)
    where = Route("messages", Priority.NORMAL, ("no rule matched",))
    fresh = lifecycle.new_case("c1", contact(), where, promised, NOON)
    assert [target.calendar and list(target.calendar.dates) for target in fresh.targets] == [[date(2026, 6, 2)], None]


def test_clocks_count_in_their_targets_calendar_from_the_start_and_after_a_reopening() -> None:
    in_the_office = Target(Metric.FIRST_RESPONSE, timedelta(hours=8), timedelta(hours=1), OFFICE)
    fresh = opened(case(targets=(in_the_office, RESOLUTION)))
    assert [clock.due_at for clock in fresh.clocks] == [_at("2026-06-02T10:00"), _at("2026-06-01T20:00")]
    assert fresh.clocks[0].warn_at == _at("2026-06-01T12:00") + timedelta(hours=21)
    friday = _at("2026-06-05T17:00")
    back, _ = wrote(solved(fresh)[0], "m2", friday)
    running = [clock.due_at for clock in back.clocks if clock.running]
    assert running == [_at("2026-06-08T15:00"), _at("2026-06-06T01:00")]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z")


def test_an_answer_meets_the_first_response_and_waits_for_the_customer() -> None:
    turn = answer(10, opened())
    assert (facts(turn), steps(turn)) == ([Fact.REPLY_SENT], ["first_response-0 fulfil"])
    assert turn[0].status is Status.PENDING
    assert states(turn[0])["first_response-0"] == "met"
    assert states(turn[0])["resolution-0"] == "running"


def test_an_answer_older_than_the_customers_latest_words_does_not_make_the_case_wait() -> None:
    later, _ = wrote(opened(), "m2", NOON + 20 * MINUTE)
    assert answer(10, later)[0].status is Status.NEW


def test_a_late_answer_tells_the_breach_nobody_had_noticed() -> None:
    turn = answer(61, opened())
    assert facts(turn) == [Fact.CLOCK_BREACHED, Fact.REPLY_SENT]
    assert steps(turn) == ["first_response-0 breach", "first_response-0 fulfil"]
    assert turn[1][0].at == NOON + 60 * MINUTE


def test_solving_meets_the_resolution_and_voids_the_rest() -> None:
    turn = solved(opened(), NOON + 5 * MINUTE)
    assert states(turn[0]) == {"first_response-0": "cancelled", "resolution-0": "met"}
    assert turn[0].next_checkpoint is None
    assert lifecycle.solved(turn[0], "ana", NOON)[1] == []


def test_writing_again_after_it_was_solved_reopens_with_fresh_clocks() -> None:
    later = NOON + timedelta(days=1)
    turn = wrote(solved(opened(), NOON + 5 * MINUTE)[0], "m2", later)
    assert facts(turn) == [Fact.CASE_REOPENED, Fact.MESSAGE_RECEIVED]
    assert turn[0].revision == 1
    assert states(turn[0])["first_response-1"] == "running"
    assert turn[0].due_at == later + 60 * MINUTE


def test_reopening_for_ever_keeps_a_bounded_number_of_clocks() -> None:
    again = opened()
    for day in range(50):
        again, _ = solved(again, NOON + timedelta(days=day))
        at = NOON + timedelta(days=day, hours=1)
        again, _ = wrote(again, "m", at)
    assert len(again.clocks) <= ENDED_CLOCKS_KEPT + 2


def test_taking_is_for_one_agent_only() -> None:
    mine, happened = lifecycle.taken(opened(), "ana", NOON)
    assert (mine.assignee, mine.status, len(happened)) == ("ana", Status.OPEN, 1)
    assert lifecycle.taken(mine, "ana", NOON) == (mine, [])
    with pytest.raises(Refusal, match="already taken by ana"):
        lifecycle.taken(mine, "tom", NOON)


def test_a_solved_case_cannot_be_taken() -> None:
    with pytest.raises(Refusal, match="solved"):
        lifecycle.taken(solved(opened())[0], "tom", NOON)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (44, []),
        (45, [Fact.CLOCK_WARNED]),
        (60, [Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED]),
        (600, [Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED, Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED]),
    ],
)
def test_time_brings_what_is_due_and_no_more(minutes: int, expected: list[Fact]) -> None:
    turn = lifecycle.ticked(opened(), NOON + minutes * MINUTE)
    assert facts(turn) == expected
    assert facts(lifecycle.ticked(turn[0], NOON + minutes * MINUTE)) == []


def test_a_solved_case_has_no_more_alarms() -> None:
    assert lifecycle.ticked(solved(opened())[0], NOON + timedelta(days=9))[1] == []


def test_recording_numbers_the_facts_and_arms_a_timer_only_when_the_checkpoint_moved() -> None:
    fresh, happened = lifecycle.opened(case(), NOON)
    recorded, events = lifecycle.recorded(None, fresh, happened, NOON)
    assert [one.seq for one in events] == [1]
    assert events[-1].arm == NOON + 45 * MINUTE
    noted, more = lifecycle.recorded(recorded, recorded, [Happening(Fact.NOTE_ADDED, NOON, "ana")], NOON)
    assert ([one.seq for one in more], more[-1].arm, noted.seq) == ([2], None, 2)


def test_a_case_remembers_a_bounded_number_of_threads_the_latest_ones() -> None:
    busy = opened()
    for number in range(THREADS_KEPT + 5):
        at = NOON + number * MINUTE
        busy = busy.with_thread(thread(f"m{number}", at, conversation_id=f"v{number}"))
    assert len(busy.threads) == THREADS_KEPT
    latest = busy.thread()
    assert latest is not None and latest.conversation_id == f"v{THREADS_KEPT + 4}"
    assert busy.thread("v0") is None


def test_an_older_message_does_not_take_the_thread_back() -> None:
    known = opened().with_thread(thread("new", NOON + 5 * MINUTE))
    assert known.with_thread(thread("old", NOON)) is known


def test_only_running_clocks_are_stopped() -> None:
    breached = tuple(clock.breached() for clock in opened().clocks)
    turn = answer(120, replace(opened(), clocks=breached))
    assert (facts(turn), steps(turn)) == ([Fact.REPLY_SENT], ["first_response-0 fulfil"])
    first = next(clock for clock in turn[0].clocks if clock.metric is Metric.FIRST_RESPONSE)
    assert (first.state, first.ended_at) == (ClockState.BREACHED, NOON + 120 * MINUTE)
