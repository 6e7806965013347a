"""What work costs, in measures that mean the same on every machine: calls made, and CPU beside other work done there.

Seconds say more about the machine than about Heed, so no test judges any (tests/house/test_manners.py).
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FrameType


@dataclass(slots=True)
class Cost:
    calls: int = 0
    """Of functions, those written in C among them: the same number every time."""
    cpu: float = 0.0

    @property
    def readings(self) -> float:
        """How often the largest honest body could have been parsed in this time."""
        return self.cpu / reading()


@contextmanager
def measured() -> Iterator[Cost]:
    """The profiler's hook counts and is nobody else's: coverage uses the tracer's."""
    cost = Cost()

    def look(frame: FrameType, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            cost.calls += 1

    began = time.process_time()
    sys.setprofile(look)
    try:
        yield cost
    finally:
        sys.setprofile(None)
        cost.cpu = time.process_time() - began


def beyond(limit: float, work: Callable[[], object]) -> bool:
    """Whether it takes more CPU, three times: what disturbs a measurement only ever adds to it."""
    return all(_cpu(work) > limit for _ in range(3))


@cache
def reading() -> float:
    body = json.dumps({"entry": [{"id": str(number), "text": "Where is my parcel?"} for number in range(120_000)]})
    return min(_cpu(lambda: json.loads(body)) for _ in range(3))


@cache
def square(size: int) -> float:
    """What the quickest pattern takes that grows with the square of its text."""
    return min(_cpu(lambda: re.compile("a*b").search("a" * size)) for _ in range(7))


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
