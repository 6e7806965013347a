"""Who made clocks rest, why and for how long: what a care lead looks at when promises are kept too easily."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.report import pauses
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.explaining import length


@dataclass(frozen=True, slots=True)
class Rested:
    """``cases`` is in how many cases this person made clocks rest for this reason."""

    who: str
    why: str
    time: timedelta
    cases: int


def summed(timelines: Iterable[Sequence[TimelineEvent]], since: datetime, until: datetime) -> list[Rested]:
    """By person and reason, the longest first."""
    found: dict[tuple[str, str], Rested] = {}
    for timeline in timelines:
        times: dict[tuple[str, str], timedelta] = {}
        for one in pauses(timeline):
            times[one.who, one.why] = times.get((one.who, one.why), timedelta()) + one.within(since, until)
        for (who, why), time in times.items():
            if time:
                known = found.get((who, why), Rested(who, why, timedelta(), 0))
                found[who, why] = Rested(who, why, known.time + time, known.cases + 1)
    return sorted(found.values(), key=lambda one: (-one.time, one.who, one.why))


def as_json(found: Iterable[Rested], allowed: Collection[str]) -> list[dict[str, Any]]:
    return [
        {
            "who": one.who,
            "why": one.why,
            "seconds": int(one.time.total_seconds()),
            "cases": one.cases,
            "allowed": one.why in allowed,
        }
        for one in found
    ]


def in_words(found: Sequence[Rested], allowed: Collection[str]) -> Iterator[str]:
    if not found:
        yield "no clock rested"
    for title, these in (("to look at", False), (f"as it should be ({', '.join(allowed)})", True)):
        lines = [one for one in found if (one.why in allowed) is these]
        if lines:
            yield f"{title}:"
            yield from (f"  {one.who}: {length(one.time)} for {one.why}, in {_cases(one.cases)}" for one in lines)


def _cases(count: int) -> str:
    return f"{count} case" if count == 1 else f"{count} cases"
