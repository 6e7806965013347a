"""Whose turn it is at Slack: one call after the other at each door, the urgent first, agreed between all workers.

A door is what Slack counts: the posts of one channel, or one method of a workspace. Its row says when the next call is
due. Who comes too early is given a time and comes back then. Times are given by rank, so that the urgent get early ones
whatever waits already; who is overtaken so gets another time. A time that has passed says nothing any more, so nobody
who stays away holds up the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.instants import iso

PEOPLE, ALARM, CARD, LINE = "0", "1", "2", "3"
"""Ranks, in their order: somebody works on it, a promise is in danger, a case has no card yet, all other news."""
_LATER = timedelta(days=1)
_TEN_MINUTES = len("2026-11-20T09:1")


@dataclass(frozen=True, slots=True)
class Tempo:
    """A call each ``spacing``; a few may come together, as far as ``burst`` reaches.

    While many wait they come one by one, so that there is room for what is urgent.
    """

    spacing: timedelta
    burst: timedelta


@dataclass(frozen=True, slots=True)
class Door:
    """``name`` is a channel or a method. ``free_at`` is when the next call is due by the tempo.

    ``closed_until`` is what Slack asked for, ``waits`` until when those of each rank that wait have been given times.
    A door is a workspace's, not a brand's.
    """

    team: str
    name: str
    free_at: datetime
    closed_until: datetime
    waits: Mapping[str, datetime] = field(default_factory=dict)
    brand: str = "slack"
    version: int = 0

    @property
    def written(self) -> "Door":
        """As it is read after its commit."""
        return replace(self, version=self.version + 1)


def card_rank(due_at: datetime | None, now: datetime) -> str:
    """Cards come oldest due first, ten minutes at a time; those that nothing is promised come last."""
    if due_at is None or due_at - now > _LATER:
        return f"{CARD}~"
    return CARD + iso(due_at)[:_TEN_MINUTES] if due_at > now else CARD


def passed(door: Door, rank: str, now: datetime, tempo: Tempo, *, waited: bool) -> Door | None:
    """The door after a call of this rank; None when it is not its turn. ``waited``: it comes when it was told to."""
    waits = _left(door, now)
    ahead = any(other < rank or (other == rank and not waited) for other in waits)
    reach = tempo.spacing if waited and rank >= CARD else tempo.burst
    if ahead or now < door.closed_until or now + reach < door.free_at:
        return None
    return replace(door, free_at=max(door.free_at, now) + tempo.spacing, waits=waits)


def queued(door: Door, rank: str, now: datetime, tempo: Tempo) -> tuple[Door, datetime]:
    """A time for a call that has to wait: after all who wait and are as urgent."""
    free = max(now, door.free_at, door.closed_until)
    tails = [until for other, until in door.waits.items() if other <= rank]
    at = max([free, *(until + tempo.spacing for until in tails)])
    return replace(door, waits={**_left(door, now), rank: at}), at


def closed(door: Door, until: datetime) -> Door:
    """Slack asked to wait until then."""
    return replace(door, closed_until=max(door.closed_until, until))


def waiting(door: Door, rank: str, now: datetime, tempo: Tempo) -> int:
    """About how many wait whose rank begins so: they have been given one time after the other."""
    last = max((until for other, until in door.waits.items() if other.startswith(rank)), default=now)
    first = max(now, door.closed_until)
    return max(0, -((first - last) // tempo.spacing))


def _left(door: Door, now: datetime) -> dict[str, datetime]:
    return {rank: until for rank, until in door.waits.items() if until > now}
