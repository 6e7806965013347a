"""Reads one shard of a DynamoDB stream, and finds the way back after any error."""

import logging
from typing import Any

from botocore.exceptions import ClientError

_LOG = logging.getLogger("infra.local.pumps")


class Shard:
    """Reading continues after the last record read; a lost iterator is opened again from there."""

    def __init__(self, streams: Any, stream_arn: str, shard_id: str, start: str) -> None:
        self.shard_id = shard_id
        self._streams = streams
        self._arn = stream_arn
        self._start = start
        self._last = ""
        self._iterator: str | None = None
        self.closed = False

    def read(self, limit: int) -> list[dict[str, Any]]:
        try:
            answer = self._streams.get_records(ShardIterator=self._iterator or self._open(), Limit=limit)
        except Exception:  # expired, trimmed, restarted endpoint: the next read opens a new iterator
            self._iterator = None
            raise
        self._iterator = answer.get("NextShardIterator")
        self.closed = self._iterator is None
        records: list[dict[str, Any]] = answer["Records"]
        if records:
            self._last = records[-1]["dynamodb"]["SequenceNumber"]
        return records

    def _open(self) -> str:
        where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last}
        if not self._last:
            where = {"ShardIteratorType": self._start}
        try:
            return self._iterator_at(where)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            _LOG.warning("%s: records after %s are gone; reading what is left", self.shard_id, self._last)
            return self._iterator_at({"ShardIteratorType": "TRIM_HORIZON"})

    def _iterator_at(self, where: dict[str, str]) -> str:
        answer = self._streams.get_shard_iterator(StreamArn=self._arn, ShardId=self.shard_id, **where)
        return str(answer["ShardIterator"])
