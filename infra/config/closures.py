"""Events of iCalendar files as times in which a calendar is closed: whole days, or some hours of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.calendar import Hours

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Unusable(Exception):
    """The file cannot be used: ``what`` is wrong with it, and what would be ``right``."""

    def __init__(self, what: str, right: str) -> None:
        super().__init__(f"{what}; {right}")
        self.what, self.right = what, right


@dataclass(frozen=True, slots=True)
class Shut:
    """Some hours of a day or of several, by the clock on the wall there (which is written as if it were UTC)."""

    begin: datetime
    end: datetime
    name: str

    def days(self) -> Iterator[date]:
        """Each day whose hours it may touch; a night shift of the day before is one of them."""
        day = self.begin.date() - _DAY
        while day <= self.end.date():
            yield day
            day += _DAY

    def cut(self, day: date, hours: Hours) -> Hours:
        """What is left of the hours of that day."""
        midnight = datetime.combine(day, time(), UTC)
        begin, end = (self.begin - midnight) // _MINUTE, -((midnight - self.end) // _MINUTE)
        parts = [part for opens, closes in hours for part in ((opens, min(closes, begin)), (max(opens, end), closes))]
        return tuple((opens, closes) for opens, closes in parts if opens < closes)


@dataclass(slots=True)
class Closures:
    """Days with the names of their events, and hours. ``last`` is the latest date the file knows of."""

    days: dict[date, str] = field(default_factory=dict)
    hours: list[Shut] = field(default_factory=list)
    last: date | None = None


def closures(raw: bytes, years: range, zone: ZoneInfo) -> Closures:
    """What the file says about these years, by the clock of that zone. Raises Unusable."""
    found = Closures()
    for event in _events(raw):
        start, end = _span(event)
        if isinstance(start, datetime) and _free(event):
            continue
        _refuse_repeats(event)
        last = end.date() if isinstance(end, datetime) else end - _DAY
        found.last = max(last, found.last or last)
        if isinstance(start, datetime):
            _take_hours(found, event, start, end, years, zone)
        else:
            first, after = max(start, date(years[0], 1, 1)), min(end, date(years[-1] + 1, 1, 1))
            found.days |= {first + number * _DAY: _name(event) for number in range((after - first).days)}
    return found


def _take_hours(found: Closures, event: Any, start: datetime, end: datetime, years: range, zone: ZoneInfo) -> None:
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (years[0], years[-1] + 1))
    begin, until = max(_local(start, zone), first), min(_local(end, zone), last)
    if begin < until:
        found.hours.append(Shut(begin, until, _name(event)))


def _free(event: Any) -> bool:
    """Hours in which people are not busy close nothing; a whole day shown so is a holiday all the same."""
    return str(event.get("TRANSP", "")).upper() == "TRANSPARENT"


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """The time on the wall there; one without a zone is meant so."""
    return (at.astimezone(zone) if at.tzinfo else at).replace(tzinfo=UTC)


def _name(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())[:80]


def _refuse_repeats(event: Any) -> None:
    if "RRULE" in event or "RDATE" in event:
        name = event.get("SUMMARY", "without a name")
        raise Unusable(f'repeats "{name}"', "export it with each date as an event of its own")


def _events(raw: bytes) -> Iterator[Any]:
    """All that take place."""
    import icalendar

    try:
        calendar = icalendar.Calendar.from_ical(raw)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Unusable("is no iCalendar file", "export the calendar again, as .ics") from error
    yield from (event for event in calendar.walk("VEVENT") if str(event.get("STATUS", "")).upper() != "CANCELLED")


def _span(event: Any) -> tuple[Any, Any]:
    """The first moment and the one after the last; RFC 5545: a date without an end is that one day."""
    try:
        start = event.decoded("DTSTART")
        if not isinstance(start, date):
            raise TypeError("neither a date nor a time")
        alone = timedelta() if isinstance(start, datetime) else _DAY
        end = event.decoded("DTEND") if "DTEND" in event else start + event.decoded("DURATION", alone)
        if isinstance(start, datetime) is not isinstance(end, datetime):
            raise TypeError("a date and a time")
        return start, max(end, start + alone)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        right = "give each event a DTSTART such as DTSTART;VALUE=DATE:20261224"
        raise Unusable("has an event without usable dates", right) from error
