"""An oracle for open time: walks minute by minute and looks at the clock on the wall. It knows no offsets."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.domain.calendar import Calendar, Hours

SEED = int(os.environ.get("HEED_SEED", "1"))

ZONES: dict[str, tuple[str, ...]] = {
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),  # back for Ramadan, and forward again
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),  # at midnight
    "America/St_Johns": ("2010-11-07", "2011-03-13"),  # a minute after midnight
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),  # two hours
    "Asia/Kathmandu": ("1986-01-01", "2026-06-01"),  # from 5:30 to 5:45
    "Asia/Tehran": ("2022-03-22", "2022-09-22"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # half an hour
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Pacific/Apia": ("2011-12-30", "2021-04-04"),  # a day that never was
    "Pacific/Chatham": ("2026-04-05", "2026-09-27"),  # 12:45 and 13:45
    "UTC": ("2020-12-31", "2028-02-29"),  # 53 weeks, and a leap day
}
"""Zones, and around which dates something odd happens there."""

BEFORE, LENGTH = timedelta(days=10), timedelta(days=40)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Wall:
    """What the wall clock of a zone shows in each of the minutes around a date: the local day, and its minute."""

    zone: str
    begin: datetime
    shows: list[tuple[int, int]] = field(repr=False)

    def open(self, calendar: Calendar) -> bytearray:
        """For each of the minutes, whether it is inside an interval."""
        days = {day: _minutes_of(calendar, date.fromordinal(day)) for day in {day for day, _ in self.shows}}
        return bytearray(days[day][minute] for day, minute in self.shows)


@lru_cache(maxsize=32)
def wall(zone: str, around: str) -> Wall:
    begin = datetime.fromisoformat(around).replace(tzinfo=UTC) - BEFORE
    there = ZoneInfo(zone)
    clock = ((begin + number * MINUTE).astimezone(there) for number in range(LENGTH // MINUTE))
    return Wall(zone, begin, [(time.toordinal(), time.hour * 60 + time.minute) for time in clock])


def _minutes_of(calendar: Calendar, day: date) -> bytearray:
    minutes = bytearray(24 * 60)
    for opens, closes in _hours(calendar, day):
        minutes[opens:closes] = b"\1" * (min(closes, 1440) - opens)
    for _, closes in _hours(calendar, day - timedelta(days=1)):
        if closes > 1440:
            minutes[: closes - 1440] = b"\1" * (closes - 1440)
    return minutes


def _hours(calendar: Calendar, day: date) -> Hours:
    return calendar.dates[day].hours if day in calendar.dates else calendar.week[day.weekday()]


def walked(minutes: bytearray, begin: int, count: int) -> int:
    """The place after ``count`` open minutes, one step at a time."""
    place = begin
    while count:
        count -= minutes[place]
        place += 1
    return place
