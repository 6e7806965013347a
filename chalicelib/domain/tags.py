"""Tags, of cases and of people: one spelling, and only so many."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from chalicelib.domain.errors import Refusal

LONGEST = 40
MOST = 20

_TAG = re.compile(r"[^\W_][\w:.+-]*")


def tag(text: str) -> str:
    """The one spelling of a tag. Raises Refusal for what cannot be one."""
    normal = "-".join(unicodedata.normalize("NFC", text).casefold().split())
    if not _TAG.fullmatch(normal):
        raise Refusal(f'"{normal[:LONGEST]}" cannot be a tag; use letters, digits and dashes.')
    if len(normal) > LONGEST:
        raise Refusal(f"A tag has {LONGEST} characters at most; shorten {normal[:LONGEST]}…")
    return normal


def retagged(
    known: Collection[str], add: Iterable[str], remove: Iterable[str]
) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """The tags as they become, and what was added and removed. Raises Refusal for too many, or what is none."""
    gone = {tag(one) for one in remove}
    given = [one for one in dict.fromkeys(tag(one) for one in add) if one not in gone]
    tags = tuple(dict.fromkeys((*(one for one in known if one not in gone), *given)))
    if len(tags) > max(MOST, len(known)):
        raise Refusal(f"There are {MOST} tags at most; take some away first.")
    differs = {"added": sorted(set(tags) - set(known)), "removed": sorted(set(known) - set(tags))}
    return tags, {name: names for name, names in differs.items() if names}
