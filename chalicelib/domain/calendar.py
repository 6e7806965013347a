"""When time counts: opening hours of a week, dates that differ, and exact sums of open time.

An interval is a stretch of a wall clock: minutes since midnight of the day on which it begins. An instant is open when
the clock on the wall there shows a time inside an interval, and every open instant counts once, by the real time that
passes. So where clocks change:

- what the clocks skip is no time: on the night they go forward 01:00-04:00 lasts two hours;
- when they go back, the repeated hour is two real hours. Both count if the wall clock is inside an interval, each once;
- a calendar that is always open therefore equals plain addition, on every day of every zone.

An interval over midnight belongs to the day on which it begins: a night shift ends in the morning of a holiday, and one
that would begin on the holiday does not.

Offsets are looked up at the two ends of a UTC day and the change is searched only if they differ. That is exact as long
as a zone changes once a day at most; since 1970 no two changes anywhere were less than six days apart.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

Interval = tuple[int, int]
"""Minutes since midnight; an end beyond 1440 lies on the next day."""

Hours = tuple[Interval, ...]
Window = tuple[datetime, datetime]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD = 731
"""After so many days without an open moment nobody searches on: such a calendar never opens."""

_MIDNIGHT = 1440
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()
_DAYS_KEPT = 4096
_INTERVAL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A date with hours of its own, none for closed; ``name`` says why, such as Neujahr."""

    hours: Hours = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours in a time zone. ``week`` starts on Monday; ``dates`` replaces whole days of it."""

    name: str
    zone: str
    week: tuple[Hours, ...]
    dates: Mapping[date, Day] = field(default_factory=dict)
    _known: dict[int, tuple[Window, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a calendar that cannot be used."""
        everything = [*self.week, *(day.hours for day in self.dates.values())]
        if len(self.week) != len(DAYS) or not all(_possible(*one) for hours in everything for one in hours):
            raise ValueError(f"the calendar {self.name} does not consist of seven days and of intervals inside a day")
        if not any(self.week):
            raise ValueError(f"the calendar {self.name} never opens; give at least one day of the week an interval")

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The first instant at which ``span`` of open time has passed since ``start``.

        Raises ValueError for a negative span, and for a calendar that does not open for two years on end.
        """
        if span < _NOTHING:
            raise ValueError(f"open time cannot be counted backwards: {span}")
        left, now = span, start.astimezone(UTC)
        for opens, closes in self._open_after(now) if left else ():
            open_for = closes - opens
            if left <= open_for:
                return opens + left
            left -= open_for
        return now

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two instants; negative when ``end`` comes first."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end < start:
            return -self.between(end, start)
        days = range(start.toordinal(), end.toordinal() + 1)
        windows = (window for day in days for window in self._windows(day))
        parts = (min(closes, end) - max(opens, start) for opens, closes in windows)
        return sum((part for part in parts if part > _NOTHING), _NOTHING)

    def closures(self, start: datetime, end: datetime) -> Iterator[Window]:
        """The stretches between two instants in which no time counts, in order."""
        at = start.astimezone(UTC)
        for opens, closes in self._open_after(at):
            if opens >= end:
                break
            if opens > at:
                yield at, opens
            at = closes
        if at < end:
            yield at, end

    def local(self, at: datetime) -> datetime:
        """The time on the wall there."""
        return at.astimezone(_zone(self.zone))

    def window(self, at: datetime) -> Window:
        """What is left of the open stretch ``at`` lies in, or else the next one.

        Of one without an end, or a very long one, no more than a week or so.
        """
        opens = closes = at = at.astimezone(UTC)
        for begins, ends in self._open_after(at):
            if opens == closes:
                opens = begins
            elif begins > closes or closes - opens > _WEEK:
                break
            closes = ends
        return opens, closes

    def since(self, begun: datetime, at: datetime | None = None) -> "Calendar":
        """The same calendar for clocks that count from then on, made small. They are needed ``at`` that moment.

        Left out are dates long past or two years off, and those that are like their day of the week anyway.
        """
        first = begun.date() - 2 * _DAY
        last = (at or begun).date() - 2 * _DAY + LOOK_AHEAD * _DAY
        near = {day: what for day, what in self.dates.items() if first <= day <= last}
        return replace(self, dates={day: what for day, what in near.items() if what.hours != self.week[day.weekday()]})

    def as_data(self) -> dict[str, Any]:
        """The calendar as JSON can say it, in the words of the policy file; see :func:`load_calendar`."""
        week = {day: hours_text(hours) for day, hours in zip(DAYS, self.week, strict=True) if hours}
        dates = {day.isoformat(): _day_text(what) for day, what in sorted(self.dates.items())}
        return {"name": self.name, "zone": self.zone, "week": week, "dates": dates}

    def _open_after(self, at: datetime) -> Iterator[Window]:
        """What is left of the window ``at`` lies in, and all later ones in order."""
        day, closed = at.toordinal(), 0
        while closed < LOOK_AHEAD:
            windows = self._windows(day)
            closed = 0 if windows else closed + 1
            for opens, closes in windows:
                if closes > at:
                    yield max(opens, at), closes
            day += 1
        raise ValueError(f"the calendar {self.name} never opens within {LOOK_AHEAD} days of {at:%Y-%m-%d}")

    def _windows(self, day: int) -> tuple[Window, ...]:
        """The open stretches of a UTC day, in order."""
        windows = self._known.get(day)
        if windows is None:
            if len(self._known) >= _DAYS_KEPT:
                self._known.clear()
            windows = self._known[day] = tuple(self._worked_out(day))
        return windows

    def _worked_out(self, day: int) -> Iterator[Window]:
        for begin, end, offset in _stretches(self.zone, day):
            local = begin + offset
            for number in range(local.toordinal(), (end + offset).toordinal() + 1):
                midnight = datetime.fromordinal(number).replace(tzinfo=UTC) - offset
                for opens, closes in self._hours_on(date.fromordinal(number)):
                    window = max(midnight + opens * _MINUTE, begin), min(midnight + closes * _MINUTE, end)
                    if window[0] < window[1]:
                        yield window

    def _hours_on(self, day: date) -> Iterable[Interval]:
        """The intervals of a local date, from midnight to midnight: its own and what the night before brings."""
        late = [(0, closes - _MIDNIGHT) for _, closes in self._begun_on(day - _DAY) if closes > _MIDNIGHT]
        own = [(opens, min(closes, _MIDNIGHT)) for opens, closes in self._begun_on(day)]
        return _joined(late + own)

    def _begun_on(self, day: date) -> Hours:
        special = self.dates.get(day)
        return self.week[day.weekday()] if special is None else special.hours


def load_calendar(data: Mapping[str, Any]) -> Calendar:
    """The calendar from :meth:`Calendar.as_data`. Raises KeyError or ValueError on anything else."""
    week = tuple(read_hours(data["week"].get(day, "")) for day in DAYS)
    dates = {date.fromisoformat(day): _read_day(text) for day, text in data["dates"].items()}
    return Calendar(data["name"], data["zone"], week, dates)


def read_interval(text: str) -> Interval:
    """``08:00-18:00``; with an end not after its beginning, such as ``22:00-06:00``, it ends on the next day.

    Raises ValueError for anything else. A whole day is ``00:00-24:00``.
    """
    found = _INTERVAL.fullmatch(text)
    if not found:
        raise ValueError(f"no interval such as 08:00-18:00: {text!r}")
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if closes > _MIDNIGHT:
        raise ValueError(f"no interval such as 08:00-24:00: {text!r}")
    return opens, closes if closes > opens else closes + _MIDNIGHT


def read_hours(text: str) -> Hours:
    """Intervals with spaces between them."""
    return tuple(read_interval(one) for one in text.split())


def hours_text(hours: Hours) -> str:
    """The inverse of :func:`read_hours`."""
    return " ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in hours)


def _clock(minute: int) -> str:
    return "{:02}:{:02}".format(*divmod(minute if minute <= _MIDNIGHT else minute - _MIDNIGHT, 60))


def _day_text(day: Day) -> str:
    hours = hours_text(day.hours) or "closed"
    return f"{hours}; {day.name}" if day.name else hours


def _read_day(text: str) -> Day:
    hours, _, name = text.partition("; ")
    return Day(() if hours == "closed" else read_hours(hours), name)


def _possible(opens: int, closes: int) -> bool:
    return 0 <= opens < _MIDNIGHT and opens < closes <= opens + _MIDNIGHT


def _joined(hours: list[Interval]) -> list[Interval]:
    """The same minutes in order, none twice."""
    joined: list[Interval] = []
    for opens, closes in sorted(hours):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        else:
            joined.append((opens, closes))
    return joined


@lru_cache(maxsize=_DAYS_KEPT)
def _stretches(zone: str, day: int) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The parts of a UTC day in which the zone keeps one offset: one part, or two where clocks change."""
    begin = datetime.fromordinal(day).replace(tzinfo=UTC)
    end = begin + _DAY
    before, after = _offset(zone, begin), _offset(zone, end)
    if before == after:
        return ((begin, end, before),)
    seconds = bisect_left(range(86_400), True, key=lambda passed: _offset(zone, begin + passed * _SECOND) != before)
    change = begin + seconds * _SECOND
    return (begin, change, before), (change, end, after)


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(_zone(zone)).utcoffset() or _NOTHING


@lru_cache(maxsize=64)
def _zone(key: str) -> tzinfo:
    """Imported here because most functions never count open time."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(key)
