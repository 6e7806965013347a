"""Bytes too large for a queue, or not understood yet: kept in S3 under names that never repeat by accident."""

from chalicelib.aws.clients import client


class S3Archive:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def keep(self, prefix: str, name: str, body: bytes) -> str:
        key = f"{prefix}/{name}.json"
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return key

    def fetch(self, key: str) -> bytes:
        body: bytes = client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body
