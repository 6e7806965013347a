"""Everything true, in one DynamoDB table; the only place that knows PynamoDB. See ``docs/data-model.md``."""

from chalicelib.storage.codec import decode_event
from chalicelib.storage.store import DynamoStore

__all__ = ["DynamoStore", "decode_event"]
