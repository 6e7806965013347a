"""All-day events of an iCalendar file as dates on which a calendar is closed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000

_DAY = timedelta(days=1)


class Unusable(Exception):
    """The file cannot be used: ``what`` is wrong with it, and what would be ``right``."""

    def __init__(self, what: str, right: str) -> None:
        super().__init__(f"{what}; {right}")
        self.what, self.right = what, right


@dataclass(slots=True)
class Closures:
    """Dates with the names of their events. Events with times of day are only counted, as ``passed_over``."""

    days: dict[date, str] = field(default_factory=dict)
    passed_over: int = 0


def closures(file: Path, years: range) -> Closures:
    """What the file says about these years. Raises Unusable."""
    found = Closures()
    for event in _events(file):
        start, end = _span(event)
        if isinstance(start, datetime):
            found.passed_over += 1
            continue
        if "RRULE" in event or "RDATE" in event:
            name = event.get("SUMMARY", "without a name")
            raise Unusable(f'repeats "{name}"', "export it with each date as an event of its own")
        first, last = max(start, date(years[0], 1, 1)), min(end, date(years[-1] + 1, 1, 1))
        name = " ".join(str(event.get("SUMMARY", "")).split())[:80]
        found.days |= {first + number * _DAY: name for number in range((last - first).days)}
    return found


def _events(file: Path) -> Iterator[Any]:
    import icalendar

    try:
        raw = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unusable(f"cannot be read: {reason}", "give its path as seen from the policy file") from error
    if len(raw) > MAX_BYTES:
        raise Unusable(f"has {len(raw):,} bytes", f"keep it under {MAX_BYTES:,}")
    try:
        calendar = icalendar.Calendar.from_ical(raw)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Unusable("is no iCalendar file", "export the calendar again, as .ics") from error
    yield from calendar.walk("VEVENT")


def _span(event: Any) -> tuple[Any, Any]:
    """The first date and the one after the last; RFC 5545: without an end it is that one day."""
    try:
        start = event.decoded("DTSTART")
        if isinstance(start, datetime):
            return start, start
        end = event.decoded("DTEND") if "DTEND" in event else start + event.decoded("DURATION", _DAY)
        if not isinstance(start, date) or isinstance(end, datetime):
            raise TypeError("neither a date nor a time")
        return start, max(end, start + _DAY)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        right = "give each event a DTSTART such as DTSTART;VALUE=DATE:20261224"
        raise Unusable("has an event without usable dates", right) from error
