"""What stays of a row when the person it is about is erased: ids of ours, times and counts, nobody's words or name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.case import Case, Status
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.ids import contact_id
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.domain.work import unexplained

NOBODY = "somebody"
GONE = "(erased)"


@dataclass(frozen=True, slots=True)
class Erasure:
    """That these contacts are to be erased, as it is kept outside the table: no name, no word, no network's id.

    ``at`` is when it was asked: what was said later is not part of it.
    """

    code: str
    brand: str
    contacts: tuple[str, ...]
    at: datetime
    by: str
    reason: str
    done_at: datetime | None = None


def as_data(erasure: Erasure) -> dict[str, Any]:
    done = {"done_at": iso(erasure.done_at)} if erasure.done_at else {}
    return {
        "code": erasure.code,
        "brand": erasure.brand,
        "contacts": list(erasure.contacts),
        "at": iso(erasure.at),
        "by": erasure.by,
        "reason": erasure.reason,
        **done,
    }


def load_erasure(data: Mapping[str, Any]) -> Erasure:
    return Erasure(
        code=data["code"],
        brand=data["brand"],
        contacts=tuple(data["contacts"]),
        at=instant(data["at"]),
        by=data["by"],
        reason=data["reason"],
        done_at=instant(data["done_at"]) if "done_at" in data else None,
    )


def tombstone(contact: Contact | None, contact_id: str, erasure: Erasure) -> Contact:
    """The contact as the mark that they were erased; which channels they used stays, so that the rest can be found."""
    known = contact or Contact(contact_id, erasure.brand, (), erasure.at)
    channels = dict.fromkeys(identity.channel for identity in known.identities)
    return replace(
        known,
        identities=tuple(map(Identity, channels)),
        tags=(),
        erased_at=max(erasure.at, known.erased_at or erasure.at),
        erasing=erasure.code,
    )


def erased_case(case: Case, at: datetime, by: str, code: str) -> tuple[Case, list[Happening]]:
    """The case closed and about nobody. What it was in numbers stays: its clocks, queue, priority and times."""
    after = replace(
        case,
        status=Status.CLOSED,
        contact_name=NOBODY,
        contact_handle=None,
        clocks=tuple(clock.cancelled(at) if clock.running else clock for clock in case.clocks),
        threads={},
        open_replies=(),
        stuck={},
        reasons=unexplained(case.reasons),
        snoozed_until=None,
        erased_at=at,
    )
    return after, [Happening(Fact.CASE_ERASED, at, by, {"code": code})]


def erased_message(message: Message, at: datetime) -> Message:
    return replace(
        message,
        native_id=None,
        author=None if message.direction is Direction.INBOUND else message.author,
        name=None,
        text=None,
        attachments=(),
        parent=None,
        edit=None,
        evidence=None,
        reactions={},
        deleted_at=message.deleted_at or at,
        erased_at=at,
    )


def erased_reply(reply: Reply, at: datetime) -> Reply:
    """One that had not left does not leave any more."""
    sent = reply.state is ReplyState.SENT
    return replace(
        reply,
        text=GONE,
        address={},
        native_id=None,
        state=reply.state if sent else ReplyState.FAILED,
        reason=None if sent else "erased",
        ended_at=reply.ended_at or at,
    )


def erased_conversation(conversation: Conversation) -> Conversation:
    return replace(conversation, native_id=GONE)


def erased_draft(draft: Draft, at: datetime) -> Draft:
    return replace(draft, text="", public="", at=max(at, draft.at + timedelta(milliseconds=1)))


def named_ids(events: Iterable[TimelineEvent], name: str) -> list[str]:
    """Every id of that kind in the history of a case, each once."""
    return list(dict.fromkeys(event.data[name] for event in events if isinstance(event.data.get(name), str)))


def speaks_of(body: Any, brand: str, channel: str, contacts: Iterable[str]) -> bool:
    """Whether a network's id of one of these people stands anywhere in a raw body."""
    wanted = frozenset(contacts)
    level = [body]
    while level:
        one = level.pop()
        if isinstance(one, Mapping):
            level += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            level += one
        elif isinstance(one, str | int) and contact_id(brand, channel, str(one)) in wanted:
            return True
    return False
