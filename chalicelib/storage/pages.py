"""A queue's index walked page by page, one shard after the other, for those who come back for the next page later."""

import json

from pynamodb.connection import TableConnection

from chalicelib.storage import walk
from chalicelib.storage.attributes import Image
from chalicelib.storage.indexes import BY_QUEUE, shards


def page(table: TableConnection, partition: str, after: str, limit: int) -> tuple[list[Image], str]:
    """The keys of one page, which may be empty, and where the next one begins; "" when there is none."""
    shard, start = json.loads(after) if after else (0, None)
    found = walk.page(table, shards(BY_QUEUE, partition)[shard], limit, index=BY_QUEUE, start=start)
    left = found.get("LastEvaluatedKey")
    if left is None and shard + 1 == BY_QUEUE.shards:
        return found["Items"], ""
    return found["Items"], json.dumps([shard, left] if left else [shard + 1, None])
