"""Ten thousand random deadlines in twelve zones against a walk from minute to minute: not one may differ."""

import random
from datetime import date, timedelta

import pytest

from chalicelib.domain.calendar import Calendar, Day, Hours
from tests.domain.walls import MINUTE, SEED, ZONES, Wall, walked, wall

CASES = 10_000
DEADLINES = 12
"""How many are tried with each random calendar."""


def some_hours(chance: random.Random) -> Hours:
    """Up to three intervals, often at night, where clocks change; some over midnight, some overlapping."""
    begins = [chance.choice((chance.randrange(1440), chance.randrange(240))) for _ in range(chance.randrange(4))]
    return tuple((begin, begin + chance.choice((30, 90, 480, 1440, chance.randrange(1, 1441)))) for begin in begins)


def some_calendar(chance: random.Random, on: Wall) -> Calendar:
    days = [(on.begin + timedelta(days=chance.randrange(40))).date() for _ in range(chance.randrange(6))]
    dates: dict[date, Day] = {day: Day(some_hours(chance) if chance.random() < 0.4 else ()) for day in days}
    week = tuple(some_hours(chance) for _ in range(6))
    return Calendar("random", on.zone, (*week, some_hours(chance) or ((0, 60),)), dates)


@pytest.mark.parametrize("zone", ZONES)
def test_every_deadline_is_the_one_a_walk_finds(zone: str) -> None:
    chance = random.Random(f"{SEED} {zone}")
    for number in range(-(-CASES // len(ZONES) // DEADLINES)):
        on = wall(zone, ZONES[zone][number % len(ZONES[zone])])
        calendar = some_calendar(chance, on)
        minutes = on.open(calendar)
        for _ in range(DEADLINES):
            begin = chance.randrange(len(minutes) // 2)
            count = chance.randrange(1 + min(chance.choice((60, 3000, 20_000)), sum(minutes[begin:])))
            place = walked(minutes, begin, count)
            at, due = on.begin + begin * MINUTE, on.begin + place * MINUTE
            assert calendar.add(at, count * MINUTE) == due, f"HEED_SEED={SEED}: {at} + {count} min in {calendar}"
            assert calendar.between(at, due) == count * MINUTE
            end = chance.randrange(len(minutes))
            walk = sum(minutes[begin:end]) - sum(minutes[end:begin])
            assert calendar.between(at, on.begin + end * MINUTE) == walk * MINUTE
