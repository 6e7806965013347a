"""The sample app on the emulator, with its real handlers, in one process."""

import importlib
import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.front import Front
from infra.local.invoke import InProcessInvoker
from infra.local.runtime import Runtime
from tests.infra.conftest import Sample
from tests.infra.waiting import eventually


@pytest.fixture
def runtime(sample: Sample) -> Iterator[Runtime]:
    with Runtime(sample.stack, InProcessInvoker(sample.stack), sample.aws, poll_seconds=0) as running:
        yield running


def told(sample: Sample, key: str) -> bool:
    return "told" in (sample.item(key) or {})


@pytest.mark.usefixtures("runtime")
def test_a_posted_note_goes_through_queue_table_stream_and_queue(sample: Sample) -> None:
    front = Front(importlib.import_module("app").app)
    url = front.start()
    try:
        body = json.dumps({"id": "n1", "text": "hello"}).encode()
        request = urllib.request.Request(f"{url}/notes", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.status == 202
        eventually(lambda: told(sample, "n1"))
    finally:
        front.stop()


@pytest.mark.usefixtures("runtime")
def test_a_poison_message_ends_in_the_dead_letter_queue_and_its_neighbours_do_not(sample: Sample) -> None:
    queue = sample.stack.physical_id("Inbound")
    notes = [("a", "fine"), ("b", "poison"), ("c", "fine")]
    bodies = [json.dumps({"id": key, "text": text}) for key, text in notes]
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    sample.aws("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    assert eventually(lambda: sample.receive("Dead")) == [bodies[1]]
    eventually(lambda: told(sample, "a") and told(sample, "c"))
    assert sample.item("b") is None


def test_a_record_that_always_fails_is_bisected_out_and_reported(sample: Sample, runtime: Runtime) -> None:
    runtime.pause("publish")
    for key, text in [("p1", "fine"), ("p2", "unpublishable"), ("p3", "fine"), ("p4", "fine")]:
        sample.send("Inbound", json.dumps({"id": key, "text": text}))
    eventually(lambda: all(sample.item(key) for key in ("p1", "p2", "p3", "p4")))
    assert not told(sample, "p1")

    runtime.resume("publish")
    report = json.loads(eventually(lambda: sample.receive("GivenUp"))[0])
    assert report["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert report["DDBStreamBatchInfo"]["batchSize"] == 1
    assert report["DDBStreamBatchInfo"]["streamArn"] == sample.stack.attribute("Notes", "StreamArn")
    eventually(lambda: all(told(sample, key) for key in ("p1", "p3", "p4")))
    assert not told(sample, "p2")


def test_a_schedule_can_be_fired_by_name(sample: Sample, runtime: Runtime) -> None:
    assert runtime.fire("tick") == "ticked"
    items = sample.aws("dynamodb").scan(TableName=sample.stack.physical_id("Notes"))["Items"]
    assert [item["text"]["S"] for item in items] == ["tick"]


def test_a_timer_sends_its_message_when_its_time_has_come(sample: Sample) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sample.aws("stepfunctions").start_execution(
        stateMachineArn=sample.stack.physical_id("Timer"),
        name="case-1-warn",
        input=json.dumps({"at": at, "case": "c1"}),
    )
    (body,) = eventually(lambda: sample.receive("Timers"))
    assert json.loads(body) == {"at": at, "case": "c1"}
    assert datetime.now(UTC) >= datetime.fromisoformat(at)
