"""What comes by every minute gets to all that waits: past what fails, many at once, and over before its function is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from chalicelib.service.ports import Meter

T = TypeVar("T")

BATCH = 100
"""So many are done, and then counted: what a run has done is known even if it never ends."""
SHOWN = 5
"""Failures that are named; the others are counted."""

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""As ``map`` does it, or many at once."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Run:
    """One run. ``late`` says that its time is over: what was not begun by then is left to the next one."""

    late: Callable[[], bool] = _never
    each: Each = map
    failed: int = field(default=0, init=False)
    failures: list[Exception] = field(default_factory=list, init=False)

    def over(self, work: Iterable[T], act: Callable[[T], int], meter: Meter, name: str) -> int:
        """Do each one; returns how much was done, which is counted under the name."""
        done = 0
        for batch in _batches(work):
            found = list(self.each(partial(self._tried, act), batch))
            self._remember([one for one in found if isinstance(one, Exception)])
            now = sum(one for one in found if isinstance(one, int))
            meter.count(name, now)
            done += now
            if self.late():
                break
        return done

    def _tried(self, act: Callable[[T], int], one: T) -> int | Exception:
        try:
            return 0 if self.late() else act(one)
        except Exception as error:  # one that cannot be done must not keep the others waiting
            return error

    def _remember(self, failures: list[Exception]) -> None:
        self.failed += len(failures)
        self.failures = [*self.failures, *failures][:SHOWN]

    def end(self, what: str) -> None:
        """Raises an ExceptionGroup when something failed; the next run tries it again."""
        if self.failed:
            raise ExceptionGroup(f"{self.failed} {what}", self.failures)


def _batches(work: Iterable[T]) -> Iterator[list[T]]:
    """At least one, even of nothing: that a run found nothing is told as well."""
    left, batch = iter(work), list[T]()
    while len(batch) == BATCH or not batch:
        batch = list(islice(left, BATCH))
        yield batch
        if not batch:
            return
