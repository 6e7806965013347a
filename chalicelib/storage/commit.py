"""All rows or none: which condition each row is written under, and what a refusal means.

The requests are put together here, by hand: the conditions are four, and PynamoDB makes each of them anew from objects
for every row, at a tenth of what a message costs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pynamodb.connection import TableConnection
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.constants import PUT_ITEM
from pynamodb.exceptions import PutError, TransactWriteError

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
from chalicelib.storage.attributes import Image
from chalicelib.storage.codec import image_of
from chalicelib.storage.layout import keys_of, name_of

EXPIRES = "expires_at"
"""The attribute by which DynamoDB deletes what is over, in its own time; in seconds."""

_MOVED_ON = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})
_REASONS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})

Put = dict[str, Any]


class Condition(NamedTuple):
    """In DynamoDB's words, and what its placeholders stand for: attributes, and values of the item there."""

    text: str
    names: Mapping[str, str]
    values: Mapping[str, Mapping[str, Any]]

    def request(self) -> Put:
        told: Put = {"ConditionExpression": self.text, "ExpressionAttributeNames": self.names}
        return {**told, "ExpressionAttributeValues": self.values} if self.values else told


def commit(table: TableConnection, rows: Sequence[Row], keeping: Keeping | None = None) -> None:
    """One call, whatever the number of rows. Raises Conflict when a row had moved on; other errors pass as they are.

    A claim to send something is a transaction even alone: the SDK gives those a token, so that its second try after a
    lost answer is the same claim. A put would take its own first try for another worker's, and nobody would send.
    """
    keys_of(rows)
    puts = list(_puts(table.table_name, rows, keeping))
    if is_put(rows):
        _put(table, rows[0], puts[0])
    elif rows:
        _transact(table, rows, puts)


def is_put(rows: Sequence[Row]) -> bool:
    """Whether these go without a token, so that a second try of theirs meets the first one."""
    return len(rows) == 1 and not isinstance(rows[0], Reply | Action)


def _put(table: TableConnection, row: Row, put: Put) -> None:
    try:
        table.connection.dispatch(PUT_ITEM, put)
    except BOTOCORE_EXCEPTIONS as error:
        refused = PutError("the row was not written", error)
        if refused.cause_response_code in _MOVED_ON:
            raise Conflict((name_of(row),)) from error
        raise refused from error


def _transact(table: TableConnection, rows: Sequence[Row], puts: list[Put]) -> None:
    try:
        table.connection.transact_write_items([], [], puts, [])
    except TransactWriteError as error:
        if moved := _moved_on(error, rows):
            raise Conflict(moved) from error
        raise


def _puts(table: str, rows: Sequence[Row], keeping: Keeping | None) -> Iterator[Put]:
    """Each row with the time at which it is over, and only where there is no other that is not over yet."""
    absent = _absent(keeping.now() if keeping else None)
    ends = keeping.until(rows) if keeping else [None] * len(rows)
    for row, end in zip(rows, ends, strict=True):
        image = image_of(row)
        if end is not None:
            image.setdefault(EXPIRES, {"N": str(end)})
        yield {"TableName": table, "Item": image, **_condition(row, image, absent).request()}


def _absent(now: int | None) -> Condition:
    """No such item, or one that is over."""
    if now is None:
        return Condition("attribute_not_exists(#pk)", {"#pk": "pk"}, {})
    text = "(attribute_not_exists(#pk) OR #expires <= :now)"
    return Condition(text, {"#pk": "pk", "#expires": EXPIRES}, {":now": {"N": str(now)}})


def _condition(row: Row, image: Image, absent: Condition) -> Condition:
    if isinstance(row, CardPlace):
        return absent
    if isinstance(row, Conversation):
        return _or(absent, "contact_id", "=", image)
    if isinstance(row, Draft):
        return _follows(absent, row, image)
    if isinstance(row, Writing):
        return _or(absent, "at", "<", image)
    if isinstance(row, Mark):
        return _or(absent, "at", "<=", image)
    if row.version:
        return Condition("#version = :read", {"#version": "version"}, {":read": {"N": str(row.version)}})
    return absent


def _or(absent: Condition, name: str, sign: str, image: Image) -> Condition:
    """None, or one whose attribute compares so with ours."""
    names, values = {**absent.names, "#own": name}, {**absent.values, ":own": image[name]}
    return Condition(f"{absent.text} OR #own {sign} :own", names, values)


def _follows(absent: Condition, draft: Draft, image: Image) -> Condition:
    """:meth:`Draft.follows`, as DynamoDB judges it."""
    later = _or(absent, "at", "<", image)
    if not draft.view:
        return later
    names, values = {**later.names, "#view": "view"}, {**later.values, ":view": image["view"]}
    if draft.sent:
        return Condition(f"{later.text} OR #view = :view", names, values)
    text = f"{absent.text} OR (#own < :own AND NOT (#sent = :sent AND #view = :view))"
    return Condition(text, {**names, "#sent": "sent"}, {**values, ":sent": {"BOOL": True}})


def _moved_on(error: TransactWriteError, rows: Sequence[Row]) -> tuple[str, ...]:
    """The rows to blame; none when anything else took part, such as throttling, which reading again would not cure."""
    reasons = error.cancellation_reasons
    if any(reason and reason.code not in _REASONS for reason in reasons):
        return ()
    return tuple(name_of(row) for row, reason in zip(rows, reasons, strict=False) if reason)
