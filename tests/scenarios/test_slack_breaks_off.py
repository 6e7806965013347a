"""Slack breaks off in the middle of a call: what it did is looked up before anything is said again."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.case import Case
from infra.doubles.slack.gate import FaultKind
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import World

MINUTE = timedelta(seconds=61)
ANSWER_LOST = [("drop_before", 0), ("drop_after", 1), ("server_error", 0)]


@pytest.fixture(autouse=True)
def healthy_again(world: World) -> Iterator[None]:
    yield
    world.slack.faults.clear()


def in_hand(world: World) -> int:
    return world.waiting("TeamMessages", "", "NotVisible")


def broke_off(world: World) -> bool:
    """Whether the fault has struck, and what it struck waits to be offered again."""
    struck = not world.slack.faults.waiting and not in_hand(world)
    return struck and world.waiting("TeamMessages", "Delayed") > 0


def a_minute_later(world: World, case: Case, *texts: str) -> None:
    """What waits for its minute comes now, twice. Every message is told once, beneath one card."""
    queue = world.heed.stack.physical_id("TeamMessages")
    news = [{"brand": case.brand, "case_id": case.id, "seq": seq} for seq in range(1, world.case(case).seq + 1)]
    with world.later(MINUTE):
        for one in [*news, *news]:
            clients()("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(one))
        eventually(lambda: all(world.lines(case, text) for text in texts) and not in_hand(world))
    assert [len(world.lines(case, text)) for text in texts] == [1] * len(texts)
    assert len(world.cards(case)) == 1
    assert texts[-1] in str(world.card(case)["blocks"])
    assert world.heed.depths()["TeamMessagesDead"] == 0


@pytest.mark.parametrize(("fault", "standing"), ANSWER_LOST)
def test_a_card_whose_posting_got_no_answer_is_never_doubled(world: World, fault: FaultKind, standing: int) -> None:
    world.slack.fail("chat.postMessage", fault)
    one = customer(world, "facebook")
    one.says("Where is my order?")
    eventually(lambda: broke_off(world))
    assert len(world.cards(one.case)) == standing
    a_minute_later(world, one.case, "Where is my order?")


@pytest.mark.parametrize(("fault", "standing"), ANSWER_LOST)
def test_a_line_whose_posting_got_no_answer_is_never_doubled(world: World, fault: FaultKind, standing: int) -> None:
    one = customer(world, "facebook")
    one.says("Where is my order?")
    eventually(lambda: world.lines(one.case, "Where is my order?"))
    world.slack.fail("chat.postMessage", fault)
    one.says("Hello?")
    eventually(lambda: broke_off(world))
    assert len(world.lines(one.case, "Hello?")) == standing
    a_minute_later(world, one.case, "Where is my order?", "Hello?")
