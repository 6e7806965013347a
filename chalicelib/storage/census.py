"""Everything of one brand, by scanning the whole table: for the operator's commands, never on a user's path."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pynamodb.expressions.operand import Path

from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage.attributes import Image
from chalicelib.storage.codec import row_of
from chalicelib.storage.store import DynamoStore

R = TypeVar("R", bound=Row)


def rows(store: DynamoStore, brand: str, kind: type[R]) -> Iterator[R]:
    """Every row of one kind, in no order."""
    return (row_of(kind, image) for image in _images(store, brand, kind.__name__))


def contacts(store: DynamoStore, brand: str) -> Iterator[Contact]:
    return rows(store, brand, Contact)


def cases(store: DynamoStore, brand: str, read: Callable[[int], None] | None = None) -> Iterator[Case]:
    """``read`` is told how many rows of the table each page has cost."""
    return (row_of(Case, image) for image in _images(store, brand, Case.__name__, read))


def histories(store: DynamoStore, brand: str) -> set[str]:
    """The ids of all cases that have events, whether the case itself is still there or not."""
    return {image["case_id"]["S"] for image in _images(store, brand, TimelineEvent.__name__)}


def _images(store: DynamoStore, brand: str, kind: str, read: Callable[[int], None] | None = None) -> Iterator[Image]:
    """What is over is left out, as everywhere else: DynamoDB takes days to delete it."""
    wanted = (Path("kind") == kind) & (Path("brand") == brand)
    start: Any = None
    more = True
    while more:
        page = store.table.scan(filter_condition=wanted, exclusive_start_key=start, consistent_read=True)
        if read is not None:
            read(page["ScannedCount"])
        yield from filter(store.kept, page["Items"])
        start = page.get("LastEvaluatedKey")
        more = start is not None
