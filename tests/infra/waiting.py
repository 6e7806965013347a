"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = 30.0) -> T:
    """The first truthy thing the look gives; an AssertionError if none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing came of {look} within {seconds} s; it gave {found!r}"
        time.sleep(0.02)
