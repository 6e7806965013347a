"""Partial failure, retries, bisecting and giving up, as rules without threads or endpoints."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.pumps.batches import Batch, RetryPolicy
from infra.local.pumps.delivery import ShardDelivery, StreamMapping
from infra.local.pumps.failure import Destination
from infra.local.pumps.filters import Filters
from infra.local.pumps.report import failed_ids
from infra.local.pumps.shard import Shard
from infra.local.stack import Function
from infra.template.intrinsics import TemplateError
from tests.infra.waiting import eventually

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/now"
FUNCTION = Function("Publish", "s-Publish", "arn:aws:lambda:us-east-1:123456789012:function:s-Publish", "app.p", 3, 128)


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, ""),
        ({}, ""),
        ({"batchItemFailures": None}, ""),
        ({"batchItemFailures": []}, ""),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, "b"),
        ({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}, "b"),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, "abc"),
        ({"batchItemFailures": [{"id": "b"}]}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "unknown"}]}, "abc"),
        ({"batchItemFailures": ["b"]}, "abc"),
        ({"batchItemFailures": "b"}, "abc"),
        ("done", "abc"),
    ],
)
def test_an_answer_names_the_failed_or_fails_them_all(answer: Any, failed: str) -> None:
    assert failed_ids(answer, ["a", "b", "c"]) == set(failed)


def policy(**properties: Any) -> RetryPolicy:
    return RetryPolicy.of({"FunctionResponseTypes": ["ReportBatchItemFailures"], **properties})


def record(number: int, created: float | None = None) -> dict[str, Any]:
    at = datetime.now(UTC) if created is None else datetime.fromtimestamp(created, UTC)
    return {
        "eventID": str(number),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": at, "Keys": {"id": {"B": b"k"}}},
    }


class Streams:
    """One shard with the given records."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self._records = records

    def get_shard_iterator(self, **_: Any) -> dict[str, str]:
        return {"ShardIterator": "0"}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        start = int(ShardIterator)
        page = self._records[start : start + Limit]
        return {"Records": page, "NextShardIterator": str(start + len(page))}


class Queue:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def get_queue_url(self, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.sent.append({"queue": QueueUrl, **json.loads(MessageBody)})


class Handler:
    """Fails records by number and remembers every batch it saw."""

    def __init__(self, answer: Callable[[list[str]], Any]) -> None:
        self.batches: list[str] = []
        self.events: list[Any] = []
        self._answer = answer

    def __call__(self, name: str, event: Any) -> Any:
        numbers = [one["dynamodb"]["SequenceNumber"] for one in event["Records"]]
        self.events.append(event)
        self.batches.append("".join(numbers))
        return self._answer(numbers)


def reporting(*bad: str) -> Handler:
    return Handler(lambda numbers: {"batchItemFailures": [{"itemIdentifier": one} for one in numbers if one in bad]})


def raising(bad: str) -> Handler:
    def answer(numbers: list[str]) -> None:
        if bad in numbers:
            raise RuntimeError(f"cannot take {bad}")

    return Handler(answer)


def delivered(handler: Handler, rules: RetryPolicy, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs until all records are done with; returns what went to the OnFailure queue."""
    queue = Queue()
    destination = Destination({"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:given-up"}}, queue)
    mapping = StreamMapping(FUNCTION, ARN, rules, Filters(None), destination, handler)
    delivery = ShardDelivery(mapping, Shard(Streams(records), ARN, "shard-1", "TRIM_HORIZON"))
    eventually(lambda: not delivery.step() and not delivery._work, 5)
    return queue.sent


def test_records_before_the_first_failure_are_not_repeated() -> None:
    handler = reporting("3")
    sent = delivered(handler, policy(MaximumRetryAttempts=1), [record(n) for n in range(1, 5)])
    assert handler.batches == ["1234", "34", "34"]
    assert [one["DDBStreamBatchInfo"]["batchSize"] for one in sent] == [2]


def test_bisecting_isolates_what_always_fails() -> None:
    handler = raising("3")
    sent = delivered(
        handler, policy(MaximumRetryAttempts=1, BisectBatchOnFunctionError=True), [record(n) for n in range(1, 5)]
    )
    assert handler.batches == ["1234", "12", "34", "3", "3", "4"]
    (given_up,) = sent
    assert given_up["queue"] == "given-up"
    assert given_up["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert given_up["requestContext"]["approximateInvokeCount"] == 2
    assert given_up["requestContext"]["functionArn"] == FUNCTION.arn
    info = given_up["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("3", "3", 1)
    assert (info["shardId"], info["streamArn"]) == ("shard-1", ARN)
    assert info["approximateArrivalOfFirstRecord"].endswith("Z")


def test_without_the_response_type_the_answer_is_not_read() -> None:
    handler = reporting("1")
    assert delivered(handler, RetryPolicy.of({"MaximumRetryAttempts": 0}), [record(1), record(2)]) == []
    assert handler.batches == ["12"]


def test_batches_are_no_larger_than_asked() -> None:
    handler = reporting()
    delivered(handler, policy(BatchSize=2), [record(n) for n in range(1, 6)])
    assert handler.batches == ["12", "34", "5"]


def test_records_that_are_too_old_are_given_up_unseen() -> None:
    handler = reporting()
    sent = delivered(handler, policy(MaximumRecordAgeInSeconds=60), [record(1, 1_000_000_000), record(2)])
    assert handler.batches == ["2"]
    assert [one["requestContext"]["condition"] for one in sent] == ["RecordAgeExceeded"]


def test_all_records_too_old_leaves_nothing_to_call_for() -> None:
    handler = reporting()
    assert len(delivered(handler, policy(MaximumRecordAgeInSeconds=60), [record(1, 1_000_000_000)])) == 1
    assert handler.batches == []


def test_retries_have_no_end_unless_one_is_given() -> None:
    batch = Batch([record(1)], failures=500)
    assert policy().after_failure(batch, 0, 0.0) == [Batch(batch.records, 501, 2.0)]


def test_events_have_lambdas_shape() -> None:
    handler = reporting()
    delivered(handler, policy(), [record(1, 1_700_000_000)])
    (shaped,) = handler.events[0]["Records"]
    assert shaped["eventSourceARN"] == ARN
    assert shaped["dynamodb"]["ApproximateCreationDateTime"] == 1_700_000_000
    assert shaped["dynamodb"]["Keys"] == {"id": {"B": "aw=="}}


def test_time_to_live_deletions_name_who_deleted() -> None:
    handler = reporting()
    expired = {**record(1), "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}}
    delivered(handler, policy(), [expired])
    identity = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    assert handler.events[0]["Records"][0]["userIdentity"] == identity


def test_only_queues_can_take_what_was_given_up() -> None:
    with pytest.raises(TemplateError, match="must be an SQS queue"):
        Destination({"OnFailure": {"Destination": "arn:aws:sns:us-east-1:123456789012:topic"}}, Queue())
