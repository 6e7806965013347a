"""All rows or none: which condition each row is written under, and what a refusal means."""

from collections.abc import Sequence
from typing import Any

from pynamodb.connection import TableConnection
from pynamodb.constants import ITEM
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.card import CardPlace
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.errors import Conflict
from chalicelib.service.ports import Row
from chalicelib.storage.codec import item_of
from chalicelib.storage.layout import keys_of, name_of
from chalicelib.storage.models import ConversationItem, Item

_MOVED_ON = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})
_REASONS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


def commit(table: TableConnection, rows: Sequence[Row]) -> None:
    """One call, whatever the number of rows. Raises Conflict when a row had moved on; other errors pass as they are."""
    keys_of(rows)
    if len(rows) == 1:
        _put(table, rows[0])
    elif rows:
        _transact(table, rows)


def _put(table: TableConnection, row: Row) -> None:
    try:
        table.put_item(**_write(row))
    except PutError as error:
        if error.cause_response_code in _MOVED_ON:
            raise Conflict((name_of(row),)) from error
        raise


def _transact(table: TableConnection, rows: Sequence[Row]) -> None:
    puts = [table.get_operation_kwargs(key=ITEM, **_write(row)) for row in rows]
    try:
        table.connection.transact_write_items([], [], puts, [])
    except TransactWriteError as error:
        if moved := _moved_on(error, rows):
            raise Conflict(moved) from error
        raise


def _write(row: Row) -> dict[str, Any]:
    item = item_of(row)
    return {
        "hash_key": item.pk,
        "range_key": item.sk,
        "attributes": item.serialize(),
        "condition": _condition(row),
    }


def _condition(row: Row) -> Condition:
    absent: Condition = Item.pk.does_not_exist()
    if isinstance(row, CardPlace):
        return absent
    if isinstance(row, Conversation):
        same: Condition = absent | (ConversationItem.contact_id == row.contact_id)
        return same
    unmoved: Condition = Item.version == row.version
    return unmoved if row.version else absent


def _moved_on(error: TransactWriteError, rows: Sequence[Row]) -> tuple[str, ...]:
    """The rows to blame; none when anything else took part, such as throttling, which reading again would not cure."""
    reasons = error.cancellation_reasons
    if any(reason and reason.code not in _REASONS for reason in reasons):
        return ()
    return tuple(name_of(row) for row, reason in zip(rows, reasons, strict=False) if reason)
