"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


GIVES_UP = 60.0
"""Seconds after which nothing more is hoped for. No promise: those name a time of their own."""


def eventually(look: Callable[[], T], seconds: float = GIVES_UP, every: float = 0.02) -> T:
    """The first truthy thing the look gives, asked for ``every`` so many seconds; an AssertionError if none came."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing came of {look} within {seconds} s; it gave {found!r}"
        time.sleep(every)


@contextmanager
def lasting(seconds: float) -> Iterator[None]:
    """What is done in it takes so long at least."""
    end = time.monotonic() + seconds
    yield
    while (left := end - time.monotonic()) > 0:
        time.sleep(left)
