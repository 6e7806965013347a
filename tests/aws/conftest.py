"""moto in this process, with clients made for it and forgotten afterwards."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from chalicelib.aws import clients
from chalicelib.settings import Settings

REGION = "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        clients.forget()
        yield
        clients.forget()


def queue(name: str) -> str:
    attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url: str = clients.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def received(url: str) -> list[dict[str, object]]:
    answer = clients.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
    )
    found: list[dict[str, object]] = answer.get("Messages", [])
    return found


def show_again(url: str) -> None:
    """A visibility timeout later: whatever somebody held can be seen again."""
    shown = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rpartition("/")[2]]
    for message in shown._messages:
        message.change_visibility(0)
    shown.pending_messages.clear()  # else moto forgets the order within a group


def settings(**changes: str) -> Settings:
    names = ("stage", "table", "bucket", "secrets", "inbound_url", "outbound_url", "timers_url", "slack_url")
    arns = ("case_events_arn", "sla_breaches_arn", "escalations_arn", "state_machine_arn")
    plain = {name: name for name in (*names, *arns)}
    return Settings(**{**plain, **changes})
