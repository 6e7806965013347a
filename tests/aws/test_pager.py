"""Pages leave by one topic, filtered by whoever subscribes."""

import json

import pytest

from chalicelib.aws.clients import client
from chalicelib.aws.pager import SnsPager
from chalicelib.domain.notices import Page
from tests.aws.conftest import queue, received

pytestmark = pytest.mark.usefixtures("aws")


def subscribed(name: str, **only: list[str]) -> tuple[SnsPager, str]:
    sns, url = client("sns"), queue(name)
    names = ["QueueArn"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="escalations")["TopicArn"]
    attributes = {"FilterPolicy": json.dumps(only), "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return SnsPager(topic), url


def page(way: str, target: str, subject: str = "Messages: escalated") -> Page:
    return Page("case-1/notice", "harbor", "messages", way, target, subject, "Case c-1 waits.", ("c-1",), 1)


def test_each_address_gets_its_own_and_the_name_to_compare() -> None:
    pager, url = subscribed("lead", way=["email"], target=["lead@example.com"])
    for target in ("lead@example.com", "other@example.com"):
        pager.page(page("email", target, "long " * 40))
    pager.page(page("sms", "lead@example.com"))
    (message,) = received(url)
    assert message["Body"] == "Case c-1 waits."
    assert message["MessageAttributes"]["name"]["StringValue"] == "case-1/notice"  # type: ignore[index]


def test_a_webhook_gets_json() -> None:
    pager, url = subscribed("hook", way=["webhook"])
    pager.page(page("webhook", "https://hooks.example.com/heed"))
    (message,) = received(url)
    told = json.loads(str(message["Body"]))
    assert (told["cases"], told["count"], told["queue"]) == (["c-1"], 1, "messages")


def test_a_subject_is_as_sns_takes_it() -> None:
    """Fewer than 100 characters, all of them ASCII: a team may be called anything."""
    sent: list[str] = []
    pager, _ = subscribed("lead")
    client("sns").meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: sent.append(params["Subject"])
    )
    for name in ("Zürich", "Kundendienst " * 12):
        pager.page(page("email", "lead@example.com", f"{name}: escalated"))
    assert sent[0] == "Zurich: escalated" and len(sent[1]) == 99
