"""Plays an SQS event source mapping."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from infra.local.pumps.base import Invoke, Pump
from infra.local.pumps.filters import Filters
from infra.local.pumps.report import failed_ids
from infra.local.pumps.sqs_event import for_filter, sqs_record
from infra.local.stack import EventSource, Function

_LOG = logging.getLogger("infra.local.pumps")
_RECEIVE_AT_MOST = 10
_DEFAULT_CONCURRENCY = 2
_REST_WITHOUT_LONG_POLL = 0.02


class SqsPump(Pump):
    """One poller, and as many batches at once as MaximumConcurrency allows.

    A message is deleted when its function did not fail it; the others come back after the queue's visibility timeout,
    and redrive to a dead-letter queue is the queue's own affair. MaximumBatchingWindowInSeconds is not waited for.
    """

    def __init__(
        self, function: Function, source: EventSource, sqs: Any, invoke: Invoke, poll_seconds: int = 1
    ) -> None:
        super().__init__(function, self._step)
        properties = source.properties
        self._arn: str = properties["Queue"]
        self._sqs = sqs
        self._url: str = sqs.get_queue_url(QueueName=self._arn.rpartition(":")[2])["QueueUrl"]
        self._invoke = invoke
        self._wait = poll_seconds
        self._batch_size = int(properties.get("BatchSize", 10))
        self._filters = Filters(properties.get("FilterCriteria"))
        self._reports = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
        self._concurrency = int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", _DEFAULT_CONCURRENCY))
        self._free = threading.Semaphore(self._concurrency)
        self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix=f"sqs-{function.logical_id}")

    def pause(self) -> None:
        super().pause()
        self._wait_until_free(30.0)

    def join(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        super().join(timeout)
        self._wait_until_free(deadline - time.monotonic())
        self._pool.shutdown()

    def _wait_until_free(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        taken = 0
        try:
            for _ in range(self._concurrency):
                if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(f"{self.function_name}: a batch is still running after {timeout:.0f} s")
                taken += 1
        finally:
            for _ in range(taken):
                self._free.release()

    def _step(self) -> float:
        if not self._free.acquire(timeout=0.25):
            return 0.0
        messages = []
        try:
            messages = self._receive()
        finally:
            if not messages:
                self._free.release()
        if messages:
            self._pool.submit(self._deliver, messages).add_done_callback(self._done)
        return 0.0 if messages or self._wait else _REST_WITHOUT_LONG_POLL

    def _done(self, future: Future[None]) -> None:
        self._free.release()
        if error := future.exception():
            _LOG.warning("%s: a batch was not finished", self.function_name, exc_info=error)

    def _receive(self) -> list[dict[str, Any]]:
        """Waits for the first message only; a batch larger than one answer is filled with what is there."""
        messages = self._receive_once(self._batch_size, self._wait)
        while messages and len(messages) < self._batch_size:
            more = self._receive_once(self._batch_size - len(messages), 0)
            messages += more
            if not more:
                break
        return messages

    def _receive_once(self, at_most: int, wait: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(at_most, _RECEIVE_AT_MOST),
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _deliver(self, messages: Sequence[dict[str, Any]]) -> None:
        """Messages a filter refuses are deleted unseen, as Lambda deletes them."""
        records = [sqs_record(message, self._arn) for message in messages]
        wanted = [record for record in records if self._filters.passes(for_filter(record))]
        failed = self._failed(wanted) if wanted else set()
        self._delete([record for record in records if record["messageId"] not in failed])

    def _failed(self, records: list[dict[str, Any]]) -> set[str]:
        ids = [record["messageId"] for record in records]
        try:
            answer = self._invoke(self.function_name, {"Records": records})
        except Exception as error:  # whatever a handler raises is Lambda's function error
            _LOG.warning("%s failed a batch of %d", self.function_name, len(ids), exc_info=error)
            return set(ids)
        return failed_ids(answer, ids) if self._reports else set()

    def _delete(self, records: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(records), _RECEIVE_AT_MOST):
            chunk = records[start : start + _RECEIVE_AT_MOST]
            entries = [{"Id": str(n), "ReceiptHandle": record["receiptHandle"]} for n, record in enumerate(chunk)]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
