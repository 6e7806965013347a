"""The connection to the table. Region and endpoint are botocore's to find: AWS_DEFAULT_REGION, AWS_ENDPOINT_URL."""

import logging
from typing import Any

from pynamodb.connection import Connection, TableConnection
from pynamodb.connection.base import MetaTable

from chalicelib.storage.indexes import structure

# At debug level PynamoDB logs every argument of every call: the words of customers.
logging.getLogger("pynamodb").setLevel(logging.INFO)


class _Shared(Connection):
    """A connection that makes its client from a botocore session which others use as well."""

    def __init__(self, session: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self._shared = session

    @property
    def session(self) -> Any:
        return self._shared or super().session


def connect(table: str, session: Any = None) -> TableConnection:
    """A connection that gives up well before a Lambda does; it reaches out at the first call, at a cost of ~150 ms."""
    connection = TableConnection(table)
    connection.connection = _Shared(session, connect_timeout_seconds=1, read_timeout_seconds=3, max_retry_attempts=2)
    connection.connection.add_meta_table(MetaTable({"TableName": table, **structure()}))
    return connection
