"""Bytes too large for a queue, or not understood yet: kept in S3 under names that never repeat by accident."""

from collections.abc import Iterator

from chalicelib.aws.clients import client

LINKED = 3600
"""Seconds for which whoever has a link may read what it leads to. Networks fetch a file while it is sent."""


class S3Archive:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def keep(self, prefix: str, name: str, body: bytes) -> str:
        key = f"{prefix}/{name}.json"
        self.put(key, body, "application/json")
        return key

    def put(self, key: str, body: bytes, mime: str) -> None:
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=mime)

    def link(self, key: str) -> str:
        where = {"Bucket": self._bucket, "Key": key}
        link: str = client("s3").generate_presigned_url("get_object", Params=where, ExpiresIn=LINKED)
        return link

    def fetch(self, key: str) -> bytes:
        body: bytes = client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body

    def find(self, key: str) -> bytes | None:
        s3 = client("s3")
        try:
            return self.fetch(key)
        except s3.exceptions.NoSuchKey:
            return None

    def names(self, prefix: str, after: str = "") -> Iterator[str]:
        where = {"Bucket": self._bucket, "Prefix": f"{prefix}/", "StartAfter": after}
        pages = client("s3").get_paginator("list_objects_v2").paginate(**where)
        for page in pages:
            yield from (one["Key"] for one in page.get("Contents", ()))

    def drop(self, key: str) -> None:
        client("s3").delete_object(Bucket=self._bucket, Key=key)
