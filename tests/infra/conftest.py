"""One emulator for these tests; each that wants a stack gets its own, under its own name."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from infra.local.clients import ClientFactory, clients
from infra.local.emulator import Emulator
from infra.local.environment import environment, exported
from infra.local.provision import provision
from infra.local.stack import Stack
from infra.template.render import fresh_modules, render
from tests.infra.sample_resources import PROJECT, resources

_NUMBERS = count(1)


@pytest.fixture(scope="package")
def endpoint() -> Iterator[str]:
    with Emulator() as running:
        yield running.endpoint


@pytest.fixture
def emulator(endpoint: str) -> Iterator[str]:
    """The endpoint, to which the environment points for this test only."""
    with exported(environment(endpoint)):
        yield endpoint


@pytest.fixture
def aws(emulator: str) -> ClientFactory:
    return clients(emulator)


@pytest.fixture(scope="package")
def template() -> dict[str, Any]:
    return render("local", PROJECT, resources())


@dataclass(frozen=True)
class Sample:
    """A provisioned sample app and the questions tests ask of it."""

    stack: Stack
    aws: ClientFactory

    def item(self, key: str) -> dict[str, Any] | None:
        table = self.stack.physical_id("Notes")
        answer = self.aws("dynamodb").get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
        found: dict[str, Any] | None = answer.get("Item")
        return found

    def send(self, queue: str, body: str, **more: Any) -> None:
        self.aws("sqs").send_message(QueueUrl=self.stack.physical_id(queue), MessageBody=body, **more)

    def receive(self, queue: str) -> list[str]:
        answer = self.aws("sqs").receive_message(QueueUrl=self.stack.physical_id(queue), WaitTimeSeconds=1)
        return [message["Body"] for message in answer.get("Messages", [])]


@pytest.fixture
def sample(aws: ClientFactory, template: dict[str, Any]) -> Iterator[Sample]:
    stack = provision(template, aws, f"sample{next(_NUMBERS)}")
    with exported(stack.environment()), fresh_modules(PROJECT):
        yield Sample(stack, aws)
