"""Small stacks with one event source each, and handlers that remember."""

from collections.abc import Callable
from itertools import count
from typing import Any

from infra.local.clients import ClientFactory
from infra.local.provision import provision
from infra.local.stack import Stack

NUMBERS = count(1)
REPORTS = ["ReportBatchItemFailures"]


class Handler:
    """Remembers its events, and answers as it is told."""

    def __init__(self, answer: Callable[[list[dict[str, Any]]], Any] = lambda records: None) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self._answer = answer

    def __call__(self, name: str, event: Any) -> Any:
        self.batches.append(event["Records"])
        return self._answer(event["Records"])

    @property
    def bodies(self) -> list[str]:
        return [record["body"] for batch in self.batches for record in batch]


def queue_stack(aws: ClientFactory, queue: dict[str, Any] | None = None, **source: Any) -> Stack:
    properties = {"Queue": {"Fn::GetAtt": ["In", "Arn"]}, **source}
    events = {"E": {"Type": "SQS", "Properties": properties}}
    resources = {
        "In": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 1, **(queue or {})}},
        "Work": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.work", "Events": events}},
    }
    return provision({"Resources": resources}, aws, f"pumped{next(NUMBERS)}")


def stream_stack(aws: ClientFactory, **source: Any) -> Stack:
    properties = {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "TRIM_HORIZON", **source}
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    }
    events = {"E": {"Type": "DynamoDB", "Properties": properties}}
    resources = {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "Work": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.work", "Events": events}},
    }
    return provision({"Resources": resources}, aws, f"pumped{next(NUMBERS)}")


def send(aws: ClientFactory, stack: Stack, *bodies: str, **more: Any) -> None:
    for body in bodies:
        aws("sqs").send_message(QueueUrl=stack.physical_id("In"), MessageBody=body, **more)


def put(aws: ClientFactory, stack: Stack, *keys: str, **attributes: Any) -> None:
    for key in keys:
        aws("dynamodb").put_item(TableName=stack.physical_id("Table"), Item={"id": {"S": key}, **attributes})


def left(aws: ClientFactory, stack: Stack) -> int:
    """Messages in the queue, in flight or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = aws("sqs").get_queue_attributes(QueueUrl=stack.physical_id("In"), AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)
