"""Public holidays by country and region, written out as dates. The library is large and never ships."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from infra.config.problem import suggestion

_HOW = "write a country's code and, if you like, a part of it, such as DE, DE-BE or US-CA"


SOON = timedelta(days=92)
"""So long before the last known date of a calendar its file should be pushed again."""


class UnknownRegion(LookupError):
    """No such country or part of it; the text says what would be right."""


def running_out(policy: Mapping[str, Any], today: date) -> Iterator[tuple[str, date]]:
    """The calendars of a pushed file that soon know of no date to come that differs, and the last of each."""
    for key, calendar in policy.get("calendars", {}).items():
        last = max(map(date.fromisoformat, calendar["dates"]), default=None)
        if last is not None and last - SOON < today:
            yield key, last


def holidays_until(policy: Mapping[str, Any]) -> str | None:
    """Until when all calendars of a pushed file know of dates that differ; None where none does."""
    return min((max(one["dates"]) for one in policy.get("calendars", {}).values() if one["dates"]), default=None)


def public_holidays(region: str, years: Iterable[int]) -> Mapping[date, str]:
    """Dates with the names people there give them. Raises UnknownRegion."""
    import holidays

    country, _, part = region.partition("-")
    if country not in holidays.list_supported_countries():
        raise UnknownRegion(_HOW)
    known: Any = getattr(holidays, country)
    parts = [*known.subdivisions, *known.subdivisions_aliases]
    if part and part not in parts:
        raise UnknownRegion(suggestion(f"parts of {country}", part, known.subdivisions))
    found = holidays.country_holidays(country, part or None, list(years), language=known.default_language)
    return dict(sorted(found.items()))
