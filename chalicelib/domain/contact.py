"""A person, as the networks know them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.event import Event

SEEN_AGAIN = timedelta(days=30)
STUBS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """The person on one network. ``native_id`` is None for somebody the network did not name."""

    channel: str
    native_id: str | None = None
    name: str | None = None
    handle: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """``cases`` counts the cases so far, so that the latest one's id is known.

    ``seen_at`` is when they wrote, to the month. ``held_at`` keeps all of theirs, ``erased_at`` is when it was erased:
    what they had said by then is not taken again. ``erasing`` while some of it is still there. ``stubs`` are
    messages of theirs that were edited before they came, the latest few.
    """

    id: str
    brand: str
    identities: tuple[Identity, ...]
    first_seen_at: datetime
    tags: tuple[str, ...] = ()
    cases: int = 0
    unreachable: bool = False
    seen_at: datetime | None = None
    held_at: datetime | None = None
    erased_at: datetime | None = None
    erasing: str | None = None
    stubs: tuple[str, ...] = ()
    version: int = 0

    @property
    def name(self) -> str:
        """What to call them; never empty."""
        for identity in self.identities:
            if identity.name or identity.handle:
                return identity.name or f"@{identity.handle}"
        return "somebody"

    @property
    def handle(self) -> str | None:
        return next((identity.handle for identity in self.identities if identity.handle), None)

    def gone(self, at: datetime) -> bool:
        """Whether what was said then was erased."""
        return self.erased_at is not None and at <= self.erased_at

    def wrote(self, at: datetime) -> "Contact":
        """The contact who wrote then. To note it once a month keeps them from being forgotten."""
        return replace(self, seen_at=at) if at - (self.seen_at or self.first_seen_at) > SEEN_AGAIN else self

    def edited(self, message_id: str) -> "Contact":
        """The contact of whom an edit came before its message, which may never come."""
        return self if message_id in self.stubs else replace(self, stubs=(*self.stubs, message_id)[-STUBS_KEPT:])

    def seen(self, event: Event) -> "Contact":
        """What an event tells about the person; facts it leaves out stay as they were."""
        told = _identity(event)
        if told.channel not in {one.channel for one in self.identities}:
            return replace(self, identities=(*self.identities, told))
        known = tuple(_newer(one, told) if one.channel == told.channel else one for one in self.identities)
        return self if known == self.identities else replace(self, identities=known)


def new_contact(contact_id: str, brand: str, event: Event, at: datetime) -> Contact:
    return Contact(id=contact_id, brand=brand, identities=(_identity(event),), first_seen_at=at)


def _identity(event: Event) -> Identity:
    return Identity(event.channel, event.author, event.name, event.handle, event.phone)


def _newer(known: Identity, told: Identity) -> Identity:
    return Identity(
        channel=known.channel,
        native_id=known.native_id or told.native_id,
        name=told.name or known.name,
        handle=told.handle or known.handle,
        phone=told.phone or known.phone,
    )
