"""The one vocabulary in which every network's happenings are told to the rest of Heed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.ids import digest
from chalicelib.domain.instants import iso


class Kind(StrEnum):
    """What happened. The first five ask for an answer, the rest are facts about something that exists or signals."""

    MESSAGE = "message"
    COMMENT = "comment"
    POST = "post"
    MENTION = "mention"
    REVIEW = "review"
    ECHO = "echo"
    EDIT = "edit"
    DELETE = "delete"
    HIDDEN = "hidden"
    REACTION = "reaction"
    REACTION_REMOVED = "reaction_removed"
    LIKE = "like"
    REPOST = "repost"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    TYPING = "typing"
    HANDOVER = "handover"
    STANDBY_MESSAGE = "standby_message"
    CONTACT_UPDATE = "contact_update"
    PREFERENCE = "preference"
    ACCOUNT_EVENT = "account_event"
    ACTION = "action"
    REVOKED = "revoked"
    REPLAY_STATUS = "replay_status"
    IGNORE = "ignore"
    UNKNOWN = "unknown"


INBOUND = frozenset({Kind.MESSAGE, Kind.COMMENT, Kind.POST, Kind.MENTION, Kind.REVIEW})
"""Kinds with which a customer asks for attention; only these open a case."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or card beside a message. ``kind`` is image, video, voice, document, sticker, location, contact, ..."""

    kind: str
    url: str | None = None
    id: str | None = None
    name: str | None = None
    mime: str | None = None


def kind_of(mime: str) -> str:
    """What people call a file of that media type."""
    kind = mime.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "document"


@dataclass(frozen=True, slots=True)
class Event:
    """One normalised happening on one account. Absent facts are None; nothing is guessed.

    ``id`` is the network's own id of the thing that came to be, ``of`` the id of the existing thing it is about.
    ``account`` is our asset's native id; ``author`` the customer's native id (None when the network does not say);
    ``conversation`` groups what belongs to one thread; ``at`` is the network's event time where it gives one.
    ``own`` is, for echoes, True when this app sent it, False when a colleague did, None when it cannot be told.
    ``extra`` holds what only one network says (payload, campaign, remark, ...) under the words of its fact sheet.
    """

    kind: Kind
    channel: str
    account: str | None = None
    id: str | None = None
    at: datetime | None = None
    author: str | None = None
    name: str | None = None
    handle: str | None = None
    phone: str | None = None
    followers: int | None = None
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    conversation: str | None = None
    parent: str | None = None
    post: str | None = None
    root: str | None = None
    of: str | None = None
    own: bool | None = None
    public: bool = False
    recipient: str | None = None
    emoji: str | None = None
    version: str | None = None
    up_to: datetime | None = None
    language: str | None = None
    subtype: str | None = None
    code: int | str | None = None
    reason: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The identity of this happening: equal for every redelivery, different for all others.

        Time takes part only where nothing else tells two happenings apart, because some networks stamp each retry anew.
        """
        if self.id is not None:
            return digest(self.kind, self.account or "", self.id)
        stamp = self.version or (iso(self.at or self.up_to) if self.at or self.up_to else "")  # type: ignore[arg-type]
        parts = (self.of, self.author, stamp, self.emoji, self.text, str(self.code or ""), self.subtype)
        return digest(self.kind, self.account or "", *(part or "" for part in parts))
