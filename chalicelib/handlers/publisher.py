"""The table's stream: each new timeline row's effects are done."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_dynamodb_record(stream_arn="arn:aws:dynamodb:region:account:table/placeholder/stream/label", name="publisher")
def publisher(event: Any) -> dict[str, Any]:
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

    records = event.to_dict()["Records"]
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    with processor(records, lambda record: deliver(record.raw_event["dynamodb"]["NewImage"])):
        processor.process()
    return dict(processor.response())


def deliver(image: dict[str, Any]) -> None:
    from chalicelib.service.outbox import Owed, publish
    from chalicelib.storage import decode_event

    try:
        publish(decode_event(image), wired.store, wired.effects, wired.now())
    except Owed as owed:
        if not owed.timers_only:
            raise
        wired.meter.count("timers_not_started")
