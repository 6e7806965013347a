"""Which permissions a request to AWS needs, read off the wire as the services' own references describe them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from infra.local.environment import ACCOUNT, REGION

_TARGETS = {"DynamoDB_20120810": "dynamodb", "AWSStepFunctions": "states", "AmazonSSM": "ssm", "AmazonSQS": "sqs"}
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_READ = frozenset({"GET", "HEAD"})
_OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


class UnknownCallError(ValueError):
    """A request nobody taught this module to read; it is refused, never waved through."""


@dataclass(frozen=True, slots=True, order=True)
class Needed:
    """One permission: ``dynamodb:GetItem`` on the ARN of a table."""

    action: str
    resource: str


def needed(method: str, path: str, headers: Mapping[str, str], body: bytes) -> list[Needed]:
    """Everything this request must be allowed. Header names are lower case. Raises UnknownCallError."""
    if target := headers.get("x-amz-target"):
        prefix, _, operation = target.partition(".")
        if prefix not in _TARGETS:
            raise UnknownCallError(target)
        return sorted(set(_json(_TARGETS[prefix], operation, json.loads(body or b"{}"))))
    form = parse_qs(body.decode()) if headers.get("content-type", "").startswith("application/x-www-form") else {}
    if "Action" in form:
        return [Needed(f"sns:{form['Action'][0]}", form["TopicArn"][0])]
    return [_object(method, path)]


def needed_when_missing(method: str, path: str, headers: Mapping[str, str]) -> list[Needed]:
    """What a request must be allowed besides to be told that there is no such thing: of objects, to list them."""
    bucket, key = _place(path)
    plain = "x-amz-target" not in headers and bool(key) and method in _READ
    return [Needed("s3:ListBucket", f"arn:aws:s3:::{bucket}")] if plain else []


def _object(method: str, path: str) -> Needed:
    bucket, key = _place(path)
    if not key and method == "GET" and "list-type" in parse_qs(urlsplit(path).query):
        return Needed("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    if not key or method not in _OBJECTS:
        raise UnknownCallError(f"{method} {path}")
    return Needed(f"s3:{_OBJECTS[method]}", f"arn:aws:s3:::{bucket}/{key}")


def _place(path: str) -> tuple[str, str]:
    bucket, _, key = unquote(urlsplit(path).path).lstrip("/").partition("/")
    return bucket, key


def _json(service: str, operation: str, data: Mapping[str, Any]) -> Iterator[Needed]:
    readers = {"dynamodb": _dynamodb, "sqs": _sqs, "ssm": _ssm, "states": _states}
    yield from readers[service](operation, data)


def _dynamodb(operation: str, data: Mapping[str, Any]) -> Iterator[Needed]:
    """A transaction needs what its parts need; a query of an index needs it on the index alone."""
    if operation == "TransactWriteItems":
        for part in data["TransactItems"]:
            ((verb, about),) = part.items()
            yield _of_table(_WRITES[verb], about["TableName"])
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in data["RequestItems"]:
            yield _of_table(operation, table)
    else:
        yield _of_table(operation, data["TableName"], data.get("IndexName"))


def _of_table(action: str, table: str, index: str | None = None) -> Needed:
    arn = table if table.startswith("arn:") else _arn("dynamodb", f"table/{table}")
    return Needed(f"dynamodb:{action}", f"{arn}/index/{index}" if index else arn)


def _sqs(operation: str, data: Mapping[str, Any]) -> Iterator[Needed]:
    """``sqs:SendMessageBatch`` is no permission of its own; nor are the other batches."""
    name = data.get("QueueName") or data["QueueUrl"].rpartition("/")[2]
    yield Needed(f"sqs:{operation.removesuffix('Batch')}", _arn("sqs", name))


def _ssm(operation: str, data: Mapping[str, Any]) -> Iterator[Needed]:
    for name in data.get("Names") or [data["Name"]]:
        yield Needed(f"ssm:{operation}", _arn("ssm", f"parameter{name}"))


def _states(operation: str, data: Mapping[str, Any]) -> Iterator[Needed]:
    yield Needed(f"states:{operation}", data.get("stateMachineArn") or data["executionArn"])


def _arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"
