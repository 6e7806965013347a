"""Echoes: the networks repeat to us what our side said. Ours settles a reply, a colleague's counts as an answer.

A bot's counts where the policy says so."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.closing import asks
from chalicelib.domain.config import Account, Config
from chalicelib.domain.event import Event, kind_of
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Mode, Reply, ReplyState, Sent
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service import sent
from chalicelib.service.bots import speaker
from chalicelib.service.merged import followed
from chalicelib.service.ports import Row, Store


def take_echo(store: Store, config: Config, event: Event, account: Account, received_at: datetime) -> bool:
    """Record what our side said. Returns False when it was known already. Raises Conflict to be decided anew."""
    message_id = ids.message_id(account.brand, account.key, event.id or "")
    known = store.message(account.brand, message_id)
    if known is not None and known.direction is not None:
        return False
    to = _addressee(store, event, account)
    case, at = followed(store, to.case), min(event.at or received_at, received_at)
    if to.erased_at is not None and at <= to.erased_at:
        return False
    by = speaker(event, account)
    reply = sent.named(store, account.brand, event.id, event.extra.get("metadata"))
    if reply is None and case is not None and by == lifecycle.SYSTEM:
        reply = _in_doubt(store, case, event, at)
    if reply is not None and reply.state not in (ReplyState.SENT, ReplyState.FAILED):
        sent.end(store, lambda: config, reply, Sent(event.id or ""), at)
        return True
    stub = known or Message(message_id, account.brand, event.channel, event.id)
    message = _message(event, account, stub, received_at)
    if case is None:
        store.commit(replace(message, text=None, attachments=(), contact_id=to.contact_id))
        return True
    message = replace(message, case_id=case.id, contact_id=to.contact_id)
    if reply is not None:
        store.commit(replace(message, reply_id=reply.id), *_again(case, reply, message_id, at, received_at))
        return True
    mode = Mode.PUBLIC if event.public else Mode.PRIVATE
    told = Happening(Fact.REPLY_ELSEWHERE, at, by, {"message_id": message_id, "mode": mode.value})
    after, happened = lifecycle.answered(case, at, told, asks=asks(event.text))
    after, timeline = lifecycle.recorded(case, after, happened, received_at)
    store.commit(message, after, *timeline)
    return True


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom an echo speaks, and in which case; ``erased_at``: what they were told by then is gone."""

    contact_id: str | None = None
    case: Case | None = None
    erased_at: datetime | None = None


def _addressee(store: Store, event: Event, account: Account) -> Addressee:
    """The recipient and their latest case, or the author of the message it answers and its case."""
    if event.recipient is not None:
        contact_id = ids.contact_id(account.brand, event.channel, event.recipient)
        contact, case = store.contact(account.brand, contact_id)
        return Addressee(contact_id, case, contact.erased_at if contact else None)
    if event.parent is None:
        return Addressee()
    parent = store.message(account.brand, ids.message_id(account.brand, account.key, event.parent))
    if parent is None:
        return Addressee()
    case = store.case(account.brand, parent.case_id) if parent.case_id else None
    return Addressee(parent.contact_id, case, parent.erased_at)


def _again(case: Case, reply: Reply, message_id: str, at: datetime, received_at: datetime) -> list[Row]:
    """A reply that has ended already is repeated under an id it is not known by: the case tells which."""
    told = Happening(Fact.REPLY_ECHOED, at, lifecycle.SYSTEM, {"reply_id": reply.id, "message_id": message_id})
    after, timeline = lifecycle.recorded(case, case, [told], received_at)
    return [after, *timeline]


def _in_doubt(store: Store, case: Case, event: Event, at: datetime) -> Reply | None:
    """The reply of ours that this echo proves: its fate is still open, and the words are the same.

    Networks may tidy words up. Where this app is known to have sent it, the one reply in doubt must be it. Of several
    in the same words it is the one that was tried nearest to that time.
    """
    replies = [store.reply(case.brand, one) for one in case.open_replies]
    doubted = [one for one in replies if one and one.in_doubt and _there(one, event)]
    same = [one for one in doubted if _same(one, event)]
    if not same and event.own and len(doubted) == 1:
        return doubted[0]
    return min(same, key=lambda one: abs((one.claimed_at or one.created_at) - at), default=None)


def _there(ours: Reply, theirs: Event) -> bool:
    """On the same network, and before the same eyes."""
    return ours.channel == theirs.channel and (ours.mode is Mode.PUBLIC) is theirs.public


def _same(ours: Reply, theirs: Event) -> bool:
    """The same words; or a file of that kind, which has no words and no name there."""
    if ours.file is not None:
        return kind_of(ours.file.mime) in {
            kind for one in theirs.attachments for kind in _ALIKE.get(one.kind, (one.kind,))
        }
    return " ".join(ours.text.split()) == " ".join((theirs.text or "").split())


_ALIKE = {"file": ("document",), "media": ("image", "video")}
"""What networks call what we call otherwise. X does not always say what the media of a post is."""


def _message(event: Event, account: Account, stub: Message, received_at: datetime) -> Message:
    return replace(
        stub,
        direction=Direction.OUTBOUND,
        kind="echo",
        account=account.key,
        text=event.text,
        attachments=event.attachments,
        at=event.at,
        received_at=received_at,
        parent=event.parent,
        public=event.public,
    )
