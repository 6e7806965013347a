"""What every queue worker shares: partial failures, waiting, burying."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws import queues
from chalicelib.aws.clients import client
from chalicelib.channels.base import Malformed
from chalicelib.domain.errors import Later
from chalicelib.domain.instants import iso
from chalicelib.handlers.worker import CRASHED, RECEIVES, work
from infra.template.queues import queues as queues_of
from tests.aws.conftest import queue, received, show_again
from tests.aws.test_adapters import record
from tests.build import NOON

pytestmark = pytest.mark.usefixtures("aws")


def records(name: str, *bodies: str, receives: int = 1, group: str = "g") -> list[dict[str, Any]]:
    attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": str(receives), "MessageGroupId": group}
    if not name.endswith(".fifo"):
        del attributes["MessageGroupId"]
    return [record(name, messageId=f"m{n}", body=body, attributes=attributes) for n, body in enumerate(bodies)]


def failures(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def raising(error: Exception) -> Any:
    def handle(body: dict[str, Any]) -> None:
        if body.get("bad"):
            raise error

    return handle


def test_one_that_fails_costs_its_neighbours_nothing() -> None:
    batch = records("q", "{}", '{"bad":1}', "{}")
    assert failures(work(batch, raising(ConnectionError()), "v1")) == ["m1"]


def test_a_batch_that_fails_as_a_whole_comes_again_without_an_exception() -> None:
    assert failures(work(records("q", '{"bad":1}'), raising(ConnectionError()), "v1")) == ["m0"]


@pytest.mark.parametrize("error", [Malformed("x"), ValueError(), KeyError("x"), TypeError()])
def test_what_can_never_work_is_buried_at_once_with_its_reason(error: Exception) -> None:
    dead = queue(queues.dead_letter_queue("q"))
    assert failures(work(records("q", '{"bad":1}'), raising(error), "v1")) == []
    [message] = received(dead)
    attributes: Any = message["MessageAttributes"]
    assert attributes["reason"]["StringValue"].startswith(f"{type(error).__name__} at tests.handlers.test_worker:")
    assert attributes["code_version"]["StringValue"] == "v1"


def test_a_body_that_is_not_json_is_buried() -> None:
    dead = queue(queues.dead_letter_queue("q"))
    work(records("q", "not json"), raising(ConnectionError()), "v1")
    assert len(received(dead)) == 1


def test_the_fifth_failure_is_the_last() -> None:
    dead = queue(queues.dead_letter_queue("q"))
    for receives in range(1, RECEIVES + 1):
        kept = failures(work(records("q", '{"bad":1}', receives=receives), raising(ConnectionError()), "v1"))
        assert kept == ([] if receives == RECEIVES else ["m0"])
    assert len(received(dead)) == 1


def test_waiting_is_not_failing() -> None:
    again = queue("q")
    later = Later(timedelta(seconds=0), "busy")
    assert failures(work(records("q", '{"bad":1}', receives=RECEIVES), raising(later), "v1")) == []
    assert len(received(again)) == 1


def test_what_was_given_a_time_brings_it_along() -> None:
    again = queue("q")
    later = Later(timedelta(seconds=0), "busy", NOON)
    work(records("q", '{"bad":1,"turn":"before"}'), raising(later), "v1")
    [message] = received(again)
    assert json.loads(str(message["Body"])) == {"bad": 1, "turn": iso(NOON)}


def test_in_a_fifo_queue_a_failure_holds_back_its_own_group_only() -> None:
    batch = [
        *records("q.fifo", '{"bad":1}', group="a"),
        record("q.fifo", messageId="m1", attributes={**_fifo("a")}),
        record("q.fifo", messageId="m2", attributes={**_fifo("b")}),
    ]
    assert sorted(failures(work(batch, raising(ConnectionError()), "v1"))) == ["m0", "m1"]
    assert failures(work(records("q.fifo", '{"bad":1}'), raising(ConnectionError()), "v1")) == ["m0"]


def _fifo(group: str) -> dict[str, str]:
    return {"SentTimestamp": "1", "ApproximateReceiveCount": "1", "MessageGroupId": group}


# -- a record that takes its function along ---------------------------------------------------------------------------


class Killed(BaseException):
    """The process ended, or its time did."""


@dataclass
class Line:
    """A queue and a worker that dies at some of its records, or fails; what Lambda and SQS would do is done here."""

    name: str
    bodies: list[str]
    error: type[BaseException] = Killed
    dead: str = ""
    tried: Counter[str] = field(default_factory=Counter)
    sent: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url, self.dead = queue(self.name), queue(queues.dead_letter_queue(self.name))
        for number, body in enumerate(self.bodies):
            fifo = {"MessageGroupId": f"g{number // 3}", "MessageDeduplicationId": body}
            extra = fifo if self.name.endswith(".fifo") else {}
            client("sqs").send_message(QueueUrl=self.url, MessageBody=f'{{"n":"{body}"}}', **extra)

    def run(self, fatal: set[str]) -> None:
        """One invocation with all that can be seen, after which the visibility timeout passes."""

        def handle(body: dict[str, Any]) -> None:
            self.tried[body["n"]] += 1
            if body["n"] in fatal:
                raise self.error

        batch = [self._record(message) for message in received(self.url)]
        self.sent |= {one["body"]: one["attributes"]["SentTimestamp"] for one in batch}
        try:
            failed = failures(work(batch, handle, "v7"))
        except Killed:
            failed = [one["messageId"] for one in batch]
        for one in batch:
            if one["messageId"] not in failed:
                queues.delete(one)
        assert received(self.url) == [], "what failed is not seen before its time"
        show_again(self.url)

    def _record(self, message: Any) -> dict[str, Any]:
        return record(
            self.name,
            messageId=message["MessageId"],
            receiptHandle=message["ReceiptHandle"],
            body=message["Body"],
            attributes=message["Attributes"],
        )

    def left(self) -> int:
        answer = client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.parametrize("name", ["heed-dev-timers", "heed-dev-inbound.fifo"])
@pytest.mark.parametrize("where", range(0, 9, 2))
def test_whoever_stands_beside_a_record_that_kills_its_function_is_not_buried_with_it(name: str, where: int) -> None:
    """Of nine the one at any place is fatal; the other eight are done, and it lies there with its reason."""
    line = Line(name, [f"r{number}" for number in range(9)])
    for _ in range(RECEIVES + 1):
        line.run({f"r{where}"})
    assert line.left() == 0
    [letter] = received(line.dead)
    said: Any = letter["MessageAttributes"]
    assert letter["Body"] == f'{{"n":"r{where}"}}'
    assert said["reason"]["StringValue"] == CRASHED and said["code_version"]["StringValue"] == "v7"
    assert int(said["first_seen"]["StringValue"]) > 0
    others = {f"r{number}" for number in range(9)} - {f"r{where}"}
    assert all(line.tried[one] >= 1 for one in others), line.tried
    assert line.tried[f"r{where}"] == RECEIVES


@pytest.mark.parametrize(("logical", "poison"), [("Timers", "r0"), ("Timers", "r4"), ("Inbound", "r5")])
def test_one_that_fails_each_time_is_tried_as_often_as_its_queue_allows_and_its_neighbours_once(
    logical: str, poison: str
) -> None:
    """In a FIFO queue who stands behind it in its group waits for it, so there it is the last of its group."""
    deployed = queues_of("dev", [])[logical]["Properties"]
    line = Line(deployed["QueueName"], [f"r{number}" for number in range(10)], ConnectionError)
    allowed = as_deployed(line, deployed)
    line.run({poison})
    assert line.left() == 1 and set(line.tried.values()) == {1}, "nine are done"
    for _ in range(allowed):
        line.run({poison})
    assert line.left() == 0
    assert line.tried == Counter({**{f"r{number}": 1 for number in range(10)}, poison: allowed - 1}), (
        "then it is buried"
    )
    [letter] = received(line.dead)
    said: Any = letter["MessageAttributes"]
    assert letter["Body"] == f'{{"n":"{poison}"}}'
    assert said["reason"]["StringValue"].startswith("ConnectionError at tests.handlers.test_worker:")
    assert said["code_version"]["StringValue"] == "v7"
    assert said["first_seen"]["StringValue"] == line.sent[str(letter["Body"])]


def as_deployed(line: Line, properties: dict[str, Any]) -> int:
    """The queue keeps its own rules from now on; returns how often it shows a message before it gives up."""
    allowed: int = properties["RedrivePolicy"]["maxReceiveCount"]
    sqs = client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=line.dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": allowed})
    rules = {"VisibilityTimeout": str(properties["VisibilityTimeout"]), "RedrivePolicy": redrive}
    sqs.set_queue_attributes(QueueUrl=line.url, Attributes=rules)
    return allowed


def test_nothing_is_deleted_ahead_of_time_while_all_is_well() -> None:
    asked: list[str] = []
    queue("q")
    client("sqs").meta.events.register("before-call.sqs", lambda model, **_: asked.append(model.name))
    work(records("q", "{}", "{}", receives=2), raising(ConnectionError()), "v1")
    assert asked == []
