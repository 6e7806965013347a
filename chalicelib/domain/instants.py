"""Instants are aware UTC datetimes; at every boundary they are fixed-width ISO text, which sorts as time does."""

from datetime import UTC, datetime
from functools import lru_cache


def iso(at: datetime) -> str:
    """``2026-06-01T09:14:02.417Z``: always milliseconds, always Z, so that text order is time order."""
    return _written(at)


@lru_cache(256)
def _written(at: datetime) -> str:
    """The few moments of one write are told many times over: to write each out anew was a tenth of a message."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """The inverse of :func:`iso`; also reads any ISO 8601 text that carries an offset.

    Raises ValueError for text without an offset: a naive time is a bug, not a default.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no offset in the time {text!r}; write it as 2026-06-01T09:14:02Z")
    return at.astimezone(UTC)


def from_seconds(value: int | str) -> datetime:
    return datetime.fromtimestamp(int(value), UTC)


def from_millis(value: int | str) -> datetime:
    seconds, millis = divmod(int(value), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=millis * 1000)
