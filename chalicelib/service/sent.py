"""A reply's end becomes true: for the reply, its message, its case and the clocks, in one write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.closing import asks
from chalicelib.domain.config import Config
from chalicelib.domain.event import Attachment, kind_of
from chalicelib.domain.instants import iso
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.policy import reapplied
from chalicelib.domain.reply import Mode, Outcome, Reply, ReplyState, Sent
from chalicelib.domain.then import carried_out, following
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.merged import followed
from chalicelib.service.ports import Row, Store

GetConfig = Callable[[], Config]
"""Read only when something has to be decided by it: most answers need nothing of it."""

_FACTS = {
    ReplyState.SENT: Fact.REPLY_SENT,
    ReplyState.FAILED: Fact.REPLY_FAILED,
    ReplyState.UNKNOWN: Fact.REPLY_UNKNOWN,
    ReplyState.QUEUED: Fact.REPLY_DEFERRED,
}


def end(store: Store, config: GetConfig, reply: Reply, outcome: Outcome, now: datetime) -> Reply:
    """Record what became of an attempt to send. Raises Conflict when the reply or its case moved on meanwhile."""
    after = reply.ended(outcome, now)
    case = followed(store, store.case(reply.brand, reply.case_id))
    rows: list[Row] = [after]
    if isinstance(outcome, Sent):
        rows.append(_outbound(store, after, outcome.native_id, now))
    if case is not None:
        rows += case_rows(config, case, after, now)
    store.commit(*rows)
    return after


def named(store: Store, brand: str, *names: object) -> Reply | None:
    """The reply that goes by one of these names: some networks keep our own id for it, or give it back."""
    found = (store.reply(brand, one) for one in names if isinstance(one, str))
    return next((reply for reply in found if reply), None)


def case_rows(config: GetConfig, case: Case, reply: Reply, now: datetime) -> list[Row]:
    """The case's part of a reply's new state, ready to be written."""
    (after, happened), rows = told(case, reply, now, lifecycle.SYSTEM)
    if reply.then is not None:
        known = config()
        after = reapplied(case, after, known.policies, known.version, now)
    after, timeline = lifecycle.recorded(case, after, happened, now)
    return [after, *timeline, *rows]


def told(case: Case, reply: Reply, now: datetime, actor: str) -> tuple[lifecycle.Turn, list[Row]]:
    """The case once it knows a reply's new state: clocks, open replies and what to record; and what leaves after it."""
    by = {"by": reply.agent} if reply.state is ReplyState.SENT else {}
    happening = Happening(_FACTS[reply.state], now, actor, {**facts_of(reply), **by})
    if reply.state not in (ReplyState.SENT, ReplyState.FAILED):
        return (case, [happening]), []
    case = replace(case, open_replies=tuple(one for one in case.open_replies if one != reply.id))
    if reply.state is ReplyState.FAILED:
        return lifecycle.failed(case, happening), []
    return _then(lifecycle.answered(case, now, happening, asks=asks(reply.text)), reply, now)


def _then(turn: lifecycle.Turn, reply: Reply, now: datetime) -> tuple[lifecycle.Turn, list[Row]]:
    """What hangs on an answer, in the write in which it is sent."""
    case, happened = turn
    if reply.then is None:
        return turn, []
    if (after := following(reply, now)) is not None:
        leaves = Happening(Fact.REPLY_QUEUED, now, reply.agent, facts_of(after))
        return (replace(case, open_replies=(*case.open_replies, after.id)), [*happened, leaves]), [after]
    case, more = carried_out(case, reply, now)
    return (case, [*happened, *more]), []


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


def _attached(reply: Reply) -> tuple[Attachment, ...]:
    file = reply.file
    return (Attachment(kind_of(file.mime), name=file.name, mime=file.mime),) if file else ()


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
        attachments=_attached(reply),
        at=now,
        public=reply.mode is Mode.PUBLIC,
    )
