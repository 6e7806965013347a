"""Lives in bulk: what intake itself made of a long talk, in memory and quickly, laid into an engine as it stands."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from bench.bodies import ACCOUNT, BRAND, NATIVE, body_of, item
from bench.presses import AGENT
from bench.wire import Image
from chalicelib import channels
from chalicelib.domain.case import Case
from chalicelib.domain.clock import start
from chalicelib.domain.ids import digest
from chalicelib.domain.target import AlwaysOpen
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.intake import Intake
from chalicelib.service.ports import Row
from chalicelib.storage.codec import image_of
from chalicelib.storage.indexes import index_keys
from chalicelib.storage.layout import Key, case_key, key_of
from chalicelib.wiring import wired
from infra.local.clients import clients
from tests.build import FIRST_RESPONSE, NOON
from tests.build import case as new_case
from tests.fakes.memory_store import MemoryStore, Versionless

BATCH = 25
PAUSE = timedelta(minutes=20)
R = TypeVar("R", bound=Row)


Told = Callable[[int, str], Any]
"""The body that tells of someone's n-th words, or of ours to them."""


class Remembering(MemoryStore):
    """Knows every row as it was written last, and believes its one writer: rows are neither checked nor copied."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[Key, Row] = {}

    def commit(self, *rows: Row) -> None:
        for row in rows:
            key = key_of(row)
            self.rows[key] = row
            self._rows[key] = row if isinstance(row, Versionless) else replace(row, version=row.version + 1)
            self._sorts[key.pk].add(key.sk)

    def _copy(self, row: R, key: Key) -> R:
        return row


def message(number: int, author: str) -> Any:
    at = NOON - PAUSE * (number + 1)
    return body_of({**item(f"m_{author}_{number}", author), "timestamp": int(at.timestamp() * 1000)})


def answer(number: int, author: str) -> Any:
    """By a colleague in the network's own inbox."""
    told = {"mid": f"e_{author}_{number}", "text": "It leaves today.", "is_echo": True, "app_id": 263902037430900}
    said = {"sender": {"id": NATIVE}, "recipient": {"id": author}, "message": told}
    at = NOON - PAUSE * (number + 1) + PAUSE / 4
    return body_of({**item(""), **said, "timestamp": int(at.timestamp() * 1000)})


def comment(number: int, author: str) -> Any:
    """Each below another post."""
    return _below(number, author, author, f"{NATIVE}_{number}")


def reply(number: int, author: str) -> Any:
    return _below(number, NATIVE, author, f"889900112233_{author}_{number}", timedelta(minutes=5))


def _below(number: int, who: str, author: str, parent: str, later: timedelta = timedelta()) -> Any:
    seconds = int((NOON - PAUSE * (number + 1) + later).timestamp())
    own = "_own" if who == NATIVE else ""
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": f"889900112233_{author}_{number}{own}",
        "post_id": f"{NATIVE}_{number}",
        "parent_id": parent,
        "created_time": seconds,
        "message": "Where is my order 4711? It is a week late.",
        "from": {"id": who, "name": "Ana B"},
    }
    return {
        "object": "page",
        "entry": [{"id": NATIVE, "time": seconds, "changes": [{"field": "feed", "value": value}]}],
    }


def lived(author: str, size: int, said: Told, answered: Told) -> None:
    """The case of someone who said that much and had an answer each time, as it stands in the table."""
    store, channel = Remembering(), channels.load("facebook")
    service = Intake(store, wired.config, channel)
    for number in reversed(range(size)):
        for place, body in enumerate((said(number, author), answered(number, author))):
            for event in channel.read(body):
                service.take(event, ACCOUNT, NOON - PAUSE * (number + 1) + PAUSE / 4 * place)
    _write(_published(row) for row in store.rows.values())


def _published(row: Row) -> Image:
    """Nothing that far back owes anything."""
    return image_of(replace(row, pending=False) if isinstance(row, TimelineEvent) else row)


def open_cases(number: int) -> None:
    """That many open cases of as many people in one queue, all with clocks that run; the agent has every other one."""
    model = new_case(clocks=(start(FIRST_RESPONSE, NOON, 0, AlwaysOpen()),))
    images = {taken: dict(image_of(replace(model, assignee=AGENT if taken else None))) for taken in (False, True)}
    _write(_as_case(model, images[place % 2 == 0], place) for place in range(number))


def _as_case(model: Case, image: Image, number: int) -> Image:
    contact = digest("pool", str(number))
    assignee = image["assignee"]["S"] if "assignee" in image else None
    case = replace(model, id=f"{contact}-1", contact_id=contact, assignee=assignee)
    pk, sk = case_key(BRAND, case.id)
    named = {"pk": pk, "sk": sk, "id": case.id, "contact_id": contact, **index_keys(case)}
    return {**image, **{name: {"S": text} for name, text in named.items()}}


def _write(images: Iterable[Image]) -> None:
    table, dynamodb, rows = wired.store.table.table_name, clients()("dynamodb"), iter(images)
    while batch := list(islice(rows, BATCH)):
        left: Any = {table: [{"PutRequest": {"Item": image}} for image in batch]}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
