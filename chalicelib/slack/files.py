"""What is attached to a message, as a reader sees it: by name, and as a link where its network keeps it in the open."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from chalicelib.domain.event import Attachment
from chalicelib.slack.mrkdwn import one_line

NAMED = 3
SHOWN = 100
"""More than any network lets somebody attach."""
FILES = frozenset({"image", "photo", "video", "animation", "audio", "voice", "document", "file", "media"})
"""Kinds that are something to open; the others (a place, a contact, a sticker) are said by their name."""
KEPT = " (opens on the network only)"
"""It is kept under an id, for those who are signed in there; no link leads to it."""
ELSEWHERE = " (lies outside of the network; look at it there)"
"""It has an address, but one that anybody may have written."""
LONGEST = 2000
_WELL_FORMED = re.compile(r"https://[A-Za-z0-9.-]+/[!#-;=?-\[\]_a-z~]*")


def named(files: Sequence[Attachment]) -> str:
    """``[image] [document: bill.pdf] and 3 more``."""
    return " ".join(name(one) for one in files[:NAMED]) + more(files)


def name(file: Attachment) -> str:
    return f"[{one_line(file.kind, 20) or 'file'}{': ' + one_line(file.name, 40) if file.name else ''}]"


def more(files: Sequence[Attachment], shown: int = NAMED) -> str:
    return f" and {len(files) - shown} more" if len(files) > shown else ""


def opened(files: Sequence[Attachment], hosts: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """All of them piece by piece, each with where it opens, if anywhere."""
    for at, one in enumerate(files[:SHOWN]):
        url = link(one, hosts)
        space = " " if at else ""
        if space and url:
            yield space, None
        yield (name(one), url) if url else (space + name(one) + _why(one), None)
    if len(files) > SHOWN:
        yield more(files, SHOWN), None


def _why(file: Attachment) -> str:
    """Why a file is no link."""
    if file.kind not in FILES:
        return ""
    return ELSEWHERE if file.url else KEPT


def link(file: Attachment, hosts: Sequence[str]) -> str | None:
    """Where it opens. Only the network's own hosts: a customer may put any address into a shared link."""
    url = file.url or ""
    if file.kind not in FILES or len(url) > LONGEST or not _WELL_FORMED.fullmatch(url):
        return None
    host = (urlsplit(url).hostname or "").lower()
    return url if any(host == one or host.endswith("." + one) for one in hosts) else None
