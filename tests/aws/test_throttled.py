"""The table refuses three calls of ten, or all: retries do not pile up, a worker ends in time, all is kept once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench.bodies import ACCOUNT, body_of, item, queue_event
from chalicelib.aws import clients
from chalicelib.domain.ids import contact_id, message_id
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import Fact
from chalicelib.handlers.intake import intake
from chalicelib.storage import DynamoStore
from chalicelib.wiring import wired
from infra.template.queues import TIMEOUTS
from infra.template.table import table_definition
from tests.aws.conftest import settings
from tests.build import BRAND, NOON, config
from tests.fakes.ports import CountingMeter

pytestmark = pytest.mark.usefixtures("aws")

TABLE = "heed-tests"
BATCHES, BATCH = 4, 10
PEOPLE = 7_000_000
SHARE, SEED = 0.3, 20
MOST = 3
"""Attempts of one call, and how many times the calls of a day on which nothing is refused."""
ANSWER = 0.05
"""Seconds that an answer of the table takes, amply."""


class Line:
    """What the table is asked, and what it refuses; ``waited`` are the seconds between attempts, which nobody waits."""

    def __init__(self, share: float, seed: int) -> None:
        self.share, self._chance, self._looking = share, Random(seed), False
        self.attempts: Counter[str] = Counter()
        self.waited: list[float] = []

    def sent(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if self._looking:
            return None
        self.attempts[str(request.headers["amz-sdk-invocation-id"])] += 1
        return _refused() if self._chance.random() < self.share else None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """What the test itself asks."""
        self._looking = True
        yield
        self._looking = False

    @property
    def seconds(self) -> float:
        return sum(self.waited) + self.attempts.total() * ANSWER


class _Body:
    def stream(self, **_: Any) -> list[bytes]:
        return [b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}']


def _refused() -> AWSResponse:
    return AWSResponse("https://dynamodb", 400, {}, _Body())


Lines = Callable[[float, int], Any]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """A container of its own on an empty table, behind a line that refuses such a share."""
    wired.forget()

    @contextmanager
    def made(share: float, seed: int) -> Iterator[Line]:
        line, store = Line(share, seed), DynamoStore(TABLE, clients.session())
        monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=line.waited.append))
        dynamodb = store.table.connection.client
        dynamodb.create_table(**table_definition(TABLE))
        wired.__dict__.update(settings=settings(), store=store, meter=CountingMeter(), now=lambda: NOON)
        wired.use(config())
        dynamodb.meta.events.register_first("before-send.dynamodb.*", line.sent)
        yield line
        dynamodb.meta.events.unregister("before-send.dynamodb.*", line.sent)
        dynamodb.delete_table(TableName=TABLE)

    yield made
    wired.forget()


def batch(number: int) -> dict[str, Any]:
    """Ten messages of as many people, as the queue hands them over."""
    return queue_event("heed-dev-inbound.fifo", *(json.dumps(fragment(number * BATCH + one)) for one in range(BATCH)))


def fragment(number: int) -> dict[str, Any]:
    body = body_of(item(f"m_{number}", str(PEOPLE + number)))
    return {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(NOON), "body": body}


def worked(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The records that are to come again."""
    failed = {one["itemIdentifier"] for one in intake(event, None)["batchItemFailures"]}
    return [one for one in event["Records"] if one["messageId"] in failed]


def again(records: list[dict[str, Any]]) -> dict[str, Any]:
    """They come again, each one receive older."""
    for one in records:
        received = int(one["attributes"]["ApproximateReceiveCount"]) + 1
        one["attributes"] = {**one["attributes"], "ApproximateReceiveCount": str(received)}
    return {"Records": records}


def kept(records: list[dict[str, Any]]) -> list[str]:
    """Which of these records have their message in the table, by the records' ids."""
    told = {one["messageId"]: json.loads(one["body"])["body"]["entry"][0]["messaging"][0] for one in records}
    names = {id: message_id(BRAND, ACCOUNT, one["message"]["mid"]) for id, one in told.items()}
    found = wired.store.messages(BRAND, list(names.values()))
    return [id for id, name in names.items() if name in found]


@dataclass
class Day:
    """Runs of the worker until all was done: how many records of each were to come again, the attempts of each call."""

    left: list[int] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    """How often each message was told to its case."""


def day(line: Lines, share: float) -> Day:
    """Each batch on a table of its own: moto copies all of a table for every transaction."""
    found = Day()
    for number in range(BATCHES):
        with line(share, SEED + number) as troubled:
            found.left += taken_in(troubled, batch(number))
            found.attempts += troubled.attempts.values()
            with troubled.looking():
                found.told += map(times_told, range(number * BATCH, (number + 1) * BATCH))
    return found


def taken_in(line: Line, event: dict[str, Any]) -> list[int]:
    """What is not to come again is kept. What is may be: its last call may be one that only looks."""
    left = []
    while event["Records"]:
        before = line.seconds
        failed = worked(event)
        assert line.seconds - before < TIMEOUTS["Intake"]
        with line.looking():
            assert _ids(event["Records"]) - _ids(failed) <= set(kept(event["Records"]))
        left.append(len(failed))
        event = again(failed)
    return left


def _ids(records: list[dict[str, Any]]) -> set[str]:
    return {one["messageId"] for one in records}


def times_told(person: int) -> int:
    _, case = wired.store.contact(BRAND, contact_id(BRAND, "facebook", str(PEOPLE + person)))
    events = wired.store.timeline(BRAND, case.id) if case else []
    return sum(event.fact is Fact.MESSAGE_RECEIVED for event in events)


def test_of_throttled_calls_few_are_tried_thrice_and_each_message_is_recorded_once(
    line: Lines, record_property: Callable[[str, object], None]
) -> None:
    healthy, throttled = day(line, 0.0), day(line, SHARE)
    assert set(healthy.left) == {0}
    assert 0 < max(throttled.left) < BATCH, "some runs were done in part"
    assert throttled.told == [1] * BATCHES * BATCH
    attempts = sorted(throttled.attempts)
    assert attempts[len(attempts) * 99 // 100] <= MOST
    times = sum(attempts) / sum(healthy.attempts)
    record_property("throttled_in_process", f"{BATCHES * BATCH} messages, 30 % throttled: {times:.2f} times the calls")
    assert 1 < times <= MOST


def test_a_worker_whose_table_refuses_everything_ends_in_time_and_names_all_it_was_given(line: Lines) -> None:
    with line(1.0, SEED) as throttled:
        event = batch(0)
        assert _ids(worked(event)) == _ids(event["Records"])
        assert throttled.seconds < TIMEOUTS["Intake"]
        assert max(throttled.attempts.values()) <= MOST
