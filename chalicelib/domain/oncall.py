"""Who is on call at an instant, and until when. Pure arithmetic; nobody keeps a list of shifts.

The members of a layer take turns. A turn ends at the hand-over: the first instant at which the wall clock in the
layer's time zone shows its time, or a later one where clocks skip it. Layers are asked in order; one that has hours
counts only while its wall clock is inside them. Overrides win over all layers, and of two the later one in the list.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from chalicelib.domain.calendar import Calendar

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LOOKED_AT = 64
"""After so many turns without a change of person nobody searches on."""


@dataclass(frozen=True, slots=True)
class Override:
    """In this time, from ``start`` and before ``end``, it is this person."""

    start: datetime
    end: datetime
    who: str

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Layer:
    """Members take turns of ``days`` days, the first of them from ``start`` on, at minute ``handover`` of the day."""

    members: tuple[str, ...]
    zone: str
    start: date
    handover: int
    days: int
    hours: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """``queue`` is the team that reads a summary when the person changes."""

    key: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
    queue: str | None = None

    @property
    def people(self) -> frozenset[str]:
        """Whoever takes turns in it, or stands in."""
        return frozenset(one for layer in self.layers for one in layer.members) | {one.who for one in self.overrides}


@dataclass(frozen=True, slots=True)
class Duty:
    """``who`` is an agent's id; None in a gap. ``until`` is when somebody else takes over; None for nobody in sight."""

    who: str | None
    until: datetime | None


def on_call(rotation: Rotation, at: datetime) -> Duty:
    """The one person on call at this instant, and the hand-over to the next one."""
    duty = _turn(rotation, at)
    for _ in range(_LOOKED_AT):
        if duty.until is None:
            return duty
        after = _turn(rotation, duty.until)
        if after.who != duty.who:
            return duty
        duty = after
    return Duty(duty.who, None)


def _turn(rotation: Rotation, at: datetime) -> Duty:
    """Who it is, and the next instant at which it may be somebody else."""
    edges = [edge for one in rotation.overrides for edge in (one.start, one.end) if edge > at]
    covering = [one for one in rotation.overrides if one.covers(at)]
    if covering:
        return Duty(covering[-1].who, min(edges))
    who: str | None = None
    for layer in rotation.layers:
        if layer.hours is not None:
            opens, closes = layer.hours.window(at)
            if opens > at:
                edges.append(opens)
                continue
            edges.append(closes)
        number = _number(layer, at)
        who = layer.members[number % len(layer.members)]
        edges += [_handover(layer, number + 1)] if len(layer.members) > 1 else []
        break
    return Duty(who, min(edges, default=None))


def _number(layer: Layer, at: datetime) -> int:
    """Which turn the instant lies in; those before the start count downwards."""
    here = at.astimezone(_zone(layer.zone)).date()
    number = (here - layer.start).days // layer.days
    while _handover(layer, number) > at:
        number -= 1
    while _handover(layer, number + 1) <= at:
        number += 1
    return number


def _handover(layer: Layer, number: int) -> datetime:
    return _moment(layer.zone, layer.start + number * layer.days * _DAY, layer.handover)


@lru_cache(maxsize=4096)
def _moment(zone: str, day: date, minute: int) -> datetime:
    return _first(_zone(zone), datetime.combine(day, time(*divmod(minute, 60))))


def _first(zone: tzinfo, wall: datetime) -> datetime:
    """The first instant at which the wall clock shows this, or a later time where it skips it."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    begin = at - _DAY
    there = bisect_left(
        range(2 * 86_400),
        True,
        key=lambda passed: (begin + passed * _SECOND).astimezone(zone).replace(tzinfo=None) >= wall,
    )
    return begin + there * _SECOND


@lru_cache(maxsize=64)
def _zone(key: str) -> tzinfo:
    """Imported here because most functions never ask who is on call."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(key)
