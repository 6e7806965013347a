"""Slack: notes stay inside, one agent gets a case, repeats and outages change nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.timeline import Fact
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import AGENTS, MESSAGES, SUPERVISOR, World


@pytest.fixture(autouse=True)
def healthy_again(world: World) -> Iterator[None]:
    yield
    world.slack.faults.clear()


BOT = "U0HEEDBOT"


def written(world: World) -> Case:
    one = customer(world, "facebook")
    one.says("Where is my order?")
    return one.case


def ephemerals(world: World) -> list[tuple[str, str]]:
    """Who was told what for themselves only."""
    return [(one.seen_by, one.body["text"]) for one in list(world.slack.workspace.messages) if one.seen_by]


def test_words_in_the_thread_become_a_note_and_never_leave(world: World) -> None:
    case = written(world)
    said = world.slack.say(MESSAGES, world.card(case)["ts"], "He is rude, be careful", AGENTS["ana"])
    assert said.ok
    (noted,) = eventually(lambda: [e for e in world.timeline(case) if e.fact is Fact.NOTE_ADDED])
    note = world.store.message(case.brand, noted.data["message_id"])
    assert note is not None
    assert (note.text, note.author, note.direction) == ("He is rude, be careful", "ana", "note")
    world.settle()
    assert world.networks.posts() == []
    assert not world.lines(case, "noted, for colleagues only")
    assert world.facts(case).count(Fact.NOTE_ADDED) == 1


def test_a_note_from_the_window_is_told_in_the_thread_and_never_leaves(world: World) -> None:
    case = written(world)
    world.press(world.card(case), "case_note", "tom")
    view = world.window("tom")
    assert "The customer never sees them" in str(view["blocks"])
    world.slack.submit(view["id"], {"text": {"text": "Ask the warehouse"}}, AGENTS["tom"])
    world.done()
    assert len(eventually(lambda: world.lines(case, "noted, for colleagues only"))) == 1
    world.settle()
    assert world.networks.posts() == []


def test_a_repeated_slack_event_adds_one_note(world: World) -> None:
    case = written(world)
    said = world.slack.say(MESSAGES, world.card(case)["ts"], "Call them on Monday", AGENTS["ana"])
    for _ in range(3):
        assert world.slack.redeliver(said.payload).ok
    world.settle()
    assert world.facts(case).count(Fact.NOTE_ADDED) == 1


def test_an_order_that_slack_tells_of_again_is_carried_out_once(world: World) -> None:
    case, before = written(world), len(ephemerals(world))
    said = world.slack.say(MESSAGES, world.card(case)["ts"], f"<@{BOT}> take", AGENTS["tom"])
    for _ in range(3):
        assert world.slack.redeliver(said.payload).ok
    world.settle()
    assert world.facts(case).count(Fact.CASE_TAKEN) == 1 and Fact.NOTE_ADDED not in world.facts(case)
    assert ephemerals(world)[before:] == []


def test_an_order_that_has_a_window_brings_its_button_along(world: World) -> None:
    """And the words behind it stay inside: a note, and not in the window either."""
    case, before = written(world), len(world.slack.workspace.messages)
    assert world.slack.say(MESSAGES, world.card(case)["ts"], f"<@{BOT}> reply Money is coming", AGENTS["ana"]).ok
    world.done()
    (hint,) = [one for one in list(world.slack.workspace.messages)[before:] if one.seen_by == AGENTS["ana"]]
    assert "only by *Reply*" in hint.body["text"]
    assert world.slack.click(MESSAGES, hint.ts, "case_reply", AGENTS["ana"]).ok
    world.done()
    view = world.window("ana")
    assert view["callback_id"] == "reply" and "Money is coming" not in str(view)
    assert world.slack.close_view(view["id"], AGENTS["ana"])
    world.settle()
    assert world.facts(case).count(Fact.NOTE_ADDED) == 1 and world.networks.posts() == []


def test_of_five_agents_who_press_take_one_gets_the_case_and_four_get_a_friendly_word(world: World) -> None:
    """And each press is told three times over: still one effect, and one word for each."""
    case = written(world)
    card, before = world.card(case), len(ephemerals(world))

    def pressed(agent: str) -> list[bool]:
        first = world.slack.click(MESSAGES, card["ts"], "case_take", AGENTS[agent])
        return [first.ok, *(world.slack.repeat(first).ok for _ in range(2))]

    with ThreadPoolExecutor(len(AGENTS)) as pool:
        assert all(all(taken) for taken in pool.map(pressed, AGENTS))
    world.done()
    winner = world.case(case).assignee
    assert winner in AGENTS
    told = ephemerals(world)[before:]
    others = set(AGENTS.values()) - {AGENTS[winner]}
    assert sorted(told) == sorted((user, f"This case was already taken by {winner.title()}.") for user in others)
    assert world.facts(case).count(Fact.CASE_TAKEN) == 1
    world.settle()
    assert f"*With:* {winner.title()}" in str(world.card(case)["blocks"])
    assert len(world.lines(case, "took this case")) == 1


def test_a_channel_that_is_closed_is_told_at_once_to_who_can_mend_it(world: World) -> None:
    def home(agent: str) -> str:
        world.slack.open_home(AGENTS[agent])
        world.done()
        return str(world.slack.views.homes[AGENTS[agent]])

    assert world.slack.admin.kick(MESSAGES).ok
    world.done()
    assert f"Heed cannot post in <#{MESSAGES}>" in home(SUPERVISOR)
    assert "cannot post" not in home("ana")
    assert world.heed.meter.counts["slack_channel_refused"] == 1, "no post had to meet it first"
    assert world.slack.admin.invite(MESSAGES).ok
    world.done()
    assert "cannot post" not in home(SUPERVISOR)


def test_while_slack_asks_to_wait_nothing_is_lost_and_one_card_comes(world: World) -> None:
    world.slack.fail("*", "ratelimited", times=4, retry_after=1)
    one = customer(world, "facebook")
    texts = ["Where is my order?", "Hello?", "Anybody there?"]
    for text in texts:
        one.says(text)
    world.settle()
    assert len(world.cards(one.case)) == 1
    assert len(world.lines(one.case, "wrote privately on Facebook")) == len(texts)
