"""Virtual time: whole seconds since the morning of one day. What is due at the same moment comes in seeded order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from random import Random

MORNING = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)

Act = Callable[[], None]


@lru_cache(maxsize=100_000)
def moment(seconds: int) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def seconds(at: datetime) -> int:
    return int((at - MORNING).total_seconds())


class Scheduler:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._heap: list[tuple[int, float, Act]] = []
        self.now = 0

    @property
    def idle(self) -> bool:
        return not self._heap

    def after(self, wait: int, act: Act) -> None:
        heappush(self._heap, (self.now + max(wait, 0), self._random.random(), act))

    def between(self, least: int, most: int, act: Act) -> None:
        self.after(self._random.randint(least, most), act)

    def run(self, until: int) -> None:
        while self._heap and self._heap[0][0] <= until:
            self._one()
        self.now = max(self.now, until)

    def run_dry(self, until: int) -> None:
        """Run until nothing is left, or that moment."""
        while self._heap and self._heap[0][0] <= until:
            self._one()

    def another(self, within: int) -> None:
        """Let something else happen in the middle of what happens now."""
        if self._heap and self._heap[0][0] <= self.now + within:
            self._one()

    def _one(self) -> None:
        due, _, act = heappop(self._heap)
        self.now = max(self.now, due)
        act()
