"""The sparse indexes: what waits in a queue, for an agent, an effect or a timer. Pure. See ``docs/data-model.md``."""

from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

from chalicelib.domain.case import Case
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage.layout import checked

UNPROMISED = "9999-12-31T23:59:59.999Z"
"""Stands for the due time of a case nobody promised anything, so that it sorts last."""


class Index(NamedTuple):
    """A global secondary index; it holds only the rows that carry its ``partition`` attribute.

    One partition takes 1,000 writes a second, so each value stands for ``shards`` of them. A list asks them all. The
    number may grow, since rows of a smaller one are among those asked, but never shrink.
    """

    name: str
    partition: str
    sort: str
    shards: int


BY_QUEUE = Index("by_queue", "queue_key", "due_key", 4)
BY_AGENT = Index("by_agent", "agent_key", "due_key", 4)
BY_WAITING = Index("by_waiting", "waiting_key", "waiting_at", 4)
BY_PENDING = Index("by_pending", "pending_key", "pending_at", 16)
"""All brands and queues in one value, and each event is put there and taken off again: four writes for a new case."""
BY_CHECKPOINT = Index("by_checkpoint", "checkpoint_key", "checkpoint_at", 16)
INDEXES = (BY_QUEUE, BY_AGENT, BY_WAITING, BY_PENDING, BY_CHECKPOINT)


def structure() -> dict[str, Any]:
    """The table's keys and indexes in DynamoDB's own words. Indexes hold keys alone: see ``docs/data-model.md``."""
    names = {"pk", "sk"} | {name for index in INDEXES for name in (index.partition, index.sort)}
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        "KeySchema": _schema("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index.name,
                "KeySchema": _schema(index.partition, index.sort),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index in INDEXES
        ],
    }


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def queue_partition(brand: str, queue: str) -> str:
    return f"{checked(brand)}#{queue}"


def agent_partition(brand: str, agent: str) -> str:
    return f"{checked(brand)}#{agent}"


PENDING_PARTITION = "pending"
CHECKPOINT_PARTITION = "checkpoint"


def shards(index: Index, partition: str) -> list[str]:
    """Every partition value under which rows of this partition may stand."""
    return [f"{partition}#{shard}" for shard in range(index.shards)]


def due_key(due_at: datetime | None) -> str:
    return iso(due_at) if due_at else UNPROMISED


def waiting_at(case: Case) -> str:
    """Its place among those that nobody has: what nobody promised anything comes by its age."""
    return iso(case.due_at) if case.due_at else f"{UNPROMISED}#{iso(case.opened_at)}"


def index_keys(row: Row) -> dict[str, str]:
    """The index attributes of a row; a row that waits for nothing has none and stands in no index."""
    if isinstance(row, Case):
        return _case_index_keys(row)
    if isinstance(row, TimelineEvent) and row.pending:
        return {"pending_key": _sharded(BY_PENDING, PENDING_PARTITION, row.case_id), "pending_at": iso(row.recorded_at)}
    return {}


def _case_index_keys(case: Case) -> dict[str, str]:
    keys = {}
    if case.live:
        keys["queue_key"] = _sharded(BY_QUEUE, queue_partition(case.brand, case.queue), case.id)
        keys["due_key"] = due_key(case.due_at)
    if case.live and case.assignee:
        keys["agent_key"] = _sharded(BY_AGENT, agent_partition(case.brand, case.assignee), case.id)
    if case.waits:
        keys["waiting_key"] = _sharded(BY_WAITING, queue_partition(case.brand, case.queue), case.id)
        keys["waiting_at"] = waiting_at(case)
    if checkpoint := case.next_checkpoint:
        keys["checkpoint_key"] = _sharded(BY_CHECKPOINT, CHECKPOINT_PARTITION, case.id)
        keys["checkpoint_at"] = iso(checkpoint.at)
    return keys


def _sharded(index: Index, partition: str, case: str) -> str:
    return f"{partition}#{crc32(case.encode()) % index.shards}"
