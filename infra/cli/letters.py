"""Dead letters: what lies in the dead-letter queues of a stage, why, and how it goes back where it came from.

Nothing here can lose one: a letter is deleted only after its queue has taken it. A crash between the two leaves it in
both, and whoever works on it twice does it once.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.aws.clients import client
from chalicelib.aws.queues import FIRST_SEEN, GROUP, REDRIVEN, attributes_of
from chalicelib.domain.instants import instant, iso

BATCH = 10
MOST = 1000
"""As many letters of one queue are looked at; the count is right for more."""
LOOKING = 60
"""Seconds for which letters are out of others' sight while somebody looks at them."""
WAIT = 1
"""Seconds to wait for the next ones: asked without waiting, SQS may say that there are none although there are."""
OURS = frozenset({"brand", "channel", "hook", "case_id", "seq", "fact", "at", "queue", "priority", "revision"})
OURS |= {"reply_id", "action_id", "received_at", "actor", "ref", "breach", "pk", "sk", "kind", "action", "callback"}
"""Fields of our own bodies that say nothing of a person."""
_NAME = re.compile("[a-z][A-Za-z_]{0,40}")


@dataclass(frozen=True, slots=True)
class Letter:
    """``queue`` is the short name of where it belongs: inbound, slack, outbound, timers, urgent, team-x, publisher."""

    queue: str
    id: str
    reason: str
    code_version: str | None
    first_seen: datetime
    redriven: int
    body: str
    sent_at: datetime
    receipt: str
    group: str | None = None

    def as_json(self, body: str | None = None) -> dict[str, Any]:
        """What it is; never its body unless that is handed in, masked or not."""
        told: dict[str, Any] = {
            "queue": self.queue,
            "id": self.id,
            "reason": self.reason,
            "code_version": self.code_version,
            "first_seen": iso(self.first_seen),
            "redriven": self.redriven,
        }
        return told if body is None else {**told, "body": body}


class Queue:
    """One dead-letter queue of a stage."""

    def __init__(self, url: str, stage: str) -> None:
        self.url = url
        self.fifo = url.endswith(".fifo")
        physical = url.rpartition("/")[2].removesuffix(".fifo").removesuffix("-dead")
        self.name = physical.removeprefix(f"heed-{stage}-")
        self._source = physical + (".fifo" if self.fifo else "")

    def count(self) -> int:
        """How many lie here, those included that somebody looks at just now."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def letters(self) -> list[Letter]:
        """Look at them and put them back. Of letters that the queue itself moved here SQS shows ten of a group."""
        found: dict[str, Letter] = {}
        try:
            while len(found) < MOST and (more := self.receive()):
                found |= {one.id: one for one in more}
        finally:
            for one in found.values():
                self.release(one)
        return sorted(found.values(), key=lambda one: (one.first_seen, one.id))

    def receive(self) -> list[Letter]:
        answer = client("sqs").receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=LOOKING,
            WaitTimeSeconds=WAIT,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [self._letter(message) for message in answer.get("Messages", [])]

    def _letter(self, message: dict[str, Any]) -> Letter:
        said, lambdas = attributes_of(message), _of_lambda(message["Body"])
        sent = int(message["Attributes"]["SentTimestamp"])
        arrived = lambdas.get("DDBStreamBatchInfo", {}).get("approximateArrivalOfFirstRecord")
        return Letter(
            queue=self.name,
            id=message["MessageId"],
            reason=_reason(said, lambdas),
            code_version=said.get("code_version"),
            first_seen=instant(arrived) if arrived else _moment(int(said.get(FIRST_SEEN, sent))),
            redriven=int(said.get(REDRIVEN, 0)),
            body=message["Body"],
            sent_at=_moment(sent),
            receipt=message["ReceiptHandle"],
            group=said.get(GROUP) or message["Attributes"].get("MessageGroupId"),
        )

    def release(self, letter: Letter) -> None:
        client("sqs").change_message_visibility(QueueUrl=self.url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def delete(self, letter: Letter) -> None:
        client("sqs").delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)

    def send_back(self, letter: Letter) -> None:
        """To the queue it came from, saying how often that was tried. In a FIFO queue a repeat is not taken twice."""
        sqs = client("sqs")
        marks = {FIRST_SEEN: int(letter.first_seen.timestamp() * 1000), REDRIVEN: letter.redriven + 1}
        message: dict[str, Any] = {
            "QueueUrl": sqs.get_queue_url(QueueName=self._source)["QueueUrl"],
            "MessageBody": letter.body,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": str(value)} for name, value in marks.items()
            },
        }
        if self.fifo:
            message["MessageGroupId"] = letter.group
            message["MessageDeduplicationId"] = f"redrive-{letter.id}"
        sqs.send_message(**message)


def queues(stage: str) -> list[Queue]:
    """Every dead-letter queue of a stage."""
    pages = client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=f"heed-{stage}-")
    urls = (url for page in pages for url in page.get("QueueUrls", []))
    found = [Queue(url, stage) for url in urls if url.endswith(("-dead", "-dead.fifo"))]
    return sorted(found, key=lambda one: one.name)


def redrive(queue: Queue, now: datetime, wanted: frozenset[str] | None = None) -> Iterator[Letter]:
    """Send back what lies here now, and tell each that went. What is buried again meanwhile stays.

    ``wanted`` are the ids of those that shall go; None is all.
    """
    for one in _taken(queue, now, wanted):
        queue.send_back(one)
        queue.delete(one)
        yield one


def remove(queue: Queue, now: datetime, wanted: frozenset[str] | None = None) -> Iterator[Letter]:
    """Delete what lies here now, and tell each that went."""
    for one in _taken(queue, now, wanted):
        queue.delete(one)
        yield one


def _taken(queue: Queue, now: datetime, wanted: frozenset[str] | None) -> Iterator[Letter]:
    """The letters meant, one by one, and no more of them than lay here at first; the others are put back at the end."""
    left, others = queue.count(), []
    try:
        while left > 0 and (letters := queue.receive()):
            left -= len(letters)
            for one in letters:
                if one.sent_at <= now and (wanted is None or one.id in wanted):
                    yield one
                else:
                    others.append(one)
    finally:
        for one in others:
            queue.release(one)


def masked(body: str) -> str:
    """The shape of a body: its fields and how long what stands in them is. Ids and words of ours stay."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return f"({len(body)} characters that are not JSON)"
    if not isinstance(data, dict):
        return json.dumps(_hidden(data))
    ours = {key: value for key, value in data.items() if key in OURS and isinstance(value, str | int)}
    return json.dumps({**_hidden(data), **ours})


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if _NAME.fullmatch(key) else f"({len(key)})": _hidden(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return value if value is None or isinstance(value, bool) else f"({len(str(value))})"


def _reason(said: dict[str, str], lambdas: dict[str, Any]) -> str:
    """Our worker's words, or SNS's, or Lambda's, or what it means that there are none."""
    if "reason" in said:
        return said["reason"]
    if "ErrorCode" in said:
        return f"the topic could not deliver it: {said['ErrorCode']}"
    if context := lambdas.get("requestContext"):
        tries, records = context.get("approximateInvokeCount", "?"), lambdas["DDBStreamBatchInfo"].get("batchSize", "?")
        return f"{context.get('condition')} after {tries} tries of {records} stream records; the sweep does their rows"
    return "taken too often and never finished: the function could not even start, or was killed at once"


def _of_lambda(body: str) -> dict[str, Any]:
    """What Lambda wrote about stream records that it gave up; nothing for any other letter."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and "DDBStreamBatchInfo" in told else {}


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)
