"""The FIFO queue between edge and intake."""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.aws.clients import client

_BATCH = 10
_BATCH_BYTES = 250_000

Entry = tuple[str, str, str]


class NotQueued(Exception):
    """The queue took only some of the fragments; the sender must send again, and the doubles will be dropped."""


class SqsFragments:
    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, entries: Sequence[Entry]) -> None:
        for batch in batches(entries):
            answer = client("sqs").send_message_batch(QueueUrl=self._url, Entries=[_entry(*one) for one in batch])
            failed = answer.get("Failed", [])
            if failed:
                raise NotQueued(f"{len(failed)} of {len(batch)} fragments: {failed[0].get('Code')}")


def batches(entries: Sequence[Entry]) -> Iterator[list[tuple[int, Entry]]]:
    """As few batches as SQS's limits of 10 entries and 256 KiB allow, in order."""
    batch: list[tuple[int, Entry]] = []
    size = 0
    for entry in entries:
        length = len(entry[2].encode())
        if batch and (len(batch) == _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((len(batch), entry))
        size += length
    if batch:
        yield batch


def _entry(place: int, entry: Entry) -> dict[str, Any]:
    group, dedupe, body = entry
    return {"Id": str(place), "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": dedupe}
