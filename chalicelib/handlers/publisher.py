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
    with processor(records, lambda record: deliver(record.raw_event)):
        processor.process()
    return dict(processor.response())


def deliver(record: dict[str, Any]) -> None:
    """No record comes again but after a crash: it would bring its neighbours along, and theirs would be done twice.

    What cannot be done now is the sweeper's. A row that nobody understands has a letter, as in the queues.
    """
    from chalicelib.service.outbox import TIMERS, Owed, publish
    from chalicelib.storage import decode_event

    try:
        publish(decode_event(record["dynamodb"]["NewImage"]), wired.store, wired.effects, wired.now())
    except Owed as owed:
        wired.meter.count(TIMERS if owed.timers_only else "effects_put_off")
    except (ValueError, KeyError, TypeError) as error:
        _bury(record, error)


def _bury(record: dict[str, Any], error: Exception) -> None:
    from chalicelib.aws.queues import bury_row
    from chalicelib.handlers.quiet import place

    reason = f"{type(error).__name__} at {place(error)}"
    bury_row(record, f"heed-{wired.settings.stage}-publisher", reason, wired.settings.code_version)
