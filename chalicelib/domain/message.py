"""One message by its native id: a fold over everything the network says of it, in whatever order it says it.

Every rule below is commutative, so that message, edit, delete, reaction and receipt end in one state in all orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.ids import contact_id, digest
from chalicelib.domain.instants import iso


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NOTE = "note"


class Evidence(StrEnum):
    """What a tombstone keeps of a message its author took back."""

    NONE = "none"
    HASH = "hash"
    TEXT = "text"


MOST_REACTIONS = 100
"""So many are kept of a message, by the least ids: the same ones in whatever order they come."""
_DELIVERY = ("sent", "delivered", "read", "played", "failed")


@dataclass(frozen=True, slots=True)
class Edit:
    """The text after an edit. ``order`` (version, time, digest) makes the latest of several win however they arrive."""

    text: str | None
    order: tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """``direction`` is None while only an edit, delete, reaction or receipt has told of it: a stub that waits.

    ``acting`` is what is being done to it on its network (see moderation). ``reactions`` go by the contact's id.
    """

    id: str
    brand: str
    channel: str
    native_id: str | None = None
    direction: Direction | None = None
    kind: str = ""
    account: str | None = None
    conversation_id: str | None = None
    contact_id: str | None = None
    case_id: str | None = None
    reply_id: str | None = None
    author: str | None = None
    name: str | None = None
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    at: datetime | None = None
    received_at: datetime | None = None
    parent: str | None = None
    public: bool = False
    language: str | None = None
    edit: Edit | None = None
    deleted_at: datetime | None = None
    evidence: str | None = None
    hidden: bool = False
    acting: str | None = None
    reactions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    delivery: str | None = None
    held_at: datetime | None = None
    erased_at: datetime | None = None
    version: int = 0

    @property
    def words(self) -> str | None:
        """What it says now: the latest edit, or nothing once its author took it back."""
        if self.deleted_at is not None:
            return None
        return self.edit.text if self.edit else self.text

    def told(self, original: "Message", keep: Evidence) -> "Message":
        """The stub becomes the message; what was told about it before stays true."""
        known = replace(
            original,
            edit=self.edit,
            deleted_at=self.deleted_at,
            hidden=self.hidden,
            reactions=self.reactions,
            delivery=self.delivery,
            version=self.version,
        )
        return known if self.deleted_at is None else _wiped(known, keep)

    def heard(self, event: Event, at: datetime, keep: Evidence) -> "Message":
        """The message after an event about it. Returns itself when the event says nothing new, or too late."""
        if self.erased_at is not None:
            return self
        if event.kind is Kind.EDIT:
            return self._edited(event)
        if event.kind is Kind.DELETE:
            return self if self.deleted_at else _wiped(replace(self, deleted_at=event.at or at), keep)
        if event.kind is Kind.HIDDEN:
            return self if self.hidden else replace(self, hidden=True)
        if event.kind in (Kind.REACTION, Kind.REACTION_REMOVED, Kind.LIKE):
            return self._reacted(event, at)
        if event.kind in _DELIVERY:
            return self._receipted(event.kind)
        return self

    def revised(self, text: str | None, order: str, at: datetime) -> "Message":
        """A note after its author wrote it anew, or took it back (None). The last of several wins however they come."""
        if self.deleted_at is not None or self.erased_at is not None:
            return self
        if text is None:
            return _wiped(replace(self, deleted_at=at), Evidence.NONE)
        edit = Edit(text, (0, order, digest(text)))
        return self if self.edit and self.edit.order >= edit.order else replace(self, edit=edit)

    def _edited(self, event: Event) -> "Message":
        if self.deleted_at is not None:
            return self
        version = int(event.version) if event.version and event.version.isdecimal() else 0
        edit = Edit(event.text, (version, iso(event.at) if event.at else "", digest(event.text or "")))
        return self if self.edit and self.edit.order >= edit.order else replace(self, edit=edit)

    def _reacted(self, event: Event, at: datetime) -> "Message":
        author = contact_id(self.brand, event.channel, event.author) if event.author else "somebody"
        emoji = {Kind.LIKE: "like", Kind.REACTION_REMOVED: ""}.get(event.kind, event.emoji or "")
        reaction = (iso(event.at or at), emoji)
        if author in self.reactions and self.reactions[author] >= reaction:
            return self
        kept = dict(sorted({**self.reactions, author: reaction}.items())[:MOST_REACTIONS])
        return self if kept == self.reactions else replace(self, reactions=kept)

    def _receipted(self, kind: str) -> "Message":
        if self.delivery and _DELIVERY.index(self.delivery) >= _DELIVERY.index(kind):
            return self
        return replace(self, delivery=kind)


def _wiped(message: Message, keep: Evidence) -> Message:
    """Without its words; under a legal hold they are evidence, whatever the policy keeps."""
    keep = Evidence.TEXT if message.held_at else keep
    evidence = message.evidence
    if message.text is not None:
        evidence = {Evidence.NONE: None, Evidence.HASH: digest(message.text), Evidence.TEXT: message.text}[keep]
    return replace(message, text=None, attachments=(), edit=None, evidence=evidence)
