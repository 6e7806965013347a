"""An angry public comment: seen at once by the right team, answered in public, resolved."""

import json
from datetime import timedelta

from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.reply import ReplyState
from chalicelib.domain.timeline import Fact
from infra.doubles.networks.ledger import Post
from infra.doubles.networks.people import Event
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import AGENTS, ESCALATIONS, World

ANGER = "I want a refund. This is a scandal!"
ANSWER = "We are sorry. Your money is on its way; we wrote to you about the rest."


def posts_under(world: World, comment: Event) -> list[Post]:
    return [post for post in world.networks.posts("facebook") if post.parent == comment.id]


def wake_late(world: World, case: Case) -> None:
    """A timer that was started for the case runs out after everything is over."""
    timer = {"brand": case.brand, "case_id": case.id, "revision": 0, "at": "2026-01-01T00:00:00.000Z"}
    clients()("sqs").send_message(QueueUrl=world.heed.stack.physical_id("Timers"), MessageBody=json.dumps(timer))


def test_its_card_stands_in_the_right_teams_channel_before_anything_waits(world: World) -> None:
    """Each hands it on to the next at once: nothing that looks now and then is needed."""
    customer(world, "facebook").says("Good morning", "comment")
    angry = customer(world, "facebook")
    comment = angry.event(ANGER, "comment")
    world.heed.switch.called.clear()
    angry.tells(comment)
    eventually(lambda: (found := angry.found()) and world.cards(found))
    called = {name.rsplit("-", 1)[1] for name in world.heed.switch.called}

    case = angry.case
    assert (case.queue, case.priority, case.reasons) == ("escalations", Priority.HIGH, ("angry words",))
    card = world.card(case)
    assert world.slack.workspace.find(ESCALATIONS, card["ts"]) is not None
    assert "refund" in card["text"]
    assert called == {"Intake", "Publisher", "Desk"}
    on_the_way = [source for one in called for source in world.heed.stack.functions[one].events]
    assert not any(source.properties.get("MaximumBatchingWindowInSeconds") for source in on_the_way)


def test_the_reply_window_names_network_audience_and_recipient(world: World) -> None:
    angry = customer(world, "facebook")
    angry.says(ANGER, "comment")
    world.press(world.card(angry.case), "case_reply", "tom")
    shown = world.window("tom")
    assert "PUBLIC on Facebook: everyone can read it" in str(shown["blocks"])
    assert f"To {angry.person.name}" in str(shown["blocks"])
    closed = world.slack.close_view(shown["id"], AGENTS["tom"])
    assert closed is not None and closed.ok


def test_an_agent_takes_it_and_the_public_answer_reaches_facebook_exactly_once(world: World) -> None:
    angry = customer(world, "facebook")
    comment = angry.says(ANGER, "comment")
    case = angry.case
    world.press(world.card(case), "case_take", "ana")
    assert world.case(case).assignee == "ana"
    eventually(lambda: "*With:* Ana" in str(world.card(case)["blocks"]))
    assert "case_take" not in str(world.card(case)["blocks"])

    reply = world.answer(case, ANSWER)
    eventually(lambda: world.reply(reply.id).state is ReplyState.SENT)
    (post,) = posts_under(world, comment)
    assert (post.kind, post.text, post.id) == ("comment", ANSWER, world.reply(reply.id).native_id)
    first, resolution = world.case(case).clocks
    assert (first.state, resolution.state) == (ClockState.MET, ClockState.RUNNING)
    eventually(lambda: "Answered in time" in str(world.card(case)["blocks"]))
    eventually(lambda: world.lines(case, "The answer was sent PUBLICLY on Facebook"))

    before = world.facts(case)
    angry.tells(echo_of(angry, post))
    world.settle()
    assert world.facts(case) == before
    assert posts_under(world, comment) == [post]


def echo_of(angry: Customer, post: Post) -> Event:
    """Facebook tells us of our own comment."""
    return Event("comment_echo", angry.person, post.id, post.at, post.text, post.parent, angry.ids.thread(True))


def test_resolving_stops_every_clock_for_good(world: World) -> None:
    angry = customer(world, "facebook")
    angry.says(ANGER, "comment")
    case = angry.case
    world.press(world.card(case), "case_resolve", "ana")
    assert world.case(case).status is Status.SOLVED
    with world.later(timedelta(hours=9)):
        wake_late(world, case)
        world.settle()
        world.runtime.fire("auditor")
        world.settle()

    assert not {Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED} & set(world.facts(case))
    assert world.facts(case)[-1] is Fact.CASE_SOLVED
    assert [clock.state for clock in world.case(case).clocks] == [ClockState.CANCELLED, ClockState.MET]
    assert not world.lines(case, "Time runs out") + world.lines(case, "Too late")
    assert world.card(case)["text"].startswith("Solved:")
