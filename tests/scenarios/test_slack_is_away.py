"""Heed is thrown out of Slack and let in again: what happened meanwhile stands there, once."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.case import Case
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import BOT_TOKEN, MESSAGES, World

pytestmark = pytest.mark.alone

PAUSE = timedelta(minutes=6)
"""Longer than the desk leaves a refusal alone."""
MANY = 100_000


def archived(world: World) -> None:
    world.slack.workspace.set_channel(MESSAGES, "messages", archived=True)


def removed(world: World) -> None:
    world.slack.workspace.set_channel(MESSAGES, "messages", member=False)


def gone(world: World) -> None:
    del world.slack.workspace.channels[MESSAGES]


def another_token(world: World) -> None:
    world.slack.web.bot_token = "xoxb-another"


def revoked(world: World) -> None:
    world.slack.fail("*", "error", MANY, error="token_revoked")


def uninstalled(world: World) -> None:
    world.slack.fail("*", "error", MANY, error="account_inactive")


def silent(world: World) -> None:
    world.slack.fail("*", "drop_before", MANY)


def sick(world: World) -> None:
    world.slack.fail("*", "server_error", MANY)


TROUBLES = [archived, removed, gone, another_token, revoked, uninstalled, silent, sick]


@pytest.fixture(autouse=True)
def healthy_again(world: World) -> Iterator[None]:
    yield
    heals(world)


def heals(world: World) -> None:
    world.slack.faults.clear()
    world.slack.web.bot_token = BOT_TOKEN
    world.slack.workspace.set_channel(MESSAGES, "messages")


def put_off(world: World, case: Case, before: int) -> None:
    """Slack was asked about this case in vain since so many calls, and the work waits to be offered again."""

    def in_vain() -> bool:
        calls = world.slack.web.calls[before:]
        return any(case.id in str(call.args) and call.result != "ok" for call in calls) and not busy(world)

    eventually(in_vain)


def offered_again(world: World, case: Case, *texts: str) -> None:
    """What waits comes now, twice and the last first."""
    queue = world.heed.stack.physical_id("TeamMessages")
    news = [{"brand": case.brand, "case_id": case.id, "seq": seq} for seq in range(world.case(case).seq, 0, -1)]
    with world.later(PAUSE):
        for one in [*news, *news]:
            clients()("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(one))
        eventually(lambda: all(world.lines(case, text) for text in texts) and not busy(world))


def busy(world: World) -> int:
    return world.waiting("TeamMessages", "", "NotVisible")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_case_that_came_while_slack_refused_stands_there_afterwards(
    world: World, trouble: Callable[[World], None]
) -> None:
    trouble(world)
    one = customer(world, "facebook")
    before = len(world.slack.web.calls)
    one.says("Is anybody there?")
    put_off(world, one.case, before)
    heals(world)
    offered_again(world, one.case, "Is anybody there?")
    assert len(world.cards(one.case)) == 1 and len(world.lines(one.case, "Is anybody there?")) == 1
    assert world.heed.depths()["TeamMessagesDead"] == 0


@pytest.mark.parametrize("trouble", [archived, revoked, silent])
def test_a_card_that_stood_before_shows_afterwards_what_happened_meanwhile(
    world: World, trouble: Callable[[World], None]
) -> None:
    one = customer(world, "facebook")
    one.says("Hello?")
    eventually(lambda: world.lines(one.case, "Hello?"))
    trouble(world)
    before = len(world.slack.web.calls)
    one.says("Still waiting.")
    put_off(world, one.case, before)
    assert not world.lines(one.case, "Still waiting.")
    heals(world)
    offered_again(world, one.case, "Still waiting.")
    assert len(world.cards(one.case)) == 1
    assert [len(world.lines(one.case, text)) for text in ("Hello?", "Still waiting.")] == [1, 1]
    assert "Still waiting." in str(world.card(one.case)["blocks"])
