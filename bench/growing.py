"""Rows in bulk: copies of what intake wrote, under other keys."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from bench.bodies import BRAND
from bench.story import Story
from bench.wire import Image
from chalicelib.domain.case import Case
from chalicelib.domain.clock import start
from chalicelib.domain.ids import digest
from chalicelib.domain.target import AlwaysOpen
from chalicelib.storage.codec import image_of
from chalicelib.storage.indexes import index_keys
from chalicelib.storage.layout import case_key, event_key, message_key
from chalicelib.wiring import wired
from infra.local.clients import clients
from tests.build import FIRST_RESPONSE, NOON
from tests.build import case as new_case

BATCH = 25


def long_conversation(story: Story, size: int) -> None:
    """The story's case as if its customer had written that many messages."""
    before = story.case
    rows = {image["kind"]["S"]: image for image in story.wire.images.values()}
    _write(_copies(before, rows["Message"], rows["TimelineEvent"], size))
    wired.store.commit(replace(before, seq=before.seq + size - 1))


def _copies(case: Case, message: Image, event: Image, size: int) -> Iterator[Image]:
    for number in range(1, size):
        native = digest("bulk", case.id, str(number))
        pk, sk = message_key(BRAND, native)
        yield {**message, "pk": {"S": pk}, "sk": {"S": sk}, "id": {"S": native}}
        pk, sk = event_key(BRAND, case.id, case.seq + number)
        told = {name: value for name, value in event.items() if not name.startswith("pending_")}
        yield {**told, "pk": {"S": pk}, "sk": {"S": sk}, "seq": {"N": str(case.seq + number)}}


def open_cases(first: int, last: int) -> None:
    """That many open cases in one queue, all with clocks that run."""
    clock = start(FIRST_RESPONSE, NOON, 0, AlwaysOpen())
    model = new_case(clocks=(clock,))
    image: dict[str, Any] = image_of(model)
    _write(_as_case(model, image, number) for number in range(first, last))


def _as_case(model: Case, image: Image, number: int) -> Image:
    contact = digest("pool", str(number))
    case = replace(model, id=f"{contact}-1", contact_id=contact)
    pk, sk = case_key(BRAND, case.id)
    named = {"pk": pk, "sk": sk, "id": case.id, "contact_id": contact, **index_keys(case)}
    return {**image, **{name: {"S": text} for name, text in named.items()}}


def _write(images: Iterable[Image]) -> None:
    table, dynamodb, rows = wired.settings.table, clients()("dynamodb"), iter(images)
    while batch := list(islice(rows, BATCH)):
        left = {table: [{"PutRequest": {"Item": image}} for image in batch]}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
