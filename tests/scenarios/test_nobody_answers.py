"""Nobody answers: a warning, then a breach, each told once, on time, wherever it belongs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock
from chalicelib.domain.timeline import Fact
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import HURRY, WITHIN, World

ON_TIME = timedelta(seconds=2)
ALARMS = (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED)
WORDS = {Fact.CLOCK_WARNED: "Time runs out", Fact.CLOCK_BREACHED: "Too late"}


@dataclass
class Pager:
    """Somebody who has subscribed to the breaches topic."""

    url: str
    heard: list[tuple[dict[str, Any], datetime]]

    def about(self, case: Case) -> list[tuple[dict[str, Any], datetime]]:
        sqs = clients()("sqs")
        names = ["SentTimestamp"]
        found = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=names)
        for message in found.get("Messages", []):
            sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
            self.heard.append((json.loads(json.loads(message["Body"])["Message"]), sent))
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return [(news, at) for news, at in self.heard if news["case_id"] == case.id]


@pytest.fixture(scope="module")
def pager(world: World) -> Pager:
    url = clients()("sqs").create_queue(QueueName="pager")["QueueUrl"]
    names = ["QueueArn"]
    arn = clients()("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]["QueueArn"]
    topic = world.heed.stack.physical_id("SlaBreaches")
    clients()("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Pager(url, [])


def hurried(world: World) -> Customer:
    one = customer(world, "facebook")
    one.says(f"I need an answer {HURRY}")
    return one


def moments(clock: Clock) -> dict[Fact, datetime]:
    return {Fact.CLOCK_WARNED: clock.warn_at, Fact.CLOCK_BREACHED: clock.due_at}


def recorded(world: World, case: Case, fact: Fact) -> bool:
    return fact in world.facts(case)


def until_breached(world: World, case: Case) -> None:
    eventually(lambda: recorded(world, case, Fact.CLOCK_BREACHED), WITHIN + 4)
    eventually(lambda: world.lines(case, WORDS[Fact.CLOCK_BREACHED]))
    world.settle()


def check_told_once(world: World, case: Case, pager: Pager) -> None:
    """One warning and one breach, in this order, in the timeline, in the thread and on the topic."""
    assert [fact for fact in world.facts(case) if fact in ALARMS] == list(ALARMS)
    eventually(lambda: len(pager.about(case)) == 2)
    assert [news["fact"] for news, _ in pager.about(case)] == list(ALARMS)
    for words in WORDS.values():
        (line,) = world.lines(case, words)
        assert line["thread_ts"] == world.card(case)["ts"]


def lateness(world: World, case: Case, pager: Pager) -> dict[str, timedelta]:
    """How long after its moment each alarm was recorded, heard on the topic and posted in Slack."""
    due = moments(world.case(case).clocks[0])
    late = {f"{one.fact} recorded": one.recorded_at - due[one.fact] for one in world.timeline(case) if one.fact in due}
    late |= {f"{news['fact']} heard": at - due[Fact(news["fact"])] for news, at in pager.about(case)}
    calls = [call for call in list(world.slack.web.calls) if call.method == "chat.postMessage" and case.id in str(call)]
    for fact, words in WORDS.items():
        (posted,) = [call for call in calls if words in call.args["text"]]
        late[f"{fact} posted"] = datetime.fromtimestamp(posted.at, UTC) - due[fact]
    return late


@contextmanager
def paused(world: World, function: str) -> Iterator[None]:
    world.runtime.pause(function)
    try:
        yield
    finally:
        world.runtime.resume(function)


def test_warning_and_breach_come_once_and_within_two_seconds_of_their_time(world: World, pager: Pager) -> None:
    case = hurried(world).case
    until_breached(world, case)
    check_told_once(world, case, pager)
    seen = [line.get("subtype") for words in WORDS.values() for line in world.lines(case, words)]
    assert seen == ["thread_broadcast"] * 2, "the channel sees the first ones; those of the next minutes are summed up"
    late = lateness(world, case, pager)
    assert len(late) == 6
    assert all(timedelta() <= one < ON_TIME for one in late.values()), late


def test_a_restart_of_the_workers_between_warning_and_breach_changes_nothing(world: World, pager: Pager) -> None:
    case = hurried(world).case
    eventually(lambda: world.lines(case, WORDS[Fact.CLOCK_WARNED]), WITHIN)
    world.heed.restart()
    until_breached(world, case)
    check_told_once(world, case, pager)
    late = lateness(world, case, pager)
    assert all(one < ON_TIME for one in late.values()), late


def test_the_auditor_finds_what_no_timer_told_and_a_late_timer_adds_nothing(world: World, pager: Pager) -> None:
    with paused(world, "clock"):
        case = hurried(world).case
        world.card(case)
        with world.later(timedelta(seconds=WITHIN + 11)):
            world.runtime.fire("auditor")
        assert recorded(world, case, Fact.CLOCK_BREACHED)
        eventually(lambda: world.waiting("Timers"), WITHIN + 4)
    until_breached(world, case)
    check_told_once(world, case, pager)
    assert world.heed.meter.counts["checkpoints_missed"] >= 2
