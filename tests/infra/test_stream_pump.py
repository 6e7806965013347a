"""The stream pump on the emulator, and the loop all pumps run on."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.clients import ClientFactory
from infra.local.pumps.loop import Loop
from infra.local.pumps.shard import Shard
from infra.local.runtime import Runtime
from tests.infra.pumped import REPORTS, Handler, put, stream_stack
from tests.infra.waiting import eventually


def test_a_stream_is_read_from_its_beginning_and_paused_at_will(aws: ClientFactory) -> None:
    handler, stack = Handler(), stream_stack(aws)
    put(aws, stack, "before", body={"B": b"\xff"})
    with Runtime(stack, handler, aws) as runtime:
        first = eventually(lambda: handler.batches)[0][0]
        assert first["eventName"] == "INSERT"
        assert first["dynamodb"]["NewImage"] == {"id": {"S": "before"}, "body": {"B": "/w=="}}
        assert isinstance(first["dynamodb"]["ApproximateCreationDateTime"], int | float)

        runtime.pause("work")
        put(aws, stack, "meanwhile")
        assert len(handler.batches) == 1
        runtime.resume("work")
        eventually(lambda: len(handler.batches) == 2)


def test_a_stream_handler_that_fails_sees_its_records_again_before_later_ones(aws: ClientFactory) -> None:
    def answer(records: list[dict[str, Any]]) -> dict[str, Any]:
        keys = [record["dynamodb"]["Keys"]["id"]["S"] for record in records]
        seen.extend(keys)
        failed = [r for r in records if r["dynamodb"]["Keys"]["id"]["S"] == "b" and seen.count("b") == 1]
        return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in failed]}

    seen: list[str] = []
    stack = stream_stack(aws, FunctionResponseTypes=REPORTS)
    put(aws, stack, "a", "b", "c")
    with Runtime(stack, Handler(answer), aws):
        eventually(lambda: seen.count("c") == 2)
    assert seen == ["a", "b", "c", "b", "c"]


class Flaky:
    """A streams client whose iterators expire after each use."""

    def __init__(self, streams: Any) -> None:
        self._streams = streams
        self._used: set[str] = set()

    def get_shard_iterator(self, **request: Any) -> Any:
        return self._streams.get_shard_iterator(**request)

    def get_records(self, **request: Any) -> Any:
        answer = self._streams.get_records(**request)
        if answer["Records"] == [] or request["ShardIterator"] in self._used:
            raise ConnectionError("expired")
        self._used.add(answer["NextShardIterator"])
        return answer


def test_a_lost_iterator_is_opened_again_where_reading_stopped(aws: ClientFactory) -> None:
    stack = stream_stack(aws)
    arn = stack.attribute("Table", "StreamArn")
    streams = aws("dynamodbstreams")
    (described,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    shard = Shard(Flaky(streams), arn, described["ShardId"], "TRIM_HORIZON")
    read = []
    for key in "abc":
        put(aws, stack, key)
        try:
            read += shard.read(10)
        except ConnectionError:
            read += shard.read(10)
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in read] == ["a", "b", "c"]


class Trimmed:
    """A stream that has lost what came after the position."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_shard_iterator(self, ShardIteratorType: str, **_: Any) -> dict[str, str]:
        self.asked.append(ShardIteratorType)
        if ShardIteratorType == "AFTER_SEQUENCE_NUMBER":
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        return {"ShardIterator": "i"}

    def get_records(self, **_: Any) -> dict[str, Any]:
        if len(self.asked) > 1:
            return {"Records": []}
        return {"Records": [{"dynamodb": {"SequenceNumber": "1"}}]}


def test_when_the_position_is_lost_reading_goes_on_with_what_is_left() -> None:
    streams = Trimmed()
    shard = Shard(streams, "arn", "shard-1", "LATEST")
    assert len(shard.read(1)) == 1
    shard._iterator = None
    assert shard.read(1) == []
    assert streams.asked == ["LATEST", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON"]
    assert shard.closed


def test_a_pump_survives_its_steps_and_stops_when_told() -> None:
    steps: list[int] = []

    def step() -> float:
        steps.append(len(steps))
        if len(steps) == 1:
            raise ConnectionError("no endpoint")
        return 0.001

    loop = Loop("test", step)
    loop.start()
    eventually(lambda: len(steps) > 2)
    loop.signal_stop()
    loop.join(2)
    after = len(steps)
    assert len(steps) == after


def test_a_step_that_does_not_end_is_reported_and_not_waited_for_for_ever() -> None:
    release = threading.Event()

    def step() -> float:
        release.wait(10)
        return 0.0

    loop = Loop("stuck", step)
    loop.start()
    try:
        with pytest.raises(TimeoutError, match="pump-stuck: still busy"):
            loop.pause(0.05)
        loop.signal_stop()
        with pytest.raises(TimeoutError, match="pump-stuck: did not stop"):
            loop.join(0.05)
    finally:
        release.set()
        loop.join(2)
