"""What every queue worker shares: partial failures, waiting without failing, and burying poison with its reason."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from chalicelib.aws import queues
from chalicelib.channels.base import Malformed
from chalicelib.domain.errors import Later
from chalicelib.handlers.quiet import place

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch import BatchProcessor

RECEIVES = 5
"""After this many receives a record is poison; the template's redrive policy says the same."""

logger = Logger(service="heed")

Handle = Callable[[dict[str, Any]], None]


def work(records: list[queues.Record], handle: Handle, code_version: str) -> dict[str, Any]:
    """Handle each record's JSON body; the answer names those that are to come again."""
    processor = _processor(records)
    with processor(records, lambda record: _one(record.raw_event, handle, code_version)):
        processor.process()
    return dict(processor.response())


def _processor(records: list[queues.Record]) -> "BatchProcessor":
    """In a FIFO queue a failure holds back its own group and nobody else's."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, SqsFifoPartialProcessor

    if records and queues.name_of(records[0]).endswith(".fifo"):
        processor: BatchProcessor = SqsFifoPartialProcessor(skip_group_on_error=True)
        processor.raise_on_entire_batch_failure = False
        return processor
    return BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _one(record: queues.Record, handle: Handle, code_version: str) -> None:
    try:
        handle(json.loads(record["body"]))
    except Later as later:
        queues.again(record, later.delay.total_seconds(), later.turn)
    except (Malformed, ValueError, KeyError, TypeError) as error:
        _bury(record, error, code_version)
    except Exception as error:  # whatever it was, the fifth time is the last
        if int(record["attributes"]["ApproximateReceiveCount"]) < RECEIVES:
            logger.warning("will try again", extra={"message_id": record["messageId"], "error": type(error).__name__})
            raise
        _bury(record, error, code_version)


def _bury(record: queues.Record, error: Exception, code_version: str) -> None:
    reason = f"{type(error).__name__} at {place(error)}"
    logger.error("buried", extra={"message_id": record["messageId"], "reason": reason})
    queues.bury(record, reason, code_version)
