"""All of Heed on an embedded AWS that answers its event sources, while Heed's own calls go through a troubled line."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.aws.clients import client
from chalicelib.storage import DynamoStore
from chalicelib.wiring import wired
from infra.local.clients import clients
from infra.local.environment import exported
from infra.local.proxy import proxy
from infra.local.pumps.base import Invoke
from infra.local.pumps.report import failed_ids
from tests.kills.conftest import emulator
from tests.outages.trouble import Line
from tests.scenarios.conftest import assembled
from tests.scenarios.world import World

SHORT = 2
"""Seconds after which a message that failed is offered again; 180 and more on AWS, five of them fit an outage."""
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


class Hasty:
    """Calls functions, and offers at once again what they failed. The queues' own patience stays what it is on AWS:

    a call that waits for a service that is away may take longer than ``SHORT``, and keeps its messages to itself.
    """

    def __init__(self, here: Invoke) -> None:
        self._here = here

    def __call__(self, name: str, event: Any) -> Any:
        receipts = {record["messageId"]: record["receiptHandle"] for record in event["Records"]}
        failed = set(receipts)
        try:
            answer = self._here(name, event)
            failed = failed_ids(answer, list(receipts))
        finally:
            for one in failed:
                _show_again(event["Records"][0]["eventSourceARN"], receipts[one])
        return answer


def _show_again(arn: str, receipt: str) -> None:
    sqs = clients()("sqs")
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=SHORT)


@pytest.fixture(scope="module")
def everything() -> Iterator[Outage]:
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
        for function in POLLED:
            outage.run_elsewhere(function, Hasty(world.heed.switch.here))
        yield outage


@pytest.fixture
def outage(everything: Outage) -> Outage:
    """Without what another story left buried."""
    for queue in (*QUEUES, "Publisher"):
        clients()("sqs").purge_queue(QueueUrl=everything.heed.stack.physical_id(f"{queue}Dead"))
    return everything
