"""Plays a DynamoDB stream event source mapping."""

import time
from typing import Any

from infra.local.pumps.base import Invoke, Pump
from infra.local.pumps.batches import RetryPolicy
from infra.local.pumps.delivery import ShardDelivery, StreamMapping
from infra.local.pumps.failure import Destination
from infra.local.pumps.filters import Filters
from infra.local.pumps.shard import Shard
from infra.local.stack import EventSource, Function

_SHORTEST_REST, _LONGEST_REST = 0.02, 0.25
_LOOK_FOR_SHARDS_SECONDS = 30.0


class StreamPump(Pump):
    """All shards of one stream on one thread, from where StartingPosition says.

    ParallelizationFactor and batching windows are not played; the position lives as long as the pump does.
    """

    def __init__(self, function: Function, source: EventSource, streams: Any, sqs: Any, invoke: Invoke) -> None:
        super().__init__(function, self._step)
        properties = source.properties
        self._start: str = properties.get("StartingPosition", "TRIM_HORIZON")
        self._streams = streams
        self._mapping = StreamMapping(
            function=function,
            stream_arn=properties["Stream"],
            policy=RetryPolicy.of(properties),
            filters=Filters(properties.get("FilterCriteria")),
            destination=Destination(properties.get("DestinationConfig"), sqs),
            invoke=invoke,
        )
        self._deliveries: dict[str, ShardDelivery] = {}
        self._parents: dict[str, str] = {}
        self._finished: set[str] = set()
        self._look_again = 0.0
        self._rest = _SHORTEST_REST

    def _step(self) -> float:
        """An idle stream is asked less and less often, down to four times a second."""
        self._find_shards()
        busy = [self._deliveries[shard_id].step() for shard_id in self._open_shards()]
        self._rest = 0.0 if any(busy) else min(max(self._rest * 2, _SHORTEST_REST), _LONGEST_REST)
        return self._rest

    def _open_shards(self) -> list[str]:
        """A child waits for its parent's end, so that the changes of one key stay in order."""
        unfinished = [shard_id for shard_id, delivery in self._deliveries.items() if not delivery.finished]
        return [shard_id for shard_id in unfinished if self._parents[shard_id] not in unfinished]

    def _find_shards(self) -> None:
        """Looks now and then, and at once when a shard has ended, because its children go on from there."""
        finished = {shard_id for shard_id, delivery in self._deliveries.items() if delivery.finished}
        if finished == self._finished and time.monotonic() < self._look_again:
            return
        description = self._streams.describe_stream(StreamArn=self._mapping.stream_arn)["StreamDescription"]
        start = "TRIM_HORIZON" if self._deliveries else self._start
        for shard in description["Shards"]:
            self._parents[shard["ShardId"]] = shard.get("ParentShardId", "")
            if shard["ShardId"] not in self._deliveries:
                self._deliveries[shard["ShardId"]] = self._delivery(shard["ShardId"], start)
        self._finished, self._look_again = finished, time.monotonic() + _LOOK_FOR_SHARDS_SECONDS

    def _delivery(self, shard_id: str, start: str) -> ShardDelivery:
        return ShardDelivery(self._mapping, Shard(self._streams, self._mapping.stream_arn, shard_id, start))
