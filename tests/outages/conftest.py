"""All of Heed on an embedded AWS that answers its event sources, while Heed's own calls go through a troubled line."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from chalicelib.aws.clients import client
from chalicelib.storage import DynamoStore
from chalicelib.wiring import wired
from infra.local.clients import clients
from infra.local.environment import exported
from infra.local.proxy import proxy
from tests.kills.conftest import emulator
from tests.outages.trouble import Line
from tests.scenarios.conftest import assembled
from tests.scenarios.world import World

SHORT = "2"
"""Seconds for which a message that failed is not offered again; 180 and more on AWS, five of them fit an outage."""
QUEUES = ("Inbound", "Slack", "Outbound", "Timers", "TeamMessages", "Urgent")
POLLED = ("intake", "inbox", "delivery", "clock", "desk")


@dataclass
class Outage(World):
    """Every call of Heed's own to AWS passes ``line``; its event sources and the tests look past it."""

    line: Line = field(default_factory=Line)
    looking: DynamoStore | None = None

    @property
    def store(self) -> DynamoStore:
        assert self.looking
        return self.looking


@pytest.fixture(scope="module")
def outage() -> Iterator[Outage]:
    with ExitStack() as stack:
        endpoint = stack.enter_context(emulator())
        world = assembled(stack, endpoint=endpoint, rate_limit=None)
        outage = Outage(world.slack, world.networks, world.heed, looking=DynamoStore(wired.settings.table))
        any(outage.store.pending(wired.now()))
        address = stack.enter_context(proxy(os.environ["AWS_ENDPOINT_URL"], outage.line))
        wired.forget()
        wired.meter = world.heed.meter
        with exported({"AWS_ENDPOINT_URL": address}):
            assert wired.config.brands
            for service in ("sqs", "sns", "stepfunctions", "ssm", "s3"):
                client(service)
        _shorten(world)
        yield outage


def _shorten(world: World) -> None:
    """With nobody asking: a long poll that has begun keeps to the visibility it began with."""
    for function in POLLED:
        world.runtime.pause(function)
    for queue in QUEUES:
        url = world.heed.stack.physical_id(queue)
        clients()("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": SHORT})
    for function in POLLED:
        world.runtime.resume(function)
