"""Timers: one lives per case, exactly for its next checkpoint, whatever happens and in whatever order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.case import Case, Status, Timer
from chalicelib.domain.clock import start
from chalicelib.domain.target import AlwaysOpen
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.domain.timers import owing
from tests.build import FIRST_RESPONSE, NOON
from tests.build import case as new_case

MINUTE = timedelta(minutes=1)


def event(seq: int) -> TimelineEvent:
    return TimelineEvent("b", "c", seq, Fact.NOTE_ADDED, NOON, NOON, "ana", "q", "normal", "", 0)


def due(minutes: int) -> Case:
    """A case whose next checkpoint is a breach after that many minutes; none when there are none."""
    target = replace(FIRST_RESPONSE, within=minutes * MINUTE, warn_before=timedelta())
    return new_case(clocks=(start(target, NOON, 0, AlwaysOpen()),) if minutes else ())


def owed(case: Case, seq: int, now: datetime) -> tuple[Case, datetime | None, int | None]:
    after, (*_, last) = owing(case, [event(seq)], now)
    return after, last.arm, last.disarm


def test_a_first_checkpoint_starts_a_timer_and_the_same_one_starts_no_other() -> None:
    case, arm, disarm = owed(due(30), 1, NOON)
    assert (arm, disarm, case.timer) == (NOON + 30 * MINUTE, None, Timer(1, NOON + 30 * MINUTE))
    assert owed(case, 2, NOON)[1:] == (None, None)


def test_a_checkpoint_that_moves_stops_the_old_timer_and_one_that_is_gone_leaves_none() -> None:
    case, _, _ = owed(due(30), 1, NOON)
    moved, arm, disarm = owed(replace(case, clocks=due(45).clocks), 2, NOON)
    assert (arm, disarm) == (NOON + 45 * MINUTE, 1)
    solved, arm, disarm = owed(replace(moved, status=Status.SOLVED), 3, NOON)
    assert (arm, disarm, solved.timer) == (None, 2, None)


def test_a_timer_whose_moment_has_come_is_on_its_way_and_not_stopped() -> None:
    case, _, _ = owed(due(30), 1, NOON)
    _, arm, disarm = owed(replace(case, clocks=due(45).clocks), 2, NOON + 30 * MINUTE)
    assert (arm, disarm) == (NOON + 45 * MINUTE, None)


def test_nothing_that_happened_owes_nothing() -> None:
    assert owing(due(30), [], NOON) == (due(30), [])


@dataclass
class StepFunctions:
    """Names are never lent twice; what was stopped does not ring."""

    started: dict[str, datetime] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def hear(self, last: TimelineEvent) -> None:
        if last.arm:
            self.started.setdefault(str(last.seq), last.arm)
        if last.disarm:
            self.stopped.add(str(last.disarm))

    def asleep(self, now: datetime) -> list[datetime]:
        return [at for name, at in self.started.items() if name not in self.stopped and at > now]


def lives(steps: list[tuple[int, int]]) -> Iterator[tuple[Case, list[datetime], datetime]]:
    case, now, machine = due(0), NOON, StepFunctions()
    for seq, (passed, minutes) in enumerate(steps, start=1):
        now += passed * MINUTE
        case, (last,) = owing(replace(case, clocks=due(minutes).clocks), [event(seq)], now)
        machine.hear(last)
        yield case, machine.asleep(now), now


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 90)), max_size=30))
def test_whatever_happens_exactly_the_timer_of_the_next_checkpoint_sleeps(steps: list[tuple[int, int]]) -> None:
    """Checkpoints come, go, move to and fro and come back to the very same moment."""
    for case, asleep, now in lives(steps):
        checkpoint = case.next_checkpoint
        ahead = checkpoint is not None and checkpoint.at > now
        assert asleep == ([checkpoint.at] if checkpoint and ahead else [])
