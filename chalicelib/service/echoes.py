"""Echoes: the networks repeat to us what our side said. Ours settles a reply, a colleague's counts as an answer.

A bot's counts where the policy says so."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.closing import asks
from chalicelib.domain.config import Account
from chalicelib.domain.event import Event
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Mode, Reply, ReplyState, Sent
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service import sent
from chalicelib.service.bots import speaker
from chalicelib.service.merged import followed
from chalicelib.service.ports import Store


def take_echo(store: Store, event: Event, account: Account, received_at: datetime) -> bool:
    """Record what our side said. Returns False when it was known already. Raises Conflict to be decided anew."""
    message_id = ids.message_id(account.brand, account.key, event.id or "")
    known = store.message(account.brand, message_id)
    if known is not None and known.direction is not None:
        return False
    case = _case(store, event, account)
    if case is not None and case.erased_at is not None and (event.at or received_at) <= case.erased_at:
        return False
    by = speaker(event, account)
    reply = sent.named(store, account.brand, event.id, event.extra.get("metadata"))
    if reply is None and case is not None and by == lifecycle.SYSTEM:
        reply = _in_doubt(store, case, event)
    if reply is not None and reply.state not in (ReplyState.SENT, ReplyState.FAILED):
        sent.end(store, reply, Sent(event.id or ""), min(event.at or received_at, received_at))
        return True
    message = _message(event, account, message_id, known, case, received_at)
    if case is None or reply is not None:
        store.commit(replace(message, reply_id=reply.id if reply else None))
        return True
    at = min(event.at or received_at, received_at)
    mode = Mode.PUBLIC if event.public else Mode.PRIVATE
    told = Happening(Fact.REPLY_ELSEWHERE, at, by, {"message_id": message_id, "mode": mode.value})
    after, happened = lifecycle.answered(case, at, told, asks=asks(event.text))
    after, timeline = lifecycle.recorded(case, after, happened, received_at)
    store.commit(message, after, *timeline)
    return True


def _case(store: Store, event: Event, account: Account) -> Case | None:
    """The case an echo speaks in: its recipient's latest, or that of the message it answers."""
    return followed(store, _named(store, event, account))


def _named(store: Store, event: Event, account: Account) -> Case | None:
    if event.recipient is not None:
        return store.contact(account.brand, ids.contact_id(account.brand, event.channel, event.recipient))[1]
    if event.parent is None:
        return None
    parent = store.message(account.brand, ids.message_id(account.brand, account.key, event.parent))
    return store.case(account.brand, parent.case_id) if parent and parent.case_id else None


def _in_doubt(store: Store, case: Case, event: Event) -> Reply | None:
    """The reply of ours that this echo proves: its fate is still open, and the words are the same.

    Networks may tidy words up. Where this app is known to have sent it, the one reply in doubt must be it.
    """
    replies = [store.reply(case.brand, one) for one in case.open_replies]
    doubted = [one for one in replies if one and one.in_doubt and one.channel == event.channel]
    same = [one for one in doubted if _same(one.text, event.text)]
    if not same and event.own and len(doubted) == 1:
        return doubted[0]
    return same[0] if same else None


def _same(ours: str, theirs: str | None) -> bool:
    return " ".join(ours.split()) == " ".join((theirs or "").split())


def _message(
    event: Event, account: Account, message_id: str, stub: Message | None, case: Case | None, received_at: datetime
) -> Message:
    return replace(
        stub or Message(message_id, account.brand, event.channel, event.id),
        direction=Direction.OUTBOUND,
        kind="echo",
        account=account.key,
        case_id=case.id if case else None,
        contact_id=case.contact_id if case else None,
        text=event.text,
        attachments=event.attachments,
        at=event.at,
        received_at=received_at,
        parent=event.parent,
        public=event.public,
    )
