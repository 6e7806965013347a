"""Read, decide, write under a condition; when somebody else wrote first, read and decide anew."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.errors import Conflict

ATTEMPTS = 6

T = TypeVar("T")


def deciding(attempt: Callable[[], T]) -> T:
    """Run one read-decide-write until its write is not overtaken. Raises Conflict when it always is."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Conflict:
            continue
    return attempt()
