"""All rows or none: which condition each row is written under, and what a refusal means."""

from collections.abc import Iterator, Sequence
from typing import Any

from pynamodb.connection import TableConnection
from pynamodb.constants import ITEM
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from chalicelib.domain.card import CardPlace
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.errors import Conflict
from chalicelib.domain.marks import Mark
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.retention import Keeping
from chalicelib.service.ports import Row
from chalicelib.storage.codec import image_of
from chalicelib.storage.item import Item
from chalicelib.storage.layout import keys_of, name_of
from chalicelib.storage.models import ConversationItem
from chalicelib.storage.models_desk import DraftItem

EXPIRES = "expires_at"
"""The attribute by which DynamoDB deletes what is over, in its own time; in seconds."""

_MOVED_ON = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})
_REASONS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


def commit(table: TableConnection, rows: Sequence[Row], keeping: Keeping | None = None) -> None:
    """One call, whatever the number of rows. Raises Conflict when a row had moved on; other errors pass as they are.

    A claim to send something is a transaction even alone: the SDK gives those a token, so that its second try after a
    lost answer is the same claim. A put would take its own first try for another worker's, and nobody would send.
    """
    keys_of(rows)
    writes = list(_writes(rows, keeping))
    if len(rows) == 1 and not isinstance(rows[0], Reply | Action):
        _put(table, rows[0], writes[0])
    elif rows:
        _transact(table, rows, writes)


def _put(table: TableConnection, row: Row, write: dict[str, Any]) -> None:
    try:
        table.put_item(**write)
    except PutError as error:
        if error.cause_response_code in _MOVED_ON:
            raise Conflict((name_of(row),)) from error
        raise


def _transact(table: TableConnection, rows: Sequence[Row], writes: Sequence[dict[str, Any]]) -> None:
    puts = [table.get_operation_kwargs(key=ITEM, **write) for write in writes]
    try:
        table.connection.transact_write_items([], [], puts, [])
    except TransactWriteError as error:
        if moved := _moved_on(error, rows):
            raise Conflict(moved) from error
        raise


def _writes(rows: Sequence[Row], keeping: Keeping | None) -> Iterator[dict[str, Any]]:
    """Each row with the time at which it is over, and only where there is no other that is not over yet."""
    absent: Condition = Item.pk.does_not_exist()
    if keeping is not None:
        absent = absent | (Path(EXPIRES) <= keeping.now())
    ends = keeping.until(rows) if keeping else [None] * len(rows)
    for row, end in zip(rows, ends, strict=True):
        image = image_of(row)
        if end is not None:
            image.setdefault(EXPIRES, {"N": str(end)})
        condition = _condition(row, absent)
        yield {
            "hash_key": image["pk"]["S"],
            "range_key": image["sk"]["S"],
            "attributes": image,
            "condition": condition,
        }


def _condition(row: Row, absent: Condition) -> Condition:
    if isinstance(row, CardPlace):
        return absent
    if isinstance(row, Conversation):
        same: Condition = absent | (ConversationItem.contact_id == row.contact_id)
        return same
    if isinstance(row, Draft):
        later: Condition = absent | _follows(row)
        return later
    if isinstance(row, Writing | Mark):
        older: Condition = absent | (DraftItem.at < row.at)
        return older
    unmoved: Condition = Item.version == row.version
    return unmoved if row.version else absent


def _follows(draft: Draft) -> Condition:
    """:meth:`Draft.follows`, as DynamoDB judges it."""
    older: Condition = DraftItem.at < draft.at
    if not draft.view:
        return older
    same: Condition = DraftItem.view == draft.view
    left: Condition = DraftItem.sent == True  # noqa: E712
    follows: Condition = older | same if draft.sent else older & ~(left & same)
    return follows


def _moved_on(error: TransactWriteError, rows: Sequence[Row]) -> tuple[str, ...]:
    """The rows to blame; none when anything else took part, such as throttling, which reading again would not cure."""
    reasons = error.cancellation_reasons
    if any(reason and reason.code not in _REASONS for reason in reasons):
        return ()
    return tuple(name_of(row) for row, reason in zip(rows, reasons, strict=False) if reason)
