"""A reply's end becomes true: for the reply, its message, its case and the clocks, in one write."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.closing import asks
from chalicelib.domain.instants import iso
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Mode, Outcome, Reply, ReplyState, Sent
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.merged import followed
from chalicelib.service.ports import Row, Store

_FACTS = {
    ReplyState.SENT: Fact.REPLY_SENT,
    ReplyState.FAILED: Fact.REPLY_FAILED,
    ReplyState.UNKNOWN: Fact.REPLY_UNKNOWN,
    ReplyState.QUEUED: Fact.REPLY_DEFERRED,
}


def end(store: Store, reply: Reply, outcome: Outcome, now: datetime, actor: str = lifecycle.SYSTEM) -> Reply:
    """Record what became of an attempt to send. Raises Conflict when the reply or its case moved on meanwhile."""
    after = reply.ended(outcome, now)
    case = followed(store, store.case(reply.brand, reply.case_id))
    rows: list[Row] = [after]
    if isinstance(outcome, Sent):
        rows.append(_outbound(store, after, outcome.native_id, now))
    if case is not None:
        rows += case_rows(case, after, now, actor)
    store.commit(*rows)
    return after


def named(store: Store, brand: str, *names: object) -> Reply | None:
    """The reply that goes by one of these names: some networks keep our own id for it, or give it back."""
    found = (store.reply(brand, one) for one in names if isinstance(one, str))
    return next((reply for reply in found if reply), None)


def case_rows(case: Case, reply: Reply, now: datetime, actor: str) -> list[Row]:
    """The case's part of a reply's new state, ready to be written."""
    after, happened = told(case, reply, now, actor)
    after, timeline = lifecycle.recorded(case, after, happened, now)
    return [after, *timeline]


def told(case: Case, reply: Reply, now: datetime, actor: str) -> lifecycle.Turn:
    """The case once it knows a reply's new state: clocks, open replies and what to record."""
    by = {"by": reply.agent} if reply.state is ReplyState.SENT else {}
    happening = Happening(_FACTS[reply.state], now, actor, {**facts_of(reply), **by})
    if reply.state is ReplyState.SENT:
        after, happened = lifecycle.answered(case, now, happening, asks=asks(reply.text))
    else:
        after, happened = case, [happening]
    if reply.state in (ReplyState.SENT, ReplyState.FAILED):
        after = replace(after, open_replies=tuple(one for one in after.open_replies if one != reply.id))
    return after, happened


def facts_of(reply: Reply) -> dict[str, str]:
    """What the timeline says of a reply. A time before which nothing happens is one only while something will."""
    waits = reply.state not in (ReplyState.SENT, ReplyState.FAILED)
    told = {
        "reply_id": reply.id,
        "conversation_id": reply.conversation_id,
        "mode": reply.mode.value,
        "reason": reply.reason,
        "not_before": iso(reply.not_before) if reply.not_before and waits else None,
        "promised": iso(reply.promised) if reply.promised else None,
    }
    return {key: value for key, value in told.items() if value}


def _outbound(store: Store, reply: Reply, native_id: str, now: datetime) -> Message:
    """Our words under the network's id, so that receipts and echoes find them; an echo may have been quicker."""
    message_id = ids.message_id(reply.brand, reply.account, native_id)
    known = store.message(reply.brand, message_id) or Message(message_id, reply.brand, reply.channel, native_id)
    return replace(
        known,
        direction=Direction.OUTBOUND,
        kind="reply",
        account=reply.account,
        conversation_id=reply.conversation_id,
        case_id=reply.case_id,
        reply_id=reply.id,
        author=reply.agent,
        text=reply.text,
        at=now,
        public=reply.mode is Mode.PUBLIC,
    )
