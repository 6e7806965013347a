"""The roles of a provisioned template, and which of their permissions were used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from infra.local.iam.wire import Needed
from infra.local.stack import EventSource, Function, Stack

_LOGS = frozenset({"logs:CreateLogStream", "logs:PutLogEvents"})
_POLLING = {
    "SQS": frozenset({"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}),
    "DynamoDB": frozenset(
        {"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"}
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Allowed:
    """One action on one pattern of resources."""

    action: str
    resource: str

    def covers(self, one: Needed) -> bool:
        return fnmatchcase(one.action, self.action) and fnmatchcase(one.resource, self.resource)


def allowed(stack: Stack, function: Function) -> frozenset[Allowed]:
    """What the function's role allows, one by one."""
    return policy(stack, function.role)


def policy(stack: Stack, role: str) -> frozenset[Allowed]:
    """What a role allows, one by one. Statements other than plain Allow raise ValueError."""
    found: set[Allowed] = set()
    for each in stack.policies[role]:
        for statement in each["PolicyDocument"]["Statement"]:
            if statement["Effect"] != "Allow" or statement.keys() - {"Sid", "Effect", "Action", "Resource"}:
                raise ValueError(f"{role}: a statement that cannot be judged here: {statement}")
            found.update(
                Allowed(action, to) for action in _all(statement["Action"]) for to in _all(statement["Resource"])
            )
    return frozenset(found)


def of_the_platform(function: Function, one: Allowed) -> bool:
    """Whether Lambda itself uses this permission: for logs, for polling a source, for records it gives up."""
    return one.action in _LOGS or any(_polls(source, one) for source in function.events)


def _polls(source: EventSource, one: Allowed) -> bool:
    where = source.properties.get("Queue") or source.properties.get("Stream")
    failed = source.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    polled = one.resource == where and one.action in _POLLING.get(source.kind, ())
    return polled or (one.resource == failed and one.action == "sqs:SendMessage")


def unused(stack: Stack, used: Mapping[str, Iterable[Needed]]) -> list[tuple[str, Allowed]]:
    """(function, permission) of all that no call needed and that Lambda itself does not use."""
    return [
        (function.logical_id, one)
        for function in stack.functions.values()
        for one in sorted(allowed(stack, function))
        if not of_the_platform(function, one)
        and not any(one.covers(call) for call in used.get(function.logical_id, ()))
    ]


def _all(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
