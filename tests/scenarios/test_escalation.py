"""A promise breaks and nobody acts: the team is told, one is on it, nothing follows, and the next one is called."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.timeline import Fact
from infra.doubles.slack.shapes import Json
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.conftest import assembled
from tests.scenarios.people import customer
from tests.scenarios.world import AGENTS, HURRY, WITHIN, World, policy

HELD, PAUSE = 5, 2
ROTATION = {
    "layers": [{"members": ["tom"], "zone": "UTC", "start": "2026-06-01", "handover": 0, "days": 1, "hours": None}],
    "overrides": [],
    "queue": "messages",
}
CHAIN = {
    "acknowledged_for": HELD,
    "ends_on_answer": True,
    "steps": [
        {"kind": "notify", "way": "team"},
        {"kind": "wait", "span": 60},
        {"kind": "notify", "way": "on_call", "target": "social"},
        {"kind": "wait", "span": PAUSE},
        {"kind": "notify", "way": "email", "target": "lead@example.com"},
    ],
}
CALLED, ON_IT = "nobody has followed", "case_acknowledge"


def chained() -> dict[str, Any]:
    data = policy()
    data["queues"]["messages"]["chain"] = "urgent"
    return {**data, "chains": {"urgent": CHAIN}, "rotations": {"social": ROTATION}}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield assembled(stack, chained())


@pytest.fixture(scope="module")
def inbox(world: World) -> str:
    """The lead's mailbox: what the topic sends to this address."""
    sqs = clients()("sqs")
    url = sqs.create_queue(QueueName="lead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    only = {"FilterPolicy": json.dumps({"way": ["email"]}), "RawMessageDelivery": "true"}
    topic = world.heed.stack.physical_id("Escalations")
    clients()("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=only)
    return str(url)


def calls(world: World, case: Case) -> list[Json]:
    return world.lines(case, CALLED)


def directs(world: World, case: Case, agent: str) -> list[Json]:
    """What the agent reads in their own conversation with Heed."""
    channel = world.slack.workspace.channel(AGENTS[agent]).id
    return [one.body for one in world.slack.workspace.messages if one.channel == channel and case.id in str(one.body)]


def mails(url: str) -> list[str]:
    found = clients()("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    return [message["Body"] for message in found.get("Messages", [])]


def test_breach_notice_acknowledgement_expiry_next_step(world: World, inbox: str) -> None:
    one = customer(world, "facebook")
    one.says(f"I need an answer {HURRY}")
    case = one.case
    (called,) = eventually(lambda: calls(world, case), WITHIN + 6)
    assert called["thread_ts"] == world.card(case)["ts"] and called["subtype"] == "thread_broadcast"
    world.press(called, ON_IT, "ana")
    eventually(lambda: Fact.CASE_ACKNOWLEDGED in world.facts(case))
    assert directs(world, case, "tom") == []
    (direct,) = eventually(lambda: directs(world, case, "tom"), HELD + 6)
    assert CALLED in direct["text"]
    (mail,) = eventually(lambda: mails(inbox), PAUSE + 6)
    assert case.id in mail and "Customer" not in mail
    world.settle()
    told = [fact for fact in world.facts(case) if fact in STORY]
    assert told == [
        Fact.CLOCK_BREACHED,
        Fact.CASE_ESCALATED,
        Fact.CASE_NOTIFIED,
        Fact.CASE_ACKNOWLEDGED,
        Fact.CASE_UNACKNOWLEDGED,
        Fact.CASE_NOTIFIED,
        Fact.CASE_NOTIFIED,
        Fact.CASE_ESCALATED,
    ]
    assert len(calls(world, case)) == 2 and len(directs(world, case, "tom")) == 1
    assert world.heed.meter.counts["checkpoints_missed"] == 0
    with world.later(timedelta(minutes=3), here=True):
        world.runtime.fire("herald")
    assert len(world.told(case)) == len(world.lines(case)) + 1, "nothing was gathered, so nothing is summed up"


STORY = {
    Fact.CLOCK_BREACHED,
    Fact.CASE_ESCALATED,
    Fact.CASE_NOTIFIED,
    Fact.CASE_ACKNOWLEDGED,
    Fact.CASE_UNACKNOWLEDGED,
}
