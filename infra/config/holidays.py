"""Public holidays by country and region, written out as dates. The library is large and never ships."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from infra.config.problem import suggestion

_HOW = "write a country's code and, if you like, a part of it, such as DE, DE-BE or US-CA"


class UnknownRegion(LookupError):
    """No such country or part of it; the text says what would be right."""


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
