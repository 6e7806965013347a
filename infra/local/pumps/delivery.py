"""Hands one shard's records to a function, in order and with Lambda's rules for failure."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.local.pumps.base import Invoke
from infra.local.pumps.batches import Batch, Record, RetryPolicy
from infra.local.pumps.failure import RETRIES_EXHAUSTED, TOO_OLD, Destination, failure_record
from infra.local.pumps.filters import Filters
from infra.local.pumps.report import failed_ids
from infra.local.pumps.shard import Shard
from infra.local.pumps.stream_event import created_at, sequence_number, stream_record
from infra.local.stack import Function

_LOG = logging.getLogger("infra.local.pumps")


@dataclass(frozen=True)
class StreamMapping:
    """What the event source mapping says, the same for all shards."""

    function: Function
    stream_arn: str
    policy: RetryPolicy
    filters: Filters
    destination: Destination
    invoke: Invoke


class ShardDelivery:
    """What failed stays in front of what came later, so one shard never overtakes itself."""

    def __init__(self, mapping: StreamMapping, shard: Shard) -> None:
        self._mapping = mapping
        self._shard = shard
        self._work: deque[Batch] = deque()

    @property
    def finished(self) -> bool:
        return self._shard.closed and not self._work

    def step(self) -> bool:
        """Hands over one batch, or reads when there is none. False when there was nothing to do yet."""
        if not self._work:
            return self._read()
        if self._work[0].not_before > time.monotonic():
            return False
        self._hand_over(self._work[0])
        return True

    def _read(self) -> bool:
        if self._shard.closed:
            return False
        records = self._shard.read(self._mapping.policy.batch_size)
        shaped = [stream_record(record, self._mapping.stream_arn) for record in records]
        if wanted := [record for record in shaped if self._mapping.filters.passes(record)]:
            self._work.append(Batch(wanted))
        return bool(records)

    def _hand_over(self, batch: Batch) -> None:
        """The batch leaves the queue only when its fate is known, so an error on the way repeats it."""
        rest = self._after_old_ones(batch) or self._after_attempt(batch)
        self._work.popleft()
        self._work.extendleft(reversed(rest))

    def _after_old_ones(self, batch: Batch) -> list[Batch]:
        """What remains when records past MaximumRecordAgeInSeconds are given up; nothing when none is."""
        oldest = time.time() - self._mapping.policy.max_age
        old = [record for record in batch.records if created_at(record) < oldest]
        if self._mapping.policy.max_age < 0 or not old:
            return []
        self._give_up(Batch(old, batch.failures), TOO_OLD)
        return [Batch(batch.records[len(old) :], batch.failures)]

    def _after_attempt(self, batch: Batch) -> list[Batch]:
        failed_at = self._first_failure(batch.records)
        if failed_at is None:
            return []
        rest = self._mapping.policy.after_failure(batch, failed_at, time.monotonic())
        if not rest:
            self._give_up(batch, RETRIES_EXHAUSTED)
        return rest

    def _first_failure(self, records: Sequence[Record]) -> int | None:
        """The index of the first record that failed; None when all went well or nothing was left to try."""
        if not records:
            return None
        name = self._mapping.function.name
        try:
            answer = self._mapping.invoke(name, {"Records": list(records)})
        except Exception as error:  # whatever a handler raises is Lambda's function error
            _LOG.warning("%s failed a batch of %d", name, len(records), exc_info=error)
            return 0
        ids = [sequence_number(record) for record in records]
        failed = failed_ids(answer, ids) if self._mapping.policy.reports else set()
        return min((ids.index(one) for one in failed), default=None)

    def _give_up(self, batch: Batch, condition: str) -> None:
        mapping = self._mapping
        _LOG.warning("%s: giving up %d records, %s", mapping.function.name, len(batch.records), condition)
        record = failure_record(
            mapping.function, mapping.stream_arn, self._shard.shard_id, batch, condition, datetime.now(UTC)
        )
        mapping.destination.send(record)
