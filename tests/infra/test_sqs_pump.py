"""The SQS pump on the emulator, with handlers made for the test."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.clients import ClientFactory
from infra.local.runtime import Runtime
from infra.local.stack import Stack
from tests.infra.pumped import REPORTS, Handler, left, queue_stack, send
from tests.infra.waiting import eventually


def running(stack: Stack, handler: Callable[[str, Any], Any], aws: ClientFactory) -> Runtime:
    return Runtime(stack, handler, aws, poll_seconds=0)


def test_a_batch_that_raises_comes_back_whole(aws: ClientFactory) -> None:
    def answer(records: list[dict[str, Any]]) -> None:
        if len(handler.batches) == 1:
            raise RuntimeError("the first time")

    handler = Handler(answer)
    stack = queue_stack(aws)
    send(aws, stack, "a", "b")
    with running(stack, handler, aws):
        eventually(lambda: left(aws, stack) == 0)
    assert sorted(handler.bodies) == ["a", "a", "b", "b"]
    counts = {record["attributes"]["ApproximateReceiveCount"] for record in handler.batches[-1]}
    assert counts == {"2"}


@pytest.mark.parametrize("identifier", ["", None, "unknown"])
def test_a_malformed_report_fails_the_whole_batch(aws: ClientFactory, identifier: str | None) -> None:
    malformed = {"batchItemFailures": [{"itemIdentifier": identifier}]}
    handler = Handler(lambda records: malformed)
    stack = queue_stack(aws, {"VisibilityTimeout": 30}, FunctionResponseTypes=REPORTS)
    send(aws, stack, "a", "b")
    with running(stack, handler, aws):
        eventually(lambda: len(handler.bodies) == 2)
    assert left(aws, stack) == 2


def test_only_what_was_reported_comes_back(aws: ClientFactory) -> None:
    def answer(records: list[dict[str, Any]]) -> dict[str, Any]:
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records if r["body"] == "bad"]}

    handler = Handler(answer)
    stack = queue_stack(aws, FunctionResponseTypes=REPORTS)
    send(aws, stack, "good", "bad")
    with running(stack, handler, aws):
        eventually(lambda: handler.bodies.count("bad") >= 2)
    assert handler.bodies.count("good") == 1


def test_fifo_messages_carry_their_group_and_come_in_order(aws: ClientFactory) -> None:
    handler = Handler()
    stack = queue_stack(aws, {"FifoQueue": True, "ContentBasedDeduplication": True}, BatchSize=2)
    send(aws, stack, "1", "2", "3", "3", MessageGroupId="case-1")
    with running(stack, handler, aws):
        eventually(lambda: left(aws, stack) == 0)
    assert handler.bodies == ["1", "2", "3"]
    record = handler.batches[0][0]
    assert record["attributes"]["MessageGroupId"] == "case-1"
    assert {"SequenceNumber", "MessageDeduplicationId", "SentTimestamp"} <= record["attributes"].keys()
    assert record["eventSourceARN"] == stack.attribute("In", "Arn")
    assert record["awsRegion"] == "us-east-1"


def test_message_attributes_have_lambdas_shape(aws: ClientFactory) -> None:
    handler = Handler()
    stack = queue_stack(aws)
    attributes = {
        "team": {"DataType": "String", "StringValue": "de"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }
    send(aws, stack, "a", MessageAttributes=attributes)
    with running(stack, handler, aws):
        eventually(lambda: handler.batches)
    found = handler.batches[0][0]["messageAttributes"]
    assert (found["team"]["stringValue"], found["team"]["dataType"]) == ("de", "String")
    assert (found["blob"]["binaryValue"], found["blob"]["stringListValues"]) == ("AAE=", [])
    assert "md5OfMessageAttributes" in handler.batches[0][0]


def test_filtered_messages_are_deleted_unseen(aws: ClientFactory) -> None:
    handler = Handler()
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["case"]}})}]}
    stack = queue_stack(aws, FilterCriteria=criteria)
    send(aws, stack, '{"kind": "case"}', '{"kind": "note"}', "not JSON")
    with running(stack, handler, aws):
        eventually(lambda: left(aws, stack) == 0)
    assert handler.bodies == ['{"kind": "case"}']


def test_a_batch_may_be_larger_than_one_answer_of_sqs(aws: ClientFactory) -> None:
    handler = Handler()
    stack = queue_stack(aws, {"VisibilityTimeout": 30}, BatchSize=25)
    send(aws, stack, *(str(number) for number in range(25)))
    with running(stack, handler, aws):
        eventually(lambda: left(aws, stack) == 0)
    assert len(handler.bodies) == 25
    assert len(handler.batches[0]) > 10


def test_as_many_batches_run_at_once_as_allowed_and_no_more(aws: ClientFactory) -> None:
    inside, most, gate = [0], [0], threading.Lock()

    def answer(records: list[dict[str, Any]]) -> None:
        with gate:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        eventually(lambda: most[0] == 3 or left(aws, stack) == 0)
        with gate:
            inside[0] -= 1

    handler = Handler(answer)
    scaling = {"MaximumConcurrency": 3}
    stack = queue_stack(aws, {"VisibilityTimeout": 30}, BatchSize=1, ScalingConfig=scaling)
    send(aws, stack, *"abcdef")
    with running(stack, handler, aws):
        eventually(lambda: left(aws, stack) == 0)
    assert most[0] == 3


def test_a_paused_function_gets_nothing_until_it_is_resumed(aws: ClientFactory) -> None:
    handler, stack = Handler(), queue_stack(aws)
    with running(stack, handler, aws) as runtime:
        runtime.pause("work")
        send(aws, stack, "a")
        assert left(aws, stack) == 1
        assert handler.batches == []
        runtime.resume("work")
        eventually(lambda: handler.bodies == ["a"])


def test_an_idle_queue_is_waited_for_and_not_for_long(aws: ClientFactory) -> None:
    """One second at a time, so that stopping takes no longer."""
    handler, stack, waits = Handler(), queue_stack(aws), set()
    asked = ("provide-client-params.sqs.ReceiveMessage", lambda params, **_: waits.add(params["WaitTimeSeconds"]))
    aws("sqs").meta.events.register(*asked)
    with Runtime(stack, handler, aws):
        send(aws, stack, "a")
        eventually(lambda: handler.bodies == ["a"])
    aws("sqs").meta.events.unregister(*asked)
    assert max(waits) == 1


def test_only_a_function_with_a_schedule_can_be_fired(aws: ClientFactory) -> None:
    with pytest.raises(KeyError, match="work has no schedule"):
        Runtime(queue_stack(aws), Handler(), aws).fire("work")


def test_a_disabled_source_is_not_played(aws: ClientFactory) -> None:
    handler, stack = Handler(), queue_stack(aws, Enabled=False)
    with running(stack, handler, aws) as runtime, pytest.raises(KeyError, match="no event source"):
        runtime.pause("work")
