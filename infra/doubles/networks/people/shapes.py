"""A person, what they do, and the signed request that tells Heed about it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.doubles.networks.accounts import Account

Json = dict[str, Any]


@dataclass(frozen=True)
class WebhookRequest:
    """`path` follows Heed's hook prefix: `<network>/<account key>`, for handshakes with a query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Person:
    """`id` is what the network calls them: PSID, IGSID, WhatsApp BSUID, X or Telegram user id.

    `phone` may be empty: WhatsApp users with a username can hide it.
    """

    id: str
    name: str
    handle: str = ""
    phone: str = ""
    language: str = "en"
    followers: int = 97


@dataclass(frozen=True)
class Event:
    """One thing that happened. Which kinds there are depends on the network.

    `id` is the item's native id (for an edit or a delete: of the item changed; for reactions and receipts: of our
    message). `parent` is the item answered, `thread` what it hangs under: Facebook post `{page}_{post}`, Instagram
    media, X conversation, Telegram group chat. `file` is the network's word for a file instead of words, `new_id` the
    id an edit gets on networks that give it one, `written` the time of the unedited message where that differs.
    """

    kind: str
    person: Person
    id: str
    at: datetime
    text: str = ""
    parent: str = ""
    thread: str = ""
    file: str = ""
    new_id: str = ""
    emoji: str = "\u2764\ufe0f"
    version: int = 1
    written: datetime | None = None

    @property
    def seconds(self) -> int:
        return int(self.at.timestamp())

    @property
    def millis(self) -> int:
        return int(self.at.timestamp() * 1000)

    @property
    def number(self) -> int:
        """64 bits made from what happened: the same event always has the same delivery id."""
        told = repr((self.kind, self.person.id, self.id, self.at, self.text, self.new_id, self.version))
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big")


Builder = Callable[[Account, Event], Json]
Kinds = Mapping[str, Builder]


@dataclass(frozen=True)
class Voice:
    """How one network speaks: its kinds, how it writes a body down and how it signs it."""

    kinds: Kinds
    encode: Callable[[Json], bytes]
    sign: Callable[[Account, Event, bytes], dict[str, str]]


def plain(payload: Json) -> bytes:
    """One line of raw UTF-8, as X, Telegram and the Standard Webhooks senders write."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def meta_bytes(payload: Json) -> bytes:
    r"""One line of ASCII with `\uXXXX` and `\/`, as Meta writes."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()


def iso(at: datetime) -> str:
    """`2026-11-20T09:00:00.344Z`"""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
