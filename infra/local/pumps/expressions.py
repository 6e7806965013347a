"""EventBridge schedule expressions: ``rate(5 minutes)`` and ``cron(0 9 ? * MON-FRI *)``, in UTC."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from infra.template.intrinsics import TemplateError

Next = Callable[[datetime], datetime]
"""The first time strictly after the given one."""

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_SEARCH_DAYS = 366 * 8


def schedule(expression: str) -> Next:
    """Reads an expression; what AWS knows and this does not (L, W, #) raises."""
    if rate := _RATE.fullmatch(expression):
        period = timedelta(**{f"{rate[2]}s": int(rate[1])})
        return lambda after: after + period
    cron = _CRON.fullmatch(expression)
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        raise TemplateError(f"not a rate() or a cron() of six fields: {expression!r}")
    try:
        return _cron(*fields)
    except ValueError as error:
        raise TemplateError(f"{expression!r}: {error}") from error


def _cron(minute: str, hour: str, day: str, month: str, weekday: str, year: str) -> Next:
    minutes, hours = sorted(_field(minute, 0, 59)), sorted(_field(hour, 0, 23))
    days, months = _field(day, 1, 31), _field(month, 1, 12, _MONTHS)
    weekdays, years = _field(weekday, 1, 7, _DAYS), _field(year, 1970, 2199)

    def is_due(on: date) -> bool:
        sunday_first = on.isoweekday() % 7 + 1
        return on.year in years and on.month in months and on.day in days and sunday_first in weekdays

    def following(after: datetime) -> datetime:
        for ahead in range(_SEARCH_DAYS):
            start = (after + timedelta(days=ahead)).replace(hour=0, minute=0, second=0, microsecond=0)
            if not is_due(start.date()):
                continue
            times = (start.replace(hour=h, minute=m) for h in hours for m in minutes)
            if found := next((time for time in times if time > after), None):
                return found
        raise TemplateError("a cron expression has no time in the next eight years")

    return following


def _field(text: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(part, low, high, names or {}))


def _part(text: str, low: int, high: int, names: Mapping[str, int]) -> range:
    span, _, step = text.partition("/")
    first, dash, last = span.partition("-")
    if span in {"*", "?"}:
        start, end = low, high
    else:
        start = _number(first, names)
        end = _number(last, names) if dash else high if step else start
    if not low <= start <= end <= high:
        raise ValueError(f"{text!r} is not within {low}-{high}")
    return range(start, end + 1, int(step or 1))


def _number(text: str, names: Mapping[str, int]) -> int:
    return names[text.upper()] if text.upper() in names else int(text)
