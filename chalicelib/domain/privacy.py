"""What stays of a row when the person it is about is erased: ids of ours, times and counts, nobody's words or name."""

from collections.abc import Iterable, Iterator, Mapping
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
from chalicelib.domain.moderation import Action
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.work import unexplained

NOBODY = "somebody"
GONE = "(erased)"


@dataclass(frozen=True, slots=True)
class Erasure:
    """That these contacts are to be erased, as it is kept outside the table: no name, no word, no network's id.

    ``at`` is when it was asked: cases that begin later are not part of it. ``caller`` is whom AWS took the operator
    for, ``left`` are lines in Slack that only people can delete. ``looked`` is up to which key the archive was looked
    through, None while rows are to be erased, empty while they are to be looked through once more.
    """

    code: str
    brand: str
    contacts: tuple[str, ...]
    at: datetime
    by: str
    reason: str
    caller: str = ""
    done_at: datetime | None = None
    looked: str | None = None
    left: int = 0


def as_data(erasure: Erasure) -> dict[str, Any]:
    done = {"done_at": iso(erasure.done_at)} if erasure.done_at else {}
    return {
        "code": erasure.code,
        "brand": erasure.brand,
        "contacts": list(erasure.contacts),
        "at": iso(erasure.at),
        "by": erasure.by,
        "reason": erasure.reason,
        "caller": erasure.caller,
        "looked": erasure.looked,
        "left": erasure.left,
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
        caller=data.get("caller", ""),
        done_at=instant(data["done_at"]) if "done_at" in data else None,
        looked=data.get("looked"),
        left=data.get("left", 0),
    )


def tombstone(contact: Contact | None, contact_id: str, erasure: Erasure) -> Contact:
    """The contact as the mark that they were erased; which channels they used stays, so that the rest can be found."""
    known = contact or Contact(contact_id, erasure.brand, (), erasure.at)
    channels = dict.fromkeys(identity.channel for identity in known.identities)
    return replace(
        known,
        identities=tuple(map(Identity, channels)),
        tags=(),
        unreachable=False,
        erased_at=max(erasure.at, known.erased_at or erasure.at),
        erasing=erasure.code,
    )


def erased_case(case: Case, at: datetime) -> Case:
    """The case closed and about nobody. What it was in numbers stays: its clocks, queue, priority and times."""
    return replace(
        case,
        status=Status.CLOSED,
        contact_name=NOBODY,
        contact_handle=None,
        clocks=tuple(clock.cancelled(at) if clock.running else clock for clock in case.clocks),
        threads={},
        open_replies=(),
        stuck={},
        reasons=unexplained(case.reasons),
        tags=(),
        origin=replace(case.origin, tags=()) if case.origin else None,
        snoozed_until=None,
        erased_at=at,
    )


def pared_case(case: Case, gone: Iterable[str], tags: Iterable[str], *, own: bool) -> Case:
    """The case without one of several people in it; the others go on in it.

    ``gone`` are their conversations and replies, ``tags`` those that were theirs alone; ``own``: the case was theirs.
    """
    lost, taken = frozenset(gone), frozenset(tags)
    threads = {name: thread for name, thread in case.threads.items() if name not in lost}
    latest = max(threads.values(), key=lambda thread: thread.last_inbound_at, default=None)
    return replace(
        case,
        contact_name=NOBODY if own else case.contact_name,
        contact_handle=None if own else case.contact_handle,
        threads=threads,
        last_message_id=latest.last_message_id if latest else None,
        open_replies=tuple(one for one in case.open_replies if one not in lost),
        stuck={reply_id: why for reply_id, why in case.stuck.items() if reply_id not in lost},
        tags=tuple(one for one in case.tags if one not in taken),
    )


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
        then=None,
        file=None,
        state=reply.state if sent else ReplyState.FAILED,
        reason=None if sent else "erased",
        ended_at=reply.ended_at or at,
    )


def erased_action(action: Action) -> Action:
    """What was done stays, why a colleague did it goes."""
    return replace(action, reason="")


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
    return any(contact_id(brand, channel, str(one)) in wanted for one in leaves(body))


def leaves(body: Any) -> Iterator[str | int]:
    """Every text and whole number of a body, names included."""
    level = [body]
    while level:
        one = level.pop()
        if isinstance(one, Mapping):
            level += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            level += one
        elif isinstance(one, str | int):
            yield one
