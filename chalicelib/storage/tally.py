"""Broken promises counted by queue and minute, for chains that go on only in a flood. See ``docs/data-model.md``.

One blind addition for each breach, and none of them waits for another. DynamoDB drops the minutes a day later by
their ``expires_at``. An addition is a transaction of one: the SDK gives it a token, so that its second try after a lost
answer adds nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pynamodb.connection import TableConnection
from pynamodb.constants import KEY
from pynamodb.expressions.operand import Path, Value

from chalicelib.domain.instants import iso
from chalicelib.storage import walk
from chalicelib.storage.attributes import Image
from chalicelib.storage.layout import broken_key
from chalicelib.storage.walk import Within

KEPT = timedelta(days=1)
MOST = 1440

_COUNT = "n"


def minute(at: datetime) -> str:
    return iso(at)[:16]


def partition(brand: str, queue: str) -> str:
    return broken_key(brand, queue, "").pk


def between(until: datetime, within: timedelta) -> Within:
    return walk.between(minute(until - within), minute(until))


def add(table: TableConnection, brand: str, queue: str, at: datetime) -> None:
    key = broken_key(brand, queue, minute(at))
    expires = int((at + KEPT).timestamp())
    actions = [Path(_COUNT).add(_number(1)), Path("expires_at").set(_number(expires))]
    update = table.get_operation_kwargs(key.pk, key.sk, key=KEY, actions=actions)
    table.connection.transact_write_items([], [], [], [update])


def total(images: Iterable[Image]) -> int:
    return sum(int(image[_COUNT]["N"]) for image in images)


def _number(value: int) -> Value:
    return Value({"N": str(value)})
