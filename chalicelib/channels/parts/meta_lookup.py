"""Looking a reply of unknown fate up: its very words, from our own account, not older than the attempt.

A photo has no name there: one of ours without words is that of the attempt.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.channels.base import Unreadable
from chalicelib.channels.parts.reading import Fields
from chalicelib.domain.instants import instant
from chalicelib.domain.reply import Outgoing

SKEW = timedelta(minutes=2)
"""How far the network's clock may be behind ours."""


def rows(answer: Any) -> list[Fields]:
    """The objects of ``data[]``; none when the answer has another shape."""
    data = answer.get("data") if isinstance(answer, dict) else None
    return [Fields(item) for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def own_words(found: Iterable[Fields], outgoing: Outgoing, text: str, time: str) -> str | None:
    """The id of the first row that is this reply; ``text`` and ``time`` are what the network calls these fields."""

    def same(row: Fields) -> bool:
        words = row.text(text)
        return words is not None and words.strip() == outgoing.text.strip()

    return _own(found, outgoing, time, same)


def own_photo(found: Iterable[Fields], outgoing: Outgoing) -> str | None:
    """The id of the first comment that is a photo of ours and nothing else."""

    def same(row: Fields) -> bool:
        return not row.text("message") and row.sub("attachment").text("type") == "photo"

    return _own(found, outgoing, "created_time", same)


def _own(found: Iterable[Fields], outgoing: Outgoing, time: str, same: Callable[[Fields], bool]) -> str | None:
    return next((row.id("id") for row in found if _is_ours(row, outgoing, time, same)), None)


def _is_ours(row: Fields, outgoing: Outgoing, time: str, same: Callable[[Fields], bool]) -> bool:
    try:
        author, at, native_id, alike = row.sub("from").id("id"), row.text(time), row.id("id"), same(row)
    except Unreadable:
        return False
    ours = author is None or author == outgoing.address.get("account", outgoing.account)
    return native_id is not None and ours and alike and _fresh(at, outgoing.attempted_at)


def _fresh(at: str | None, attempted_at: datetime | None) -> bool:
    """Whether it may stem from this attempt; the same words said earlier prove nothing."""
    if at is None or attempted_at is None:
        return True
    try:
        return instant(at) >= attempted_at - SKEW
    except (ValueError, OverflowError):
        return False
