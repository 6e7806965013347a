"""What of an event fits the rows it becomes: an item of the table holds 400 KB, and people read what is in it.

No network sends what is cut here. Where any system may post, one might; what is cut is kept whole among the raw bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from chalicelib.domain.event import Attachment, Event, Kind

LONGEST = 90_000
"""Bytes of one text, and of all files told of. A message may hold two texts, the original and its latest edit."""
LONGEST_ID, LONGEST_URL, MOST_FILES = 1_000, 2_000, 50
_IDS = ("account", "id", "author", "conversation", "parent", "post", "root", "of", "recipient")
_WORDS: Mapping[str, int] = {
    "name": 300,
    "handle": 300,
    "phone": 60,
    "emoji": 60,
    "version": 60,
    "language": 60,
    "subtype": 60,
    "reason": 1_000,
}
"""The most characters of each."""


def fitting(event: Event) -> Event:
    """The event as it can be stored: itself, one with something cut, or UNKNOWN when an id is none."""
    if any(len(getattr(event, name) or "") > LONGEST_ID for name in _IDS):
        return Event(Kind.UNKNOWN, event.channel)
    cut: dict[str, Any] = {name: (getattr(event, name) or "")[:most] for name, most in _WORDS.items()}
    cut |= {"text": _text(event.text), "attachments": _files(event.attachments[:MOST_FILES])}
    changed = {name: value for name, value in cut.items() if value != (getattr(event, name) or type(value)())}
    return replace(event, **changed) if changed else event


def _text(text: str | None) -> str:
    whole = (text or "").encode()
    if len(whole) <= LONGEST:
        return text or ""
    kept = whole[:LONGEST].decode(errors="ignore")
    return f"{kept} […] (cut here: {len(text or '') - len(kept):,} more characters)"


def _files(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    kept = tuple(map(_file, files))
    sizes = accumulate(len(repr(one).encode()) for one in kept)
    return tuple(one for one, size in zip(kept, sizes, strict=True) if size <= LONGEST)


def _file(file: Attachment) -> Attachment:
    """Half an address leads nowhere."""
    words = {name: (getattr(file, name) or "")[:most] or None for name, most in (("name", 300), ("mime", 100))}
    ids = {name: None for name in ("url", "id") if len(getattr(file, name) or "") > LONGEST_URL}
    return replace(file, kind=file.kind[:60], **{**words, **ids})
