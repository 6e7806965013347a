"""The connection to the table. Region and endpoint are botocore's to find: AWS_DEFAULT_REGION, AWS_ENDPOINT_URL."""

import logging

from pynamodb.connection import TableConnection
from pynamodb.connection.base import MetaTable

from chalicelib.storage.indexes import structure

# At debug level PynamoDB logs every argument of every call: the words of customers.
logging.getLogger("pynamodb").setLevel(logging.INFO)


def connect(table: str) -> TableConnection:
    """A connection that gives up well before a Lambda does; it reaches out at the first call, at a cost of ~150 ms."""
    return TableConnection(
        table,
        connect_timeout_seconds=1,
        read_timeout_seconds=3,
        max_retry_attempts=2,
        meta_table=MetaTable({"TableName": table, **structure()}),
    )
