"""Laws of pausing, resuming and promising something else, for random times in random calendars."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import work
from chalicelib.domain.calendar import Calendar, read_hours
from chalicelib.domain.case import Priority, Status
from chalicelib.domain.clock import CheckpointKind, Clock, start
from chalicelib.domain.report import Verdict, report
from chalicelib.domain.resting import LASTING
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import Fact
from tests.build import MINUTE, NOON
from tests.domain.clock_stories import Story, target

OFFICE = Calendar("office", "Europe/Berlin", (read_hours("09:00-12:00 13:00-17:00"),) * 5 + ((), ()))
NIGHTS = Calendar("nights", "America/New_York", (read_hours("22:00-06:00"),) * 7)
CALENDARS = st.sampled_from([None, OFFICE, NIGHTS])
SPANS = st.integers(1, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
STARTS = st.integers(0, 60 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds))


def begun(calendar: Calendar | None, within: timedelta, at: datetime) -> tuple[Target, Clock]:
    one = Target(Metric.RESOLUTION, within, within / 4, calendar)
    return one, start(one, at, 0, one.timekeeper)


@settings(max_examples=60, deadline=None)
@given(CALENDARS, SPANS, STARTS, SPANS, SPANS)
def test_a_pause_moves_the_due_time_by_what_was_left(
    calendar: Calendar | None, within: timedelta, at: datetime, first: timedelta, rest: timedelta
) -> None:
    one, clock = begun(calendar, within, at)
    pause, resume = at + first, at + first + rest
    if clock.late(pause):
        return
    again = clock.pausing(pause, "on_hold", one.timekeeper).resuming(resume, one)
    left = within - one.timekeeper.between(at, pause)
    assert again.due_at == one.timekeeper.add(resume, left)
    assert again.due_at >= clock.due_at
    assert again.paused == rest


@settings(max_examples=60, deadline=None)
@given(CALENDARS, SPANS, STARTS, SPANS)
def test_a_pause_of_no_time_and_the_same_promise_again_change_nothing(
    calendar: Calendar | None, within: timedelta, at: datetime, after: timedelta
) -> None:
    one, clock = begun(calendar, within, at)
    then = at + after
    if clock.late(then):
        return
    paused = clock.pausing(then, "pending", one.timekeeper).resuming(then, one)
    again = clock.retargeted(then, one, one.timekeeper)
    if one.timekeeper.between(at, then) < within:
        assert paused.due_at == again.due_at == clock.due_at


@settings(max_examples=60, deadline=None)
@given(CALENDARS, SPANS, SPANS, STARTS, SPANS, SPANS)
def test_another_promise_in_the_same_calendar_is_due_as_if_it_had_been_made_first(
    calendar: Calendar | None, within: timedelta, other: timedelta, at: datetime, after: timedelta, rest: timedelta
) -> None:
    one, clock = begun(calendar, within, at)
    becomes = replace(one, within=other)
    then = at + after
    if clock.late(then):
        return
    changed = clock.retargeted(then, becomes, one.timekeeper)
    spent = one.timekeeper.between(at, then)
    assert changed.consumed == spent
    assert changed.due_at == (one.timekeeper.add(at, other) if other > spent else then)
    paused = clock.pausing(then, "on_hold", one.timekeeper).retargeted(then + rest, becomes, one.timekeeper)
    resumed = paused.resuming(then + rest, becomes)
    assert (resumed.consumed, resumed.paused) == (spent, rest)


@settings(max_examples=200, deadline=None)
@given(CALENDARS, SPANS, STARTS, SPANS, SPANS)
def test_what_remains_is_what_was_promised_without_what_was_consumed(
    calendar: Calendar | None, within: timedelta, at: datetime, first: timedelta, more: timedelta
) -> None:
    one, clock = begun(calendar, within, at)
    keeper, then, later = one.timekeeper, at + first, at + first + more
    left = clock.remaining(then, keeper)
    assert left == clock.target - clock.counted(then, keeper).consumed
    assert left - clock.remaining(later, keeper) == keeper.between(then, later)
    assert clock.remaining(at, keeper) == clock.remaining(at - more, keeper) == within
    assert (left <= timedelta()) == (keeper.between(at, then) >= within)
    if left > timedelta():
        assert keeper.add(then, left) == clock.due_at
    paused = clock.pausing(then, "on_hold", keeper)
    assert paused.remaining(then, keeper) == paused.remaining(later, keeper) == left
    assert clock.met(then).remaining(later, keeper) == clock.target - clock.consumed


def test_a_clock_that_is_paused_neither_warns_nor_breaks() -> None:
    one, clock = begun(None, 60 * MINUTE, NOON)
    paused = clock.pausing(NOON + 30 * MINUTE, "on_hold", one.timekeeper)
    assert list(paused.checkpoints()) == []
    assert not paused.late(NOON + timedelta(days=9))


def test_several_warnings_come_each_once_and_again_only_when_they_lie_ahead() -> None:
    one = target(Metric.RESOLUTION, 60, 30, later_warns=(10 * MINUTE,))
    clock = start(one, NOON, 0, one.timekeeper)
    told = [(point.kind, (point.at - NOON) / MINUTE) for point in clock.checkpoints()]
    assert told == [(CheckpointKind.WARN, 30), (CheckpointKind.WARN, 50), (CheckpointKind.DUE, 60)]
    warned = clock.warned(clock.warn_at)
    assert [(point.at - NOON) / MINUTE for point in warned.checkpoints()] == [50, 60]
    resumed = warned.pausing(NOON + 35 * MINUTE, "on_hold", one.timekeeper).resuming(NOON + 95 * MINUTE, one)
    assert [(point.at - NOON) / MINUTE for point in resumed.checkpoints()] == [110, 120]


@pytest.mark.parametrize(
    ("hours", "begins", "within", "warn", "due"),
    [
        ("09:00-17:00", "2026-06-05T16:45", 30, 0, "2026-06-08T09:15"),
        ("09:00-17:00", "2026-06-05T16:30", 60, 0, "2026-06-08T09:30"),
        ("08:00-18:00", "2026-06-01T17:00", 240, 0, "2026-06-02T11:00"),
        ("08:00-18:00", "2026-06-01T17:00", 240, 60, "2026-06-02T10:00"),
        ("09:00-17:00", "2026-06-01T09:00", 960, 0, "2026-06-02T17:00"),
    ],
    ids=["half an hour on Friday", "an hour on Friday", "four hours", "warned an hour before", "two working days"],
)
def test_the_vectors_that_others_got_wrong(hours: str, begins: str, within: int, warn: int, due: str) -> None:
    calendar = Calendar("office", "UTC", (read_hours(hours),) * 5 + ((), ()))
    one = target(Metric.RESOLUTION, within, warn, calendar=calendar)
    clock = start(one, datetime.fromisoformat(begins).replace(tzinfo=UTC), 0, calendar)
    assert (clock.warn_at if warn else clock.due_at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


# -- reports ----------------------------------------------------------------------------------------------------------

SPOKEN = (Metric.REPLY_WINDOW, Metric.PROMISE)
PROMISED = (
    *(target(metric, 30 + place, 8) for place, metric in enumerate(Metric) if metric not in SPOKEN),
    target(Metric.REPLY_WINDOW, 0, 10),
)
STRICT = (target(Metric.RESOLUTION, 20), target(Metric.UPDATE, 15), target(Metric.AGENT_WORK, 90, calendar=OFFICE))
WORDS = """wrote thanks answered bot public privately elsewhere promised held approved rejected undone taken freed
on_hold pending open solved dismissed reopened handed tick other same"""
SPOKEN_LATE = frozenset({"wrote", "thanks", "answered", "public", "privately", "elsewhere", "handed"})
"""What a network may tell us of long after it happened."""
PASSED = st.integers(0, 50)
STEPS = st.tuples(st.sampled_from(WORDS.split()), PASSED, st.sampled_from([0, 0, 0, 20, 60]))
Steps = list[tuple[str, int, int]]


def lived(steps: Steps, pause_on: tuple[str, ...]) -> Story:
    story, at = Story(PROMISED, Terms(pause_on=pause_on)), 0.0
    for step, passed, late in steps:
        at += passed
        go(story, step, max(at - late, 0) if step in SPOKEN_LATE else at)
    return story


def go(story: Story, step: str, at: float) -> None:
    """One step of a random life."""
    held = {"reply_id": "r1"}
    plain = {
        "wrote": lambda: story.wrote(at, window=timedelta(minutes=40)),
        "thanks": lambda: story.wrote(at, closing=True),
        "answered": lambda: story.answered(at),
        "bot": lambda: story.answered(at, by="bot:hello"),
        "public": lambda: story.answered(at, mode="public"),
        "privately": lambda: story.answered(at, mode="private_reply"),
        "elsewhere": lambda: story.answered(at, fact=Fact.REPLY_ELSEWHERE),
        "handed": lambda: story.handed(at),
        "promised": lambda: story.answered(at, promised=(story.moment(at) + 20 * MINUTE).isoformat()),
        "held": lambda: story.told(at, Fact.REPLY_HELD, data=held),
        "approved": lambda: story.told(at, Fact.REPLY_APPROVED, data=held),
        "rejected": lambda: story.told(at, Fact.REPLY_REJECTED, data=held),
        "undone": lambda: story.told(at, Fact.REPLY_UNDONE, data=held),
        "taken": lambda: story.told(at, Fact.CASE_TAKEN, assignee="ana"),
        "freed": lambda: story.told(at, Fact.CASE_RELEASED, assignee=None),
        "solved": lambda: story.solved(at),
        "tick": lambda: story.ticked(at),
        "other": lambda: story.told(at, Fact.CASE_PRIORITY, targets=STRICT, priority=Priority.HIGH),
        "same": lambda: story.told(at, Fact.CASE_PRIORITY, targets=PROMISED, priority=Priority.LOW),
    }
    if step in plain:
        plain[step]()
    elif story.case.live and step in ("on_hold", "pending", "open"):
        story.status(at, Status(step))
    elif step == "dismissed":
        story.turn(work.dismissed(story.case, "ana", story.moment(at)))
    elif step == "reopened" and not story.case.live:
        story.reopened(at)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_a_report_from_the_log_alone_says_what_the_clocks_say(steps: Steps) -> None:
    story = lived(steps, ("pending", "on_hold"))
    measured = report(story.events)
    for clock in story.case.clocks:
        one = measured[clock.metric, clock.instance]
        assert (one.state, one.due_at, one.target) == (clock.state, clock.due_at, clock.target), (one, clock)
        assert (one.anchor_at, one.breached_at, one.ended_at) == (clock.anchor_at, clock.breached_at, clock.ended_at)
        if clock.state is not clock.state.RUNNING and clock.state is not clock.state.BREACHED:
            assert one.consumed == clock.consumed
        if not clock.open and clock.metric not in LASTING:
            assert one.paused == clock.paused
    assert sum(not clock.open for clock in story.case.clocks) <= 12


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_no_promise_is_broken_in_silence_and_none_twice(steps: Steps) -> None:
    story = lived(steps, ("on_hold",))
    told = [(one.data["metric"], one.data["instance"]) for one in story.events if one.fact is Fact.CLOCK_BREACHED]
    assert len(told) == len(set(told))
    broken = {name for name, one in report(story.events).items() if one.verdict is Verdict.BROKEN}
    assert broken <= {(Metric(metric), instance) for metric, instance in told}
