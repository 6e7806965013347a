"""What a worker does with a queue besides reading it: offer a record again later, or bury it with its reason."""

from functools import lru_cache
from typing import Any

from chalicelib.aws.clients import client

Record = dict[str, Any]

_LONGEST_DELAY = 900


@lru_cache(maxsize=32)
def _url(sqs: Any, name: str) -> str:
    url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url


def name_of(record: Record) -> str:
    """The queue a record came from."""
    return str(record["eventSourceARN"]).rpartition(":")[2]


def dead_letter_queue(name: str) -> str:
    """Every queue ``x`` has ``x-dead`` beside it; ``x.fifo`` has ``x-dead.fifo``."""
    return f"{name.removesuffix('.fifo')}-dead" + (".fifo" if name.endswith(".fifo") else "")


def again(record: Record, seconds: float) -> None:
    """Offer the record's work again after that time, as a fresh message: waiting is not failing.

    Were it left in the queue, every look at it would count as a receive, and an hour's outage would bury it.
    """
    sqs = client("sqs")
    sqs.send_message(
        QueueUrl=_url(sqs, name_of(record)),
        MessageBody=record["body"],
        DelaySeconds=min(int(seconds + 0.999), _LONGEST_DELAY),
    )


def bury(record: Record, reason: str, code_version: str) -> None:
    """Move a record to the dead-letter queue, saying why, by which code, and since when. Twice is the same burial."""
    attributes = {"reason": reason, "code_version": code_version, "first_seen": record["attributes"]["SentTimestamp"]}
    sqs = client("sqs")
    message: dict[str, Any] = {
        "QueueUrl": _url(sqs, dead_letter_queue(name_of(record))),
        "MessageBody": record["body"],
        "MessageAttributes": {
            key: {"DataType": "String", "StringValue": value} for key, value in attributes.items() if value
        },
    }
    if "MessageGroupId" in record["attributes"]:
        message["MessageGroupId"] = record["attributes"]["MessageGroupId"]
        message["MessageDeduplicationId"] = record["messageId"]
    sqs.send_message(**message)
