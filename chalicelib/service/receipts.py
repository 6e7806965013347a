"""Receipts: how far a message of ours got. A late failure reopens the question for a person."""

from datetime import datetime

from chalicelib.domain import ids
from chalicelib.domain.config import Account, Config
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Failed, ReplyState, Sent
from chalicelib.service import sent
from chalicelib.service.merged import followed
from chalicelib.service.ports import Row, Store
from chalicelib.service.sent import case_rows, named


def take_receipt(store: Store, config: Config, event: Event, account: Account, received_at: datetime) -> bool:
    """Fold one receipt into its message. Returns False when it says nothing new."""
    if event.of is None:
        return False
    brand = config.brands[account.brand]
    message_id = ids.message_id(brand.key, account.key, event.of)
    known = store.message(brand.key, message_id) or Message(message_id, brand.key, event.channel, event.of)
    after = known.heard(event, received_at, brand.evidence)
    if after is known:
        return False
    if known.direction is None and _proven(store, config, event, brand.key, received_at):
        return True
    store.commit(after, *_undone(store, config, known, event, received_at))
    return True


def _proven(store: Store, config: Config, event: Event, brand: str, received_at: datetime) -> bool:
    """Some networks return our own reply id with a receipt: proof of what became of a reply that has not ended."""
    reply = named(store, brand, event.of, event.extra.get("callback_data"))
    if reply is None or reply.state in (ReplyState.SENT, ReplyState.FAILED):
        return False
    outcome = _refusal(event) if event.kind is Kind.FAILED else Sent(event.of or "")
    sent.end(store, lambda: config, reply, outcome, received_at)
    return True


def _refusal(event: Event) -> Failed:
    return Failed((event.reason or "refused").replace(" ", "_"))


def _undone(store: Store, config: Config, message: Message, event: Event, received_at: datetime) -> list[Row]:
    """The network took our reply and says later that it never arrived: the case must know."""
    if event.kind is not Kind.FAILED:
        return []
    reply = named(store, message.brand, message.reply_id, event.of, event.extra.get("callback_data"))
    if reply is None or reply.state is not ReplyState.SENT:
        return []
    failed = reply.ended(_refusal(event), received_at)
    case = followed(store, store.case(reply.brand, reply.case_id))
    return [failed, *(case_rows(lambda: config, case, failed, received_at) if case else [])]
