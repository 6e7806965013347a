"""Looking a reply of unknown fate up: its very words, from our own account, not older than the attempt."""

from collections.abc import Iterable
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
    return next((row.id("id") for row in found if _is_ours(row, outgoing, text, time)), None)


def _is_ours(row: Fields, outgoing: Outgoing, text: str, time: str) -> bool:
    try:
        author, words, at, native_id = row.sub("from").id("id"), row.text(text), row.text(time), row.id("id")
    except Unreadable:
        return False
    ours = author is None or author == outgoing.address.get("account", outgoing.account)
    same = words is not None and words.strip() == outgoing.text.strip()
    return native_id is not None and ours and same and _fresh(at, outgoing.attempted_at)


def _fresh(at: str | None, attempted_at: datetime | None) -> bool:
    """Whether it may stem from this attempt; the same words said earlier prove nothing."""
    if at is None or attempted_at is None:
        return True
    try:
        return instant(at) >= attempted_at - SKEW
    except (ValueError, OverflowError):
        return False
