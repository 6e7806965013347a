"""Files that colleagues send to customers: whether a network takes one, and where it lies until it was sent."""

import re
from typing import Protocol

from chalicelib.channels.base import Channel
from chalicelib.domain.errors import Refusal
from chalicelib.domain.reply import Mode


class FileStore(Protocol):
    """Where files lie that colleagues send to customers."""

    def put(self, key: str, body: bytes, mime: str) -> None: ...

    def link(self, key: str) -> str:
        """Where whoever has it can fetch the file, for an hour."""

    def find(self, key: str) -> bytes | None:
        """Its bytes, if they are still kept."""


PREFIX = "files"
LONGEST = 80
_UNSAFE = re.compile(r"[^\w.-]+")


def check_file(channel: Channel, mode: Mode, mime: str, size: int) -> None:
    """Raises Refusal, with what to do instead."""
    takes = channel.takes(mode)
    if not takes:
        raise Refusal(f"{channel.title} takes no file there. Send the words without it.")
    if mime not in takes:
        kinds = ", ".join(sorted({one.partition("/")[2].rpartition(".")[2] for one in takes}))
        raise Refusal(f"{channel.title} does not take such a file there. It takes: {kinds}.")
    if size > takes[mime].size:
        most = takes[mime].size // 1_000_000
        raise Refusal(f"{channel.title} takes such files up to {most} MB; this has {size / 1_000_000:.1f}.")


def key(place: str, name: str) -> str:
    """Where a file lies. Its customer may see the last part of it."""
    return f"{PREFIX}/{place}/{name}"


def plain(name: str) -> str:
    """A name of letters, digits, dots, dashes and underscores, whose ending survives."""
    return _UNSAFE.sub("-", name).strip("-.")[-LONGEST:].strip("-.") or "file"
