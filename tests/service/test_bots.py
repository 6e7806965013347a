"""Bots that speak to a brand's customers are no people, unless a promise says that they count."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.channels import load
from chalicelib.channels.base import Response
from chalicelib.domain.answers import by_bot
from chalicelib.domain.case import Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.config import Config, load_config
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import ReplyState
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.clocks import wake
from chalicelib.service.intake import Intake, Taken
from infra.config import check
from tests.build import BRAND, MINUTE, NOON, config_data, event
from tests.channels.kit import FIXTURES
from tests.service.world import HOOK, World

BOT, OTHER = "999", "1000"
CUSTOMER = "7245118832190456"


def told(channel: str, name: str) -> tuple[Event, Any]:
    """The one event of a fixture, and its body."""
    network = load(channel)
    body = network.decode((FIXTURES / channel / name).read_bytes())
    [only] = network.read(body)
    return only, body


def promising(**more: Any) -> Config:
    """Half an hour for each answer, and a bot on the brand's page."""
    targets = [{"metric": name, "within": 1800, "warn_before": 0} for name in ("first_response", "next_response")]
    data = config_data(promises=[{"targets": targets, **more}])
    data["accounts"][HOOK]["bots"] = [BOT, "Chatty"]
    return load_config(data)


@pytest.fixture
def world() -> World:
    world = World(config=promising())
    world.take()
    return world


def says(world: World, app: str, minutes: int = 1, own: bool = False, text: str = "Hi, I am a machine") -> Taken:
    world.clock.at = max(world.clock.at, NOON + minutes * MINUTE)
    facts = {"author": None, "recipient": CUSTOMER, "own": own, "text": text, "extra": {"app_id": app}}
    return world.take(Kind.ECHO, id=f"echo-{app}-{minutes}", at=NOON + minutes * MINUTE, **facts)


def hands_over(world: World, minutes: int, app: str = BOT) -> Taken:
    world.clock.at = max(world.clock.at, NOON + minutes * MINUTE)
    extra = {"previous_owner_app_id": app, "new_owner_app_id": "1", "to_us": True}
    at = NOON + minutes * MINUTE
    return world.take(Kind.HANDOVER, id=f"over-{minutes}", author=CUSTOMER, subtype="pass", at=at, extra=extra)


def first(world: World) -> list[Clock]:
    return [clock for clock in world.case().clocks if clock.metric is Metric.FIRST_RESPONSE]


def test_a_bots_words_answer_nothing_and_say_who_said_them(world: World) -> None:
    says(world, BOT)
    assert (world.case().status, first(world)[0].state) == (Status.NEW, ClockState.RUNNING)
    [said] = [one for one in world.store.timeline(BRAND, world.case().id) if one.fact is Fact.REPLY_ELSEWHERE]
    assert (said.actor, by_bot(said)) == (f"bot:{BOT}", True)


def test_a_colleague_in_another_tool_is_a_person(world: World) -> None:
    says(world, OTHER)
    assert (world.case().status, first(world)[0].state) == (Status.PENDING, ClockState.MET)


def test_a_bots_words_count_where_the_promise_says_so() -> None:
    world = World(config=promising(replies="any"))
    world.take()
    says(world, BOT)
    assert (world.case().status, first(world)[0].state) == (Status.PENDING, ClockState.MET)


def test_people_begin_where_the_bot_hands_the_talk_over(world: World) -> None:
    says(world, BOT, 1)
    assert hands_over(world, 20) is Taken.RECORDED
    [clock] = first(world)
    assert (clock.anchor_at, clock.due_at) == (NOON + 20 * MINUTE, NOON + 50 * MINUTE)
    assert world.facts()[-1] is Fact.CASE_HANDED
    assert hands_over(world, 20) is Taken.DUPLICATE
    assert world.facts().count(Fact.CASE_HANDED) == 1


def test_what_broke_before_the_hand_over_stays_broken_and_people_have_their_own_time(world: World) -> None:
    world.clock.at = NOON + 40 * MINUTE
    wake(world.store, BRAND, world.case().id, world.clock())
    hands_over(world, 40)
    assert [(clock.state, clock.due_at - NOON) for clock in first(world)] == [
        (ClockState.BREACHED, 30 * MINUTE),
        (ClockState.RUNNING, 70 * MINUTE),
    ]


def test_a_hand_over_wants_an_answer_of_people_even_where_the_bot_had_answered() -> None:
    world = World(config=promising(replies="any"))
    world.take()
    says(world, BOT, 1)
    hands_over(world, 20)
    assert world.case().status is Status.OPEN
    assert [(clock.state, clock.due_at - NOON) for clock in first(world)] == [
        (ClockState.MET, 30 * MINUTE),
        (ClockState.RUNNING, 50 * MINUTE),
    ]
    says(world, OTHER, 25)
    assert first(world)[-1].state is ClockState.MET


def test_people_who_were_quicker_than_the_hand_over_owe_nothing_more(world: World) -> None:
    says(world, OTHER, 10)
    hands_over(world, 5)
    assert (world.case().status, [clock.state for clock in first(world)]) == (Status.PENDING, [ClockState.MET])


@pytest.mark.parametrize("app", [OTHER, "263902037430900"])
def test_a_thread_that_people_pass_on_is_no_hand_over_of_a_bot(world: World, app: str) -> None:
    assert hands_over(world, 5, app) is Taken.SIGNAL


def test_a_hand_over_of_a_case_that_is_over_or_never_was_is_nothing() -> None:
    world = World(config=promising())
    assert hands_over(world, 5) is Taken.DUPLICATE


def test_another_machines_words_prove_nothing_of_a_reply_in_doubt(world: World) -> None:
    world.http.script = [Response(200), Response(200, {}, b"[]")]
    reply = world.answer()
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
    says(world, BOT, 2, own=True, text="something else")
    assert world.reply(reply.id).state is ReplyState.UNKNOWN
    says(world, OTHER, 3, own=True, text="something else")
    assert world.reply(reply.id).state is ReplyState.SENT


def test_metas_own_hand_over_is_understood() -> None:
    world = World(config=promising())
    data = config_data(promises=[{"targets": [{"metric": "first_response", "within": 1800, "warn_before": 0}]}])
    data["accounts"][HOOK]["bots"] = ["1517776481860111"]
    world.config = load_config(data)
    over, _ = told("facebook", "messenger_pass_thread_control.json")
    asked = over.at
    assert asked is not None
    world.clock.at = asked
    world.tell(event(author=over.author, at=asked - 20 * MINUTE, conversation=over.conversation))
    assert Intake(world.store, world.config, world.channel).take(over, HOOK, asked) is Taken.RECORDED
    [clock] = world.case(str(over.author)).clocks
    assert clock.due_at == asked + timedelta(minutes=30)


def test_a_bot_is_named_by_what_its_network_says(world: World) -> None:
    for name in ("app", "by"):
        facts = {"author": None, "recipient": CUSTOMER, "extra": {name: "Chatty"}}
        world.take(Kind.ECHO, id=f"echo-{name}", at=NOON + MINUTE, **facts)
    actors = [one.actor for one in world.store.timeline(BRAND, world.case().id)]
    assert actors.count("bot:Chatty") == 2


def test_github_says_which_machine_it_was() -> None:
    said, body = told("standard_webhooks", "github_style_issue_comment_by_bot.json")
    assert said.extra == {"by": body["comment"]["user"]["login"]}


def test_no_key_of_an_agent_looks_like_a_bot(tmp_path: Path) -> None:
    assert not by_bot(Happening(Fact.REPLY_SENT, NOON, "bot"))
    file = tmp_path / "care.yaml"
    file.write_text('agents:\n  "bot:hello": {name: B, email: b@example.com, role: agent, brands: [harbor]}\n')
    assert any('"bot:hello" cannot be a key in agents' in one.what for one in check(file).problems)
