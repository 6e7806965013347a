"""A reply that races the due time by two seconds, and whatever else may happen just before a timer fires.

Who is answered by the time that is written down is never told to be late, and each promise that breaks is told once.
The due time is reckoned here by hand, from what happened alone.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Priority, Status
from chalicelib.domain.clock import Clock
from chalicelib.domain.clocks import Keeper
from chalicelib.domain.target import Metric, Terms
from chalicelib.domain.timeline import Fact
from tests.domain.clock_stories import Story, target

FIRST = Metric.FIRST_RESPONSE
SEEDS = 5000
PROMISED, AROUND = 3600.0, 2.0


@dataclass(frozen=True)
class Turn:
    """What happens at a second after the customer wrote."""

    at: float
    act: Callable[[Story], object]


@dataclass(frozen=True)
class Race:
    """``due`` is None where nothing can break any more."""

    turns: tuple[Turn, ...]
    due: float | None


def some(chance: random.Random, least: float, most: float) -> float:
    """Seconds, no finer than an instant is written down."""
    return chance.randint(round(least * 1000), round(most * 1000)) / 1000


def minutes(seconds: float) -> float:
    return seconds / 60


def undisturbed(chance: random.Random) -> Race:
    return Race((), PROMISED)


def paused(chance: random.Random) -> Race:
    """Put on hold just before it is due, and taken up again."""
    begin = PROMISED + some(chance, -AROUND, AROUND)
    end = begin + some(chance, 0, 600)
    turns = (
        Turn(begin, lambda story: story.status(minutes(begin), Status.ON_HOLD)),
        Turn(end, lambda story: story.status(minutes(end), Status.OPEN)),
    )
    return Race(turns, PROMISED if begin > PROMISED else PROMISED + end - begin)


def snoozed(chance: random.Random) -> Race:
    """Put aside until a time, which ends the rest by itself: a timer wakes it, a little late."""
    begin, rest = PROMISED + some(chance, -AROUND, AROUND), some(chance, 1, 600)
    until = begin + rest
    woken = until + some(chance, 0, 1)
    turns = (
        Turn(
            begin,
            lambda story: story.told(
                minutes(begin),
                Fact.CASE_SNOOZED,
                status=Status.ON_HOLD,
                snoozed_until=story.moment(minutes(until)),
            ),
        ),
        Turn(woken, lambda story: story.ticked(minutes(woken))),
    )
    return Race(turns, PROMISED if begin > PROMISED else PROMISED + rest)


def promised_otherwise(chance: random.Random) -> Race:
    """Another priority: less time, or more."""
    at, within = PROMISED + some(chance, -AROUND, AROUND), chance.choice([1800.0, 3600.0, 5400.0])
    other = (target(FIRST, within / 60, 5),)
    change = Turn(at, lambda story: story.told(minutes(at), Fact.CASE_PRIORITY, targets=other, priority=Priority.HIGH))
    return Race((change,), PROMISED if at > PROMISED else max(within, at))


def pushed(chance: random.Random) -> Race:
    """An edited file, put in force around the due time; the timer that comes next applies it before it looks."""
    at, within = PROMISED + some(chance, -AROUND, AROUND), chance.choice([1800.0, 5400.0])
    other = (target(FIRST, within / 60, 5),)
    apply = Turn(at, lambda story: story.told(minutes(at), Fact.POLICY_APPLIED, who="system", targets=other))
    return Race((apply,), PROMISED if at > PROMISED else max(within, at))


def merged(chance: random.Random) -> Race:
    at = PROMISED + some(chance, -AROUND, AROUND)
    gone = Turn(
        at,
        lambda story: story.told(
            minutes(at), Fact.CASE_MERGED, merged_into="c2", status=Status.SOLVED, data={"into": "c2"}
        ),
    )
    return Race((gone,), PROMISED if at > PROMISED else None)


RACES = (undisturbed, paused, snoozed, promised_otherwise, pushed, merged)


def raced(seed: int, keeper: type[Keeper] = Keeper) -> tuple[Story, float | None, float | None]:
    """The story, when it was due, and when it was answered."""
    chance = random.Random(seed)
    race = chance.choice(RACES)(chance)
    last = max((turn.at for turn in race.turns), default=0.0)
    answer = max((race.due or PROMISED) + some(chance, -AROUND, AROUND), last) if chance.random() < 0.8 else None
    replies = [Turn(answer, lambda story: story.answered(minutes(answer or 0)))] if answer is not None else []
    moments = [PROMISED, race.due or PROMISED, *(turn.at for turn in race.turns)]
    wakes = [at + some(chance, -AROUND, AROUND) for at in moments for _ in range(2)] + [last + 20_000]
    timers = [Turn(at, lambda story, at=at: story.ticked(minutes(at))) for at in wakes]  # type: ignore[misc]
    story = Story((target(FIRST, PROMISED / 60, 5),), Terms(pause_on=("on_hold",)), keeper)
    for turn in sorted((*race.turns, *replies, *timers), key=lambda one: one.at):
        turn.act(story)
    return story, race.due, answer


def breaches(story: Story) -> list[float]:
    at = (one.at - story.start for one in story.events if one.fact is Fact.CLOCK_BREACHED)
    return [round(one.total_seconds(), 3) for one in at]


def expected(due: float | None, answer: float | None) -> list[float]:
    late = due is not None and (answer is None or round(answer, 3) > round(due, 3))
    return [round(due, 3)] if late and due is not None else []


def wrong(seed: int, keeper: type[Keeper] = Keeper) -> bool:
    story, due, answer = raced(seed, keeper)
    return breaches(story) != expected(due, answer)


def test_who_is_answered_in_time_is_never_told_late_and_each_breach_is_told_once() -> None:
    assert [seed for seed in range(SEEDS) if wrong(seed)] == []


def test_all_ends_are_met() -> None:
    ends = [(expected(due, answer) != [], due is None, answer is None) for _, due, answer in map(raced, range(300))]
    assert {end[0] for end in ends} == {True, False}
    assert any(end[1] for end in ends) and any(end[2] for end in ends)


class NeverPauses(Keeper):
    def pause(self, clock: Clock, at: object) -> None:
        return


class ForgetsChanges(Keeper):
    def retarget(self, at: object) -> None:
        self.case = replace(self.case, targets=self.after.targets)


class LooksNow(Keeper):
    def find_breach(self, clock: Clock, at: object) -> Clock:
        return replace(clock, due_at=clock.due_at + timedelta(days=1))


@pytest.mark.parametrize("keeper", [NeverPauses, ForgetsChanges, LooksNow])
def test_a_keeper_that_is_wrong_is_caught(keeper: type[Keeper]) -> None:
    assert any(wrong(seed, keeper) for seed in range(400))
