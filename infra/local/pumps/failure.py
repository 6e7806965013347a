"""The message an OnFailure destination gets for stream records that were given up."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from infra.local.pumps.batches import Batch
from infra.local.pumps.stream_event import created_at, sequence_number
from infra.local.stack import Function
from infra.template.intrinsics import TemplateError

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"


def failure_record(
    function: Function, stream_arn: str, shard_id: str, batch: Batch, condition: str, now: datetime
) -> dict[str, Any]:
    """Where the records were, not what they were: whoever reads it fetches them from the stream while it still can."""
    first, last = batch.records[0], batch.records[-1]
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": function.arn,
            "condition": condition,
            "approximateInvokeCount": batch.failures + (condition == RETRIES_EXHAUSTED),
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _iso(now),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": sequence_number(first),
            "endSequenceNumber": sequence_number(last),
            "approximateArrivalOfFirstRecord": _iso(datetime.fromtimestamp(created_at(first), UTC)),
            "approximateArrivalOfLastRecord": _iso(datetime.fromtimestamp(created_at(last), UTC)),
            "batchSize": len(batch.records),
            "streamArn": stream_arn,
        },
    }


class Destination:
    """The SQS queue of an OnFailure destination, or nowhere."""

    def __init__(self, config: Mapping[str, Any] | None, sqs: Any) -> None:
        target = (config or {}).get("OnFailure", {}).get("Destination")
        if target and ":sqs:" not in target:
            raise TemplateError(f"an OnFailure destination must be an SQS queue here, not {target}")
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"] if target else None

    def send(self, record: Mapping[str, Any]) -> None:
        if self._url:
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(record))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
