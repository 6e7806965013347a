"""Every AWS call as it goes over the wire, retries included, and the capacity units DynamoDB would bill for it.

Units follow AWS's published rules from the sizes of items: reads by 4 KiB, writes by 1 KiB, transactions twice, and one
more write for every index entry that comes, goes or moves.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from bench.counts import Count
from chalicelib.aws.clients import client
from chalicelib.storage import DynamoStore
from chalicelib.storage.indexes import INDEXES
from infra.local.clients import clients

SERVICES = ("sqs", "sns", "ssm", "stepfunctions", "s3")
Image = Mapping[str, Any]


@dataclass(slots=True)
class Call:
    """One request: what it asked and, once it was answered, what came back."""

    service: str
    operation: str
    body: Any
    answer: Mapping[str, Any] = field(default_factory=dict)


class Wire:
    """Listens on the clients of the store and of ``chalicelib.aws``; make it once they point where they shall."""

    def __init__(self, store: DynamoStore) -> None:
        self.calls: list[Call] = []
        self.images: dict[tuple[str, str], Image] = {}
        """Items that were written, as they are stored."""
        self._events = [one.meta.events for one in (store.table.connection.client, *map(client, SERVICES))]
        for events in self._events:
            events.register_first("before-send", self._sent)
            events.register_last("after-call", self._answered)

    def close(self) -> None:
        """Listening costs CPU: stop before anything is timed."""
        for events in self._events:
            events.unregister("before-send", self._sent)
            events.unregister("after-call", self._answered)

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """What was called inside, complete when the block ends."""
        count, start = Count(), len(self.calls)
        yield count
        for call in self.calls[start:]:
            count.calls[_name(call)] += 1
            if call.service == "dynamodb":
                reads, writes = self._units(call)
                count.rru += reads
                count.wru += writes

    def _sent(self, request: Any, event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        body: Any = request.body.decode() if isinstance(request.body, bytes) else request.body
        call = Call(service, operation, json.loads(body) if body and body[0] == "{" else body)
        self.calls.append(call)
        for table, key in _written(call):
            if (key["pk"]["S"], key["sk"]["S"]) not in self.images:
                self.images[key["pk"]["S"], key["sk"]["S"]] = _stored(table, key)

    def _answered(self, parsed: Mapping[str, Any], **_: Any) -> None:
        if self.calls:
            self.calls[-1].answer = parsed

    def _units(self, call: Call) -> tuple[float, float]:
        body, answer = call.body, call.answer
        if call.operation == "Query":
            return _read(answer.get("Items", []), consistent=body.get("ConsistentRead", False)), 0.0
        if call.operation == "GetItem":
            return _read([answer.get("Item", {})], consistent=body.get("ConsistentRead", False)), 0.0
        if call.operation == "BatchGetItem":
            found = [item for items in answer.get("Responses", {}).values() for item in items]
            return sum(_read([item], consistent=True) for item in found), 0.0
        refused = "Error" in answer
        if call.operation not in ("TransactWriteItems", "PutItem", "UpdateItem"):
            raise ValueError(f"no units known for {call.operation}")
        factor = 2 if call.operation == "TransactWriteItems" else 1
        updated = [_stored(one["TableName"], one["Key"]) for one in _parts(call, "Update")]
        items = [*(one["Item"] for one in _parts(call, "Put")), *updated]
        return 0.0, sum(self._write(item, refused, factor) for item in items)

    def _write(self, item: Image, refused: bool, factor: int) -> float:
        """A refused write costs as much as one that is done, except in the indexes."""
        key = (item["pk"]["S"], item["sk"]["S"])
        before = self.images.get(key, {})
        units = factor * max(1, ceil(max(size(item), size(before)) / 1024))
        if refused:
            return units
        self.images[key] = item
        return units + sum(_moved(before, item, index.partition, index.sort) for index in INDEXES)


def _name(call: Call) -> str:
    """By service and operation; a message to a FIFO queue has a price of its own."""
    fifo = call.operation == "SendMessage" and call.body["QueueUrl"].endswith(".fifo")
    return f"{call.service}.{call.operation}{'ToFifo' if fifo else ''}"


def _parts(call: Call, kind: str) -> list[Any]:
    """The puts or the updates of one call, alone or in a transaction."""
    if call.operation == "TransactWriteItems":
        return [one[kind] for one in call.body["TransactItems"] if kind in one]
    return [call.body] if call.operation == f"{kind}Item" else []


def put_by(call: Call) -> list[Image]:
    """The items a call has put; none if it was refused."""
    return [] if "Error" in call.answer else [one["Item"] for one in _parts(call, "Put")]


def _written(call: Call) -> list[tuple[str, Image]]:
    """Table and key of every item a call writes."""
    puts = [(one["TableName"], {name: one["Item"][name] for name in ("pk", "sk")}) for one in _parts(call, "Put")]
    return [*puts, *((one["TableName"], one["Key"]) for one in _parts(call, "Update"))]


def _stored(table: str, key: Image) -> Image:
    """The item as it is now, read where nobody counts."""
    image: Image = clients()("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return image


def _moved(before: Image, after: Image, partition: str, sort: str) -> int:
    """Index entries hold keys alone, so they change only by going and coming."""
    old = (before.get(partition), before.get(sort)) if partition in before else None
    new = (after.get(partition), after.get(sort)) if partition in after else None
    return 0 if old == new else (old is not None) + (new is not None)


def _read(items: list[Image], *, consistent: bool) -> float:
    units = max(1, ceil(sum(map(size, items)) / 4096))
    return float(units) if consistent else units / 2


def size(item: Image) -> int:
    """An item's size as DynamoDB counts it."""
    return sum(len(name.encode()) + _value(one) for name, one in item.items())


def _value(stored: Mapping[str, Any]) -> int:
    ((kind, value),) = stored.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return len(value.strip("-0.")) // 2 + 2
    if kind == "M":
        return 3 + sum(len(name.encode()) + _value(one) + 1 for name, one in value.items())
    if kind == "L":
        return 3 + sum(_value(one) + 1 for one in value)
    return 1
