"""What every queue worker shares: partial failures, waiting without failing, and burying poison with its reason."""

import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chalicelib.aws import queues
from chalicelib.channels.base import Malformed
from chalicelib.domain.errors import Later
from chalicelib.handlers.quiet import place

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.utilities.batch import BatchProcessor

RECEIVES = 5
"""A record that failed at so many receives is poison. The queue itself gives up one receive later."""
DOUBTED = 3
"""By this receive some record of the batch has crashed its function twice, and nobody knows which one."""
CRASHED = "five times taken and never finished: the function crashed or ran out of time"

Handle = Callable[[dict[str, Any]], None]


@cache
def logger() -> "Logger":
    """Made for its first line: the webhooks' function registers every door and has nothing to log.

    Its lines are ASCII: what else a stranger wrote, control characters too, is spelt out.
    """
    from aws_lambda_powertools import Logger

    return Logger(service="heed", json_serializer=partial(json.dumps, default=str, separators=(",", ":")))


def work(records: list[queues.Record], handle: Handle, code_version: str, again: Sequence[int] = ()) -> dict[str, Any]:
    """Handle each record's JSON body; the answer names those that are to come again.

    ``again`` are the seconds after which a first, second ... failure comes again; without, the queue decides.
    """
    left = _without_the_fatal(_in_turn(records), code_version)
    processor = _processor(left)
    with processor(left, lambda record: _one(record.raw_event, handle, code_version, again)):
        processor.process()
    return dict(processor.response())


def _in_turn(records: list[queues.Record]) -> list[queues.Record]:
    """A function that crashes takes its whole batch along. What is done by then is deleted at once (see ``_one``), and
    each time the order is turned round: so everything but the one that is fatal gets done. Groups stay in order.
    """
    tries = max(map(_receives, records), default=0)
    return records if tries < DOUBTED else sorted(records, key=_place, reverse=tries % 2 == 0)


def _place(record: queues.Record) -> str:
    return str(record["attributes"].get("MessageGroupId") or record["messageId"])


def _receives(record: queues.Record) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def _without_the_fatal(records: list[queues.Record], code_version: str) -> list[queues.Record]:
    """Who was never finished is buried untried, and says so; whoever stood behind it is tried once more."""
    fatal = next((one for one in records if _receives(one) > RECEIVES), None)
    if fatal is None:
        return records
    logger().error("buried", extra={"message_id": fatal["messageId"], "reason": CRASHED})
    queues.bury(fatal, CRASHED, code_version)
    queues.delete(fatal)
    return [one for one in records if one is not fatal]


def _processor(records: list[queues.Record]) -> "BatchProcessor":
    """In a FIFO queue a failure holds back its own group and nobody else's."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, SqsFifoPartialProcessor

    if records and queues.name_of(records[0]).endswith(".fifo"):
        processor: BatchProcessor = SqsFifoPartialProcessor(skip_group_on_error=True)
        processor.raise_on_entire_batch_failure = False
        return processor
    return BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _one(record: queues.Record, handle: Handle, code_version: str, again: Sequence[int]) -> None:
    try:
        handle(json.loads(record["body"]))
    except Later as later:
        queues.again(record, later.delay.total_seconds(), later.turn)
    except (Malformed, ValueError, KeyError, TypeError) as error:
        _bury(record, error, code_version)
    except Exception as error:  # whatever it was, the fifth time is the last
        receives = _receives(record)
        if receives < RECEIVES:
            logger().warning("will try again", extra={"message_id": record["messageId"], "error": type(error).__name__})
            queues.show_again(record, again[receives - 1 : receives])
            raise
        _bury(record, error, code_version)
    if _receives(record) >= DOUBTED:
        queues.delete(record)


def _bury(record: queues.Record, error: Exception, code_version: str) -> None:
    reason = f"{type(error).__name__} at {place(error)}"
    logger().error("buried", extra={"message_id": record["messageId"], "reason": reason})
    queues.bury(record, reason, code_version)
