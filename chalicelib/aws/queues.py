"""What a worker does with a queue besides reading it: offer a record again later, or bury it with its reason."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.clients import client
from chalicelib.domain.instants import iso

Record = dict[str, Any]

_LONGEST_DELAY = 900

FIRST_SEEN, REDRIVEN = "first_seen", "redriven"
"""What a record tells of its own past: when it came first, in milliseconds, and how often it was sent back here."""
GROUP = "group"
"""In which group of a FIFO queue a letter came."""


def _url(sqs: Any, record: Record, name: str) -> str:
    """Of a queue beside the record's own. Put together, not asked for: that spares a call, and a permission."""
    account = str(record["eventSourceARN"]).split(":")[4]
    return f"{sqs.meta.endpoint_url.rstrip('/')}/{account}/{name}"


def name_of(record: Record) -> str:
    """The queue a record came from."""
    return str(record["eventSourceARN"]).rpartition(":")[2]


def dead_letter_queue(name: str) -> str:
    """Every queue ``x`` has ``x-dead`` beside it; ``x.fifo`` has ``x-dead.fifo``."""
    return f"{name.removesuffix('.fifo')}-dead" + (".fifo" if name.endswith(".fifo") else "")


TURN = "turn"
"""Under which name work brings along the time that it was given."""


def again(record: Record, seconds: float, turn: datetime | None = None) -> None:
    """Offer the record's work again after that time, as a fresh message: waiting is not failing.

    Were it left in the queue, every look at it would count as a receive, and an hour's outage would bury it.
    """
    body = json.dumps({**json.loads(record["body"]), TURN: iso(turn)}) if turn else record["body"]
    sqs = client("sqs")
    sqs.send_message(
        QueueUrl=_url(sqs, record, name_of(record)),
        MessageBody=body,
        DelaySeconds=min(int(seconds + 0.999), _LONGEST_DELAY),
        MessageAttributes=_as_attributes(_past(record)),
    )


def show_again(record: Record, seconds: Sequence[int]) -> None:
    """Offer a record that failed again after that time, if one is given, and not when its queue would."""
    sqs = client("sqs")
    for timeout in seconds:
        with suppress(ClientError, BotoCoreError):
            sqs.change_message_visibility(
                QueueUrl=_url(sqs, record, name_of(record)),
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=timeout,
            )


def bury(record: Record, reason: str, code_version: str) -> None:
    """Move a record to the dead-letter queue, saying why, by which code, and since when. Twice is the same burial.

    In a FIFO queue each letter is a group of its own: of one group SQS shows ten, until those are deleted.
    """
    past = {FIRST_SEEN: record["attributes"]["SentTimestamp"], **_past(record)}
    attributes = {"reason": reason, "code_version": code_version, **past}
    sqs = client("sqs")
    message: dict[str, Any] = {
        "QueueUrl": _url(sqs, record, dead_letter_queue(name_of(record))),
        "MessageBody": record["body"],
        "MessageAttributes": _as_attributes(attributes),
    }
    if group := record["attributes"].get("MessageGroupId"):
        message["MessageAttributes"] |= _as_attributes({GROUP: group})
        message |= {"MessageGroupId": record["messageId"], "MessageDeduplicationId": record["messageId"]}
    sqs.send_message(**message)


def delete(record: Record) -> None:
    """A record is done, whatever becomes of its batch. One that comes again all the same is done already."""
    sqs = client("sqs")
    with suppress(ClientError, BotoCoreError):
        sqs.delete_message(QueueUrl=_url(sqs, record, name_of(record)), ReceiptHandle=record["receiptHandle"])


def bury_row(record: Record, name: str, reason: str, code_version: str) -> None:
    """The letter of a stream's record that nobody can work on: it names the row, which keeps what it owes."""
    told = record["dynamodb"]
    row = {name: value["S"] for name, value in told.get("Keys", {}).items()}
    first_seen = str(int(float(told.get("ApproximateCreationDateTime", 0)) * 1000))
    attributes = {"reason": reason, "code_version": code_version, FIRST_SEEN: first_seen}
    sqs = client("sqs")
    sqs.send_message(
        QueueUrl=_url(sqs, record, dead_letter_queue(name)),
        MessageBody=json.dumps(row),
        MessageAttributes=_as_attributes(attributes),
    )


def attributes_of(record: Record) -> dict[str, str]:
    """The text attributes of a message, as Lambda hands it over or as SQS does."""
    named = record.get("messageAttributes") or record.get("MessageAttributes") or {}
    texts = {name: one.get("stringValue", one.get("StringValue")) for name, one in named.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _past(record: Record) -> dict[str, str]:
    return {name: text for name, text in attributes_of(record).items() if name in (FIRST_SEEN, REDRIVEN)}


def _as_attributes(texts: dict[str, str]) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text}
