"""Calendars of the policy file as the running system gets them: public holidays and closures written out as dates."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo, available_timezones

from chalicelib.domain.calendar import DAYS, Calendar, Day, Hours, Interval, read_interval
from infra.config import schema
from infra.config.closures import Closures, Shut, Unusable, closures
from infra.config.fetching import Fetch, source
from infra.config.holidays import UnknownRegion, public_holidays
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.source import Tree

YEARS_BEFORE, YEARS_AFTER = 1, 2
"""Holidays are written out for so many years around this one: what a case consumed before may be reckoned anew."""
CLOSED = ["closed"]

_LONGEST_NIGHT = 16 * 60
_MIDNIGHT = 24 * 60
_WHOLE_DAY = "00:00-24:00"
_INTERVALS = 'write intervals such as "08:00-12:00", or closed'


def read_calendars(
    tree: Tree, entries: Mapping[str, schema.Calendar], today: date, fetch: Fetch
) -> tuple[dict[str, Calendar], list[Problem]]:
    """The calendars that can be used, and what is wrong with the others."""
    readers = {key: _Reader(tree, ("calendars", key), today, fetch) for key in entries}
    read = {key: reader.calendar(key, entries[key]) for key, reader in readers.items()}
    problems = list(chain.from_iterable(reader.problems for reader in readers.values()))
    return {key: one for key, one in read.items() if one}, problems


class _Reader:
    """Reads one calendar and notes what is wrong with it, each thing on its own line."""

    def __init__(self, tree: Tree, path: Path, today: date, fetch: Fetch) -> None:
        self.problems: list[Problem] = []
        self._tree, self._path, self._today, self._fetch = tree, path, today, fetch
        self._years = range(today.year - YEARS_BEFORE, today.year + YEARS_AFTER + 1)

    def calendar(self, key: str, entry: schema.Calendar) -> Calendar | None:
        zone = self._zone(entry.timezone)
        week = self._week(entry.week)
        dates = self._holidays(entry.holidays)
        for closed in self._closures(entry.ical, zone) if zone else ():
            dates |= {day: Day((), name) for day, name in closed.days.items()}
            for shut in closed.hours:
                dates |= _shortened(shut, week, dates)
        dates |= self._overrides(entry.overrides)
        if any(problem.level is Level.ERROR for problem in self.problems):
            return None
        try:
            calendar = Calendar(key, entry.timezone, week, dates)
            calendar.add(datetime.combine(self._today, time(), UTC), timedelta(seconds=1))
        except ValueError:
            right = 'give at least one day of the week an interval, such as mon-fri: "08:00-18:00"'
            self._wrong(("week",), f"{where(self._path)} never opens", right)
            return None
        return calendar

    def _wrong(self, inner: Path, what: str, right: str, level: Level = Level.ERROR) -> None:
        self.problems.append(self._tree.problem((*self._path, *inner), what, right, level))

    def _zone(self, name: str) -> ZoneInfo | None:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            known = sorted(zone for zone in available_timezones() if "/" in zone)
            near, _, _ = suggestion("zones", name, known).rpartition("known zones")
            right = f"{near}write it as Europe/Berlin or America/New_York"
            self._wrong(("timezone",), f'unknown timezone "{name}" in {where(self._path)}', right)
            return None

    def _week(self, days: Mapping[str, list[str]]) -> tuple[Hours, ...]:
        written: dict[int, str] = {}
        week: list[Hours] = [()] * len(DAYS)
        for name, texts in days.items():
            hours = self._hours(("week", name), texts)
            for day in self._days(name):
                if written.setdefault(day, name) != name:
                    what = f'"{DAYS[day]}" stands twice in the week of {where(self._path)}'
                    self._wrong(("week", name), what, f'it is in "{written[day]}" too; name each day once')
                week[day] = hours
        self._nights(week, written)
        return tuple(week)

    def _days(self, name: str) -> list[int]:
        """``mon`` or ``mon-fri``; ``sat-mon`` goes over the end of the week."""
        first, _, last = name.lower().partition("-")
        if not {first, last or first} <= set(DAYS):
            right = f"{suggestion('days', name, DAYS)}; or a span such as mon-fri"
            self._wrong(("week", name), f'unknown day "{name}" in {where(self._path)}', right)
            return []
        begin, end = DAYS.index(first), DAYS.index(last or first)
        return [day % len(DAYS) for day in range(begin, end + 1 + (len(DAYS) if end < begin else 0))]

    def _nights(self, week: list[Hours], written: Mapping[int, str]) -> None:
        """An interval over midnight must not run into the next day's first one."""
        clashes: dict[str, int] = {}
        for day, hours in enumerate(week):
            after = (day + 1) % len(DAYS)
            late, early = max((end for _, end in hours), default=0), min(week[after], default=None)
            if early and late - _MIDNIGHT > early[0]:
                clashes.setdefault(written[day], day)
        for name, day in clashes.items():
            what = f"the night of {DAYS[day]} in {where(self._path)} overlaps with the next day's first interval"
            self._wrong(("week", name), what, "end the night where the next day begins")

    def _hours(self, inner: Path, texts: list[str]) -> Hours:
        hours: list[Interval] = []
        for place, text in enumerate(texts if texts != CLOSED else ()):
            try:
                opens, closes = read_interval(text)
            except ValueError:
                self._wrong((*inner, place), f'"{text}" in {where(self._path)} is no interval', _INTERVALS)
                continue
            if closes - opens == _MIDNIGHT and text != _WHOLE_DAY:
                what = f'"{text}" in {where(self._path)} begins when it ends'
                self._wrong((*inner, place), what, f'write a whole day as "{_WHOLE_DAY}"')
            elif closes > _MIDNIGHT and closes - opens > _LONGEST_NIGHT:
                what = f'"{text}" in {where(self._path)} ends before it begins'
                self._wrong((*inner, place), what, "swap the two; a night over midnight lasts 16 hours at most")
            elif any(opens < end and begin < closes for begin, end in hours):
                what = f'"{text}" in {where(self._path)} overlaps with another interval of the day'
                self._wrong((*inner, place), what, "let each interval begin where the one before has ended")
            hours.append((opens, closes))
        return tuple(sorted(hours))

    def _overrides(self, overrides: Mapping[str, list[str]]) -> dict[date, Day]:
        days: dict[date, Day] = {}
        for name, texts in overrides.items():
            hours = self._hours(("overrides", name), texts)
            try:
                days[date.fromisoformat(name)] = Day(hours)
            except ValueError:
                what = f'"{name}" in {where(self._path)} is not a date'
                self._wrong(("overrides", name), what, "write year, month and day, such as 2026-12-24")
        return days

    def _holidays(self, regions: Iterable[str]) -> dict[date, Day]:
        days: dict[date, Day] = {}
        for place, region in enumerate(regions):
            try:
                found = public_holidays(region, self._years)
            except UnknownRegion as unknown:
                what = f'unknown holidays "{region}" in {where(self._path)}'
                self._wrong(("holidays", place), what, str(unknown))
            else:
                self._last(
                    ("holidays", place), f'holidays "{region}"', max(found, default=None), "update the holidays package"
                )
                days |= {day: Day((), name) for day, name in found.items()}
        return days

    def _closures(self, named: Iterable[str], zone: ZoneInfo) -> Iterator[Closures]:
        """What each calendar file says."""
        for place, one in enumerate(named):
            at: Path = ("ical", place)
            try:
                found = closures(source(one, FilePath(self._tree.file).parent, self._fetch), self._years, zone)
            except Unusable as error:
                self._wrong(at, f'ical "{one}" in {where(self._path)} {error.what}', error.right)
            else:
                self._last(at, f'ical "{one}"', found.last, "export the calendar of this year")
                yield found

    def _last(self, inner: Path, what: str, last: date | None, right: str) -> None:
        """A list of dates that ends is wrong without anybody noticing."""
        if last is None or last < self._today:
            until = f", the last is {last}" if last else ""
            self._wrong(inner, f"{what} in {where(self._path)} has no date to come{until}", right, Level.WARNING)


def _shortened(shut: Shut, week: tuple[Hours, ...], dates: Mapping[date, Day]) -> dict[date, Day]:
    """The days that have other hours because of an event. What is left of a night after it is the next morning's."""
    known = {day: dates.get(day, Day(week[day.weekday()])) for day in shut.days()}
    left = {day: list(shut.cut(day, was.hours)) for day, was in known.items()}
    for day in known:
        morning = [(opens, closes) for opens, closes in left[day] if opens >= _MIDNIGHT]
        left[day] = [one for one in left[day] if one not in morning]
        for opens, closes in morning:
            left[day + timedelta(days=1)].append((opens - _MIDNIGHT, closes - _MIDNIGHT))
    names = {day: ", ".join(one for one in (was.name, shut.name) if one) for day, was in known.items()}
    days = {day: Day(tuple(sorted(hours)), names[day]) for day, hours in left.items()}
    return {day: what for day, what in days.items() if what.hours != known[day].hours}
