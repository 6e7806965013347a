"""A partition read in order, in the table or in an index; a next page is asked for only when one is needed.

The request is put together here, by hand, as those that write are: see ``commit``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pynamodb.connection import TableConnection
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.constants import QUERY
from pynamodb.exceptions import QueryError

from chalicelib.storage.attributes import Image, Stored
from chalicelib.storage.indexes import Index

TABLE = Index("", "pk", "sk", 1)
"""The table itself, whose reads are consistent."""

Page = Mapping[str, Any]


class Within(NamedTuple):
    """Which sort keys, in DynamoDB's words, and what these stand for."""

    text: str
    values: Mapping[str, Stored]


ALL = Within("", {})


def until(last: str) -> Within:
    """That one included."""
    return Within(" AND #sort <= :last", {":last": {"S": last}})


def earlier(end: str) -> Within:
    return Within(" AND #sort < :end", {":end": {"S": end}})


def beginning(prefix: str) -> Within:
    return Within(" AND begins_with(#sort, :prefix)", {":prefix": {"S": prefix}})


def between(first: str, last: str) -> Within:
    """Both included."""
    return Within(" AND #sort BETWEEN :first AND :last", {":first": {"S": first}, ":last": {"S": last}})


def walk(
    table: TableConnection,
    partition: str,
    limit: int,
    within: Within = ALL,
    *,
    index: Index = TABLE,
    forward: bool = True,
) -> Iterator[Image]:
    start: Stored | None = None
    more = limit > 0
    while more:
        found = page(table, partition, limit, within, index=index, forward=forward, start=start)
        yield from found["Items"]
        start = found.get("LastEvaluatedKey")
        more = start is not None


def page(
    table: TableConnection,
    partition: str,
    limit: int,
    within: Within = ALL,
    *,
    index: Index = TABLE,
    forward: bool = True,
    start: Stored | None = None,
) -> Page:
    """One call; ``start`` is where the last page ended."""
    names = {"#partition": index.partition, "#sort": index.sort} if within.text else {"#partition": index.partition}
    request = {
        "TableName": table.table_name,
        "KeyConditionExpression": f"#partition = :partition{within.text}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":partition": {"S": partition}, **within.values},
        "Limit": limit,
        "ScanIndexForward": forward,
        **({"IndexName": index.name} if index.name else {"ConsistentRead": True}),
        **({"ExclusiveStartKey": start} if start else {}),
    }
    try:
        found: Page = table.connection.dispatch(QUERY, request)
    except BOTOCORE_EXCEPTIONS as error:
        raise QueryError("the partition was not read", error) from error
    return found
