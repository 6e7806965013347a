"""Where a promise stands at a moment: what is left of it, when no time counts on the way, why it rests.

Whoever speaks of a clock, a card in Slack or the command line, words this and reckons nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock
from chalicelib.domain.ledger import promised

_NOTHING = timedelta()
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """A stretch in which no time counts. ``names`` are the holidays and events in it."""

    begin: datetime
    end: datetime
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """``left`` is counted time, negative once it is too late; ``closed`` lies between now and the due time.

    ``rests_on`` are the statuses in which such a promise's time stands still.
    """

    clock: Clock
    now: datetime
    calendar: Calendar | None
    left: timedelta
    paused: timedelta
    closed: tuple[Closed, ...] = ()
    rests_on: tuple[str, ...] = ()

    @property
    def consumed(self) -> timedelta:
        return self.clock.target - self.left

    @property
    def overdue(self) -> bool:
        return self.clock.running and self.clock.due_at <= self.now


def standing(case: Case, clock: Clock, now: datetime) -> Standing:
    target = promised(case, clock)
    rest = now - clock.paused_at if clock.open and not clock.running and clock.paused_at else _NOTHING
    return Standing(
        clock=clock,
        now=now,
        calendar=target.calendar,
        left=clock.remaining(now, target.timekeeper),
        paused=clock.paused + max(rest, _NOTHING),
        closed=tuple(closures(target.calendar, now, clock.due_at)) if clock.running else (),
        rests_on=case.terms_for(clock.metric).pause_on,
    )


def closures(calendar: Calendar | None, begin: datetime, end: datetime) -> Iterator[Closed]:
    """The stretches between two instants in which no time counts, with what people call the days in them."""
    if calendar is not None and begin < end:
        for opens, closes in calendar.closures(begin, end):
            yield Closed(opens, closes, tuple(dict.fromkeys(_names(calendar, opens, closes))))


def _names(calendar: Calendar, begin: datetime, end: datetime) -> Iterator[str]:
    """Days that are closed, and hours of a day that an event took."""
    day, last = (calendar.local(at).date() for at in (begin, end - timedelta(seconds=1)))
    whole = day != last
    while day <= last:
        special = calendar.dates.get(day)
        if special is not None and not (special.hours and (whole or not special.name)):
            yield special.name or f"closed on {day}"
        day += _DAY
