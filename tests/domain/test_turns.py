"""Turns at a door of Slack's: never more than it takes, the urgent first, and everybody in the end."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.turns import (
    ALARM,
    CARD,
    LINE,
    PEOPLE,
    Door,
    Tempo,
    card_rank,
    closed,
    passed,
    queued,
    waiting,
)
from tests.build import NOON

SECOND = timedelta(seconds=1)
TEMPO = Tempo(SECOND, 2 * SECOND)
FRESH = Door("T1", "C1", NOON, NOON)
RANKS = (PEOPLE, ALARM, CARD, LINE)


@dataclass
class Hall:
    """Everybody who comes to one door, and when they come again."""

    door: Door = FRESH
    now: datetime = NOON
    through: list[tuple[datetime, str, int]] = field(default_factory=list)
    asleep: list[tuple[datetime, str, int]] = field(default_factory=list)
    tries: Counter[int] = field(default_factory=Counter)

    def comes(self, rank: str, who: int, *, waited: bool = False) -> bool:
        self.tries[who] += 1
        after = passed(self.door, rank, self.now, TEMPO, waited=waited)
        if after is not None:
            self.door = after
            self.through.append((self.now, rank, who))
            return True
        self.door, at = queued(self.door, rank, self.now, TEMPO)
        assert at > self.now
        self.asleep.append((at, rank, who))
        return False

    def second(self) -> None:
        """A second later; whoever was to come by now comes, the earliest first."""
        self.now += SECOND
        woken = sorted(one for one in self.asleep if one[0] <= self.now)
        self.asleep = [one for one in self.asleep if one[0] > self.now]
        for _, rank, who in woken:
            self.comes(rank, who, waited=True)

    def empties(self, within: int) -> None:
        for _ in range(within):
            if not self.asleep:
                return
            self.second()
        raise AssertionError(f"{len(self.asleep)} still wait")

    def order(self) -> list[int]:
        return [who for _, _, who in self.through]


def test_a_door_nobody_waits_at_lets_a_few_through_at_once() -> None:
    hall = Hall()
    assert [hall.comes(CARD, who) for who in range(5)] == [True, True, True, False, False]
    assert [at - NOON for at, _, _ in hall.asleep] == [3 * SECOND, 4 * SECOND]


def test_those_who_wait_pass_one_a_second_in_their_order() -> None:
    hall = Hall()
    for who in range(60):
        hall.comes(CARD, who)
    hall.empties(60)
    assert hall.order() == list(range(60))
    assert all(later - sooner >= SECOND for (sooner, *_), (later, *_) in pairwise(hall.through[3:]))
    assert max(hall.tries.values()) == 2, "nobody asks a third time"


def test_the_urgent_pass_those_who_wait_already_and_nobody_stays_behind() -> None:
    hall = Hall()
    for who in range(30):
        hall.comes(CARD, who)
    for who, rank in ((100, LINE), (101, ALARM), (102, PEOPLE)):
        assert not hall.comes(rank, who)
    hall.empties(60)
    order = hall.order()
    assert order.index(102) < 6 and order.index(101) < 6 and order[-1] == 100
    assert sorted(order) == [*range(30), 100, 101, 102]


def test_who_comes_new_does_not_pass_those_who_wait() -> None:
    hall = Hall()
    for who in range(10):
        hall.comes(CARD, who)
    hall.now += 8 * SECOND
    assert not hall.comes(CARD, 99), "the last of them has its time a second from now"
    hall.now += 2 * SECOND
    assert hall.comes(CARD, 100)


def test_nobody_passes_while_slack_asks_to_wait_and_the_first_passes_to_the_second() -> None:
    hall = Hall()
    for who in range(10):
        hall.comes(CARD, who)
    hall.door = closed(hall.door, NOON + 30 * SECOND)
    hall.empties(60)
    assert [at - NOON for at, _, _ in hall.through[3:]] == [seconds * SECOND for seconds in range(30, 37)]


def test_a_shorter_wait_opens_no_door_that_a_longer_one_closed() -> None:
    assert closed(closed(FRESH, NOON + 30 * SECOND), NOON + SECOND).closed_until == NOON + 30 * SECOND


def test_who_never_comes_back_holds_up_nobody() -> None:
    hall = Hall()
    for who in range(200):
        hall.comes(PEOPLE, who)
    hall.asleep.clear()
    hall.now += 200 * SECOND
    assert hall.comes(LINE, 999)


def test_a_door_forgets_times_that_have_passed() -> None:
    hall = Hall()
    for who in range(4):
        hall.comes(CARD, who)
    hall.now += 5 * SECOND
    hall.comes(CARD, 9)
    assert hall.door.waits == {}


def test_about_how_many_wait_is_told() -> None:
    hall = Hall()
    for who in range(150):
        hall.comes(CARD + "x", who)
    assert waiting(hall.door, CARD, hall.now, TEMPO) == pytest.approx(147, abs=2)
    assert waiting(hall.door, LINE, hall.now, TEMPO) == 0
    for _ in range(100):
        hall.second()
    assert waiting(hall.door, CARD, hall.now, TEMPO) == pytest.approx(47, abs=2)
    assert waiting(closed(hall.door, hall.now + 10 * SECOND), CARD, hall.now, TEMPO) == pytest.approx(37, abs=2)


def test_cards_are_due_first_and_those_without_a_promise_come_last() -> None:
    dues = [None, NOON + timedelta(days=3), NOON + timedelta(hours=5), NOON + timedelta(minutes=30), NOON - SECOND]
    ranks = [card_rank(due, NOON) for due in dues]
    assert ranks[0] == ranks[1] > ranks[2] > ranks[3] > ranks[4]
    assert all(ALARM < rank < LINE for rank in ranks)


ARRIVALS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(RANKS), st.integers(0, 30)), max_size=60)


@given(ARRIVALS)
def test_whatever_comes_a_door_takes_no_more_than_it_can_and_everybody_in_the_end(
    arrivals: list[tuple[int, str, int]],
) -> None:
    """Whoever comes, and however often Slack asks to wait in between."""
    hall, shut = Hall(), list[tuple[datetime, datetime]]()
    for who, (at, rank, asks) in enumerate(sorted(arrivals)):
        while hall.now < NOON + at * SECOND:
            hall.second()
        hall.comes(rank, who)
        if asks > 25:
            hall.door = closed(hall.door, hall.now + asks * SECOND)
            shut.append((hall.now, hall.now + asks * SECOND))
    hall.empties(3000)
    times = [at for at, _, _ in hall.through]
    assert sorted(hall.order()) == list(range(len(arrivals)))
    for first, start in enumerate(times):
        for last in range(first, len(times)):
            assert (last - first) * SECOND <= times[last] - start + TEMPO.burst, "more than one a second"
    assert not any(since < at < until for at in times for since, until in shut)
