"""Promises in plain words, on the wall clock of the calendar in which they count."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.slack.clockwords import GIVEN, PAUSES, PROMISES
from chalicelib.slack.times import span

MOST = 6
"""Of more stretches than this only the first are named."""


def local(at: datetime, calendar: Calendar | None, now: datetime | None = None) -> str:
    """``14:20`` today, ``Mon 2026-06-08 09:15`` on other days, in the calendar's zone, which is named."""
    zone = ZoneInfo(calendar.zone) if calendar else UTC
    here = at.astimezone(zone)
    same = now is not None and now.astimezone(zone).date() == here.date()
    return f"{here:%H:%M}" if same else f"{here:%a %Y-%m-%d %H:%M}"


def zone(calendar: Calendar | None) -> str:
    return calendar.zone if calendar else "UTC"


def closed(calendar: Calendar | None, begin: datetime, end: datetime) -> list[str]:
    """The stretches between two instants in which no time counts, with the holidays in them."""
    stretches = list(calendar.closures(begin, end)) if calendar and begin < end else []
    told = [_stretch(calendar, opens, closes, begin) for opens, closes in stretches[:MOST] if calendar]
    more = sum((closes - opens for opens, closes in stretches[MOST:]), timedelta())
    return [*told, f"{span(more)} more"] if more else told


def _stretch(calendar: Calendar, begin: datetime, end: datetime, now: datetime) -> str:
    names = ", ".join(dict.fromkeys(_holidays(calendar, begin, end)))
    told = f"{local(begin, calendar, now)}-{local(end, calendar, begin if _same(calendar, begin, end) else None)}"
    return f"{told} ({names})" if names else told


def _same(calendar: Calendar, begin: datetime, end: datetime) -> bool:
    where = ZoneInfo(calendar.zone)
    return begin.astimezone(where).date() == end.astimezone(where).date()


def _holidays(calendar: Calendar, begin: datetime, end: datetime) -> Iterator[str]:
    where = ZoneInfo(calendar.zone)
    day, last = begin.astimezone(where).date(), (end - timedelta(seconds=1)).astimezone(where).date()
    while day <= last:
        special = calendar.dates.get(day)
        if special is not None and not special.hours:
            yield special.name or f"closed on {day}"
        day += timedelta(days=1)


def promise(clock: Clock, calendar: Calendar | None, now: datetime) -> str:
    """What a clock promises, or what became of it: ``answer by 14:20, in 12 minutes; closed 12:00-13:00``."""
    if clock.ended_at is not None:
        return _ended(clock, clock.ended_at)
    left = clock.target - clock.consumed
    if clock.state is ClockState.PAUSED:
        why = PAUSES.get(clock.pause_reason, clock.pause_reason.replace("_", " "))
        since = f" since {local(clock.paused_at, calendar, now)}" if clock.paused_at else ""
        rest = f"{span(left)} left" if left > timedelta() else "no time left"
        return f"{PROMISES[clock.metric]}: paused{since}, because {why}; {rest}"
    by = local(clock.due_at, calendar, now)
    if clock.due_at <= now:
        return f"{PROMISES[clock.metric]} now: it was due by {by}, {span(now - clock.due_at)} ago"
    stretches = closed(calendar, now, clock.due_at)
    shut = f"; closed {', '.join(stretches)}" if stretches else ""
    return f"{PROMISES[clock.metric]} by {by}, in {span(clock.due_at - now)}{shut}"


def _ended(clock: Clock, ended_at: datetime) -> str:
    if clock.state is ClockState.CANCELLED:
        return "ended: nothing is owed any more"
    if clock.state is ClockState.BREACHED:
        return f"{GIVEN[clock.metric].removesuffix(':').lower()} {span(ended_at - clock.due_at)} late"
    return f"{GIVEN[clock.metric].removesuffix(':').lower()} in time"
