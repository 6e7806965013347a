"""Broken promises by queue and minute, for chains that go on only in a flood. See ``docs/data-model.md``.

A row for each, named after the event that told it: written twice it is one, and none waits for another. Who asks
whether there were more than twenty reads twenty-one of them, however many there are. DynamoDB drops them a day later by
their ``expires_at``.
"""

from datetime import datetime, timedelta

from pynamodb.connection import TableConnection
from pynamodb.expressions.operand import Path, Value

from chalicelib.domain.instants import iso
from chalicelib.storage import walk
from chalicelib.storage.layout import Key, broken_key
from chalicelib.storage.walk import Within

KEPT = timedelta(days=1)


def key(brand: str, queue: str, at: datetime, name: str) -> Key:
    return broken_key(brand, queue, f"{minute(at)}#{name}")


def minute(at: datetime) -> str:
    return iso(at)[:16]


def partition(brand: str, queue: str) -> str:
    return broken_key(brand, queue, "").pk


def between(until: datetime, within: timedelta) -> Within:
    return walk.between(minute(until - within), f"{minute(until)}$")


def add(table: TableConnection, brand: str, queue: str, at: datetime, name: str) -> None:
    row = key(brand, queue, at, name)
    expires = Value({"N": str(int((at + KEPT).timestamp()))})
    table.update_item(row.pk, row.sk, actions=[Path("expires_at").set(expires)])
