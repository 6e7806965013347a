"""Notices to the same people by the same way are bundled: the first goes out at once, what follows is gathered.

A row per team, way and target holds what was gathered, as a count and a few cases: a storm does not make it grow.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=2)
NAMED = 5
"""Cases a summary names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """``due_at`` is the oldest promise among them."""

    since: datetime
    count: int
    cases: tuple[str, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """``open`` is what is being gathered until ``window_end``; ``closing`` what is being told right now."""

    brand: str
    queue: str
    way: str
    window_end: datetime
    target: str = ""
    open: Gathered | None = None
    closing: Gathered | None = None
    version: int = 0

    @property
    def name(self) -> str:
        return f"{self.queue}/{self.way}/{self.target}"

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


def told(bundle: Bundle) -> Bundle:
    return replace(bundle, closing=None)
