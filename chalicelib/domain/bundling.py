"""Notices to the same people by the same way are bundled: the first goes out at once, what follows is gathered.

A row per team, way, target and what it is about holds what was gathered, as a count and a few cases: a storm does not
make it grow. Whoever reads several of them gets one message for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.domain.escalation import Way

WINDOW = timedelta(minutes=2)
NAMED = 20
"""Cases a bundle knows by name; the others are counted."""
_IN_CHANNEL = frozenset({Way.TEAM, Way.USER_GROUP})


@dataclass(frozen=True, slots=True)
class Gathered:
    """``due_at`` is the oldest promise among them."""

    since: datetime
    count: int
    cases: tuple[str, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """``open`` is what is being gathered until ``window_end``; ``closing`` what is being told right now.

    ``what`` is the fact that is told of: a warning, a breach, or nothing for the steps of a chain.
    """

    brand: str
    queue: str
    way: str
    window_end: datetime
    target: str = ""
    open: Gathered | None = None
    closing: Gathered | None = None
    what: str = ""
    version: int = 0

    @property
    def name(self) -> str:
        return f"{self.queue}/{self.way}/{self.target}/{self.what}"

    @property
    def reader(self) -> tuple[str, ...]:
        """Who reads it: the team in its channel, whomever it mentions there, or one person or address."""
        whom = ("channel", "") if self.way in _IN_CHANNEL else (self.way, self.target)
        return (self.brand, self.queue, *whom)

    def quiet(self, now: datetime) -> bool:
        """Whether the next notice may go out by itself."""
        return now >= self.window_end and self.open is None and self.closing is None

    def ripe(self, now: datetime) -> bool:
        """Whether there is something to be told now."""
        return self.closing is not None or (self.open is not None and now >= self.window_end)


def first(bundle: Bundle, now: datetime) -> Bundle:
    """A notice went out by itself; those of the next minutes are gathered."""
    return replace(bundle, window_end=now + WINDOW)


def gathered(bundle: Bundle, case_id: str, due_at: datetime | None, now: datetime) -> Bundle:
    """One more. A case that is told of twice is named once."""
    before = bundle.open or Gathered(now, 0, ())
    cases = before.cases if case_id in before.cases else (*before.cases, case_id)[:NAMED]
    due = min((one for one in (before.due_at, due_at) if one), default=None)
    return replace(bundle, open=replace(before, count=before.count + 1, cases=cases, due_at=due))


def closed(bundle: Bundle, now: datetime) -> Bundle:
    """What was gathered is about to be told, and what comes from now on is gathered for the next time.

    What is being told already is told first: somebody stopped between the telling and its record.
    """
    if bundle.closing is not None or bundle.open is None:
        return bundle
    return replace(bundle, open=None, closing=bundle.open, window_end=now + WINDOW)


def together(bundles: Sequence[Bundle], now: datetime) -> list[Bundle]:
    """Of all that one reader has, what is to be told now in one message, as it then is; nothing while none is ripe.

    What is being told already comes first and by itself, so that a repeat tells the same.
    """
    if telling := [one for one in bundles if one.closing is not None]:
        return telling
    if not any(one.ripe(now) for one in bundles):
        return []
    return [closed(one, now) for one in bundles if one.open is not None]


def by_reader(bundles: Sequence[Bundle]) -> list[list[Bundle]]:
    ordered = sorted(bundles, key=lambda one: one.reader)
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.reader)]


def told(bundle: Bundle) -> Bundle:
    return replace(bundle, closing=None)
