"""What becomes of a batch of stream records that failed: retried, halved or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Records of one shard in order, how often they failed so, and when to try (again)."""

    records: Sequence[Record]
    failures: int = 0
    not_before: float = 0.0


@dataclass(frozen=True)
class RetryPolicy:
    """The mapping's properties; -1 means without end, as it does on AWS."""

    batch_size: int
    retries: int
    max_age: int
    bisect: bool
    reports: bool

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "RetryPolicy":
        return cls(
            batch_size=int(properties.get("BatchSize", 100)),
            retries=int(properties.get("MaximumRetryAttempts", -1)),
            max_age=int(properties.get("MaximumRecordAgeInSeconds", -1)),
            bisect=bool(properties.get("BisectBatchOnFunctionError", False)),
            reports="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        )

    def after_failure(self, batch: Batch, failed_at: int, now: float) -> list[Batch]:
        """What is still to be done, in order; nothing left means the batch is given up.

        Records before the failed one are done, and getting further starts the count anew. A batch that got nowhere is
        halved when it may be, which does not count as an attempt.
        """
        if failed_at:
            return [Batch(batch.records[failed_at:], 0, now + _backoff(1))]
        if self.bisect and len(batch.records) > 1:
            middle = len(batch.records) // 2
            return [Batch(part, batch.failures) for part in (batch.records[:middle], batch.records[middle:])]
        failures = batch.failures + 1
        if 0 <= self.retries < failures:
            return []
        return [Batch(batch.records, failures, now + _backoff(failures))]


def _backoff(failures: int) -> float:
    return float(min(0.05 * 2**failures, 2.0))
