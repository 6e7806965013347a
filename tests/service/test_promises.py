"""Promises on their whole way: from the policy file through intake and the bus into the log of the clocks."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels import load
from chalicelib.domain.case import Origin, Priority, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.commands import Answer, Dismiss, Resolve, SetPriority, Snooze
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.ids import reply_id
from chalicelib.domain.policy import Traits, preview
from chalicelib.domain.reply import Mode
from chalicelib.domain.report import Verdict, report
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import wake
from tests.build import BRAND, MINUTE, NOON, config
from tests.channels.kit import FIXTURES
from tests.service.world import World

URGENT = {"priorities": ["urgent"], "targets": [{"metric": "resolution", "within": 3600, "warn_before": 600}]}
TALK = {
    "targets": [
        {"metric": "first_response", "within": 1800, "warn_before": 0},
        {"metric": "next_response", "within": 3600, "warn_before": 600},
        {"metric": "resolution", "within": 7200, "warn_before": 600},
    ],
    "pause_on": ["on_hold"],
}


@pytest.fixture
def world() -> World:
    world = World(config=config(promises=[URGENT, TALK]))
    world.take()
    return world


def clock(world: World, metric: Metric) -> Any:
    return [one for one in world.case().clocks if one.metric is metric][-1]


def answered(world: World, press: str = "view-1") -> None:
    world.delivery.deliver(BRAND, world.answer(command_id=press).id)


def test_a_further_question_is_due_by_itself_and_thanks_are_not(world: World) -> None:
    answered(world)
    world.take(id="mid-2", at=world.clock.pass_by(5 * MINUTE), text="and where is my refund?")
    world.take(id="mid-3", at=world.clock.pass_by(5 * MINUTE), text="hello?")
    assert clock(world, Metric.NEXT_RESPONSE).due_at == NOON + 65 * MINUTE
    answered(world, "view-2")
    world.take(id="mid-4", at=world.clock.pass_by(MINUTE), text="danke! 👍")
    assert not clock(world, Metric.NEXT_RESPONSE).open
    assert world.case().status is Status.PENDING
    assert world.message("mid-4") is not None
    assert world.facts()[-1] is Fact.MESSAGE_RECEIVED


def test_thanks_leave_a_solved_case_solved_and_are_written_down(world: World) -> None:
    world.bus(Resolve("press", BRAND, world.case().id, "ana"), world.clock())
    world.take(id="mid-2", at=world.clock.pass_by(MINUTE), text="Muito obrigado!")
    assert (world.case().status, world.facts()[-1]) == (Status.SOLVED, Fact.MESSAGE_RECEIVED)
    picture = (Attachment("image", "https://example.com/1.jpg"),)
    world.take(id="mid-3", at=world.clock.pass_by(MINUTE), text="thanks", attachments=picture)
    assert world.case().live


def test_ok_is_the_answer_to_a_question_of_ours(world: World) -> None:
    world.delivery.deliver(BRAND, world.answer("Shall we refund you?").id)
    world.take(id="mid-2", at=world.clock.pass_by(MINUTE), text="ok")
    assert (world.case().status, clock(world, Metric.NEXT_RESPONSE).anchor_at) == (Status.OPEN, NOON + MINUTE)
    world.take(id="mid-3", at=world.clock.pass_by(MINUTE), text="thanks")
    world.delivery.deliver(BRAND, world.answer("It is done.", command_id="view-2").id)
    world.take(id="mid-4", at=world.clock.pass_by(MINUTE), text="ok")
    assert world.case().status is Status.PENDING


def test_a_question_of_a_colleague_elsewhere_is_one_too_but_not_one_before_our_last_words(world: World) -> None:
    told = {"author": None, "recipient": "7245118832190456", "own": False}
    world.delivery.deliver(BRAND, world.answer("It is on its way.").id)
    world.take(Kind.ECHO, id="e1", text="Which order is it?", at=NOON - MINUTE, **told)
    world.take(id="mid-2", at=world.clock.pass_by(MINUTE), text="ok")
    assert world.case().status is Status.PENDING
    world.take(Kind.ECHO, id="e2", text="Did it arrive?", at=world.clock.pass_by(MINUTE), **told)
    world.take(id="mid-3", at=world.clock.pass_by(MINUTE), text="ok")
    assert world.case().status is Status.OPEN


def test_a_thumb_leaves_a_solved_case_solved(world: World) -> None:
    world.bus(Resolve("press", BRAND, world.case().id, "ana"), world.clock())
    body = json.loads((FIXTURES / "facebook" / "messenger_sticker_dual.json").read_text())
    [thumb] = load("facebook").read(body)
    world.take(id="mid-2", at=world.clock.pass_by(MINUTE), text=None, attachments=thumb.attachments)
    assert (world.case().status, world.facts()[-1]) == (Status.SOLVED, Fact.MESSAGE_RECEIVED)


def test_reactions_start_nothing(world: World) -> None:
    answered(world)
    world.take(Kind.REACTION, of="mid-1", emoji="👍", at=world.clock.pass_by(MINUTE))
    assert Metric.NEXT_RESPONSE not in {one.metric for one in world.case().clocks if one.open}


def test_first_words_open_a_case_whatever_they_say() -> None:
    world = World(config=config(promises=[TALK]))
    world.take(text="thanks")
    assert world.case().live


def test_a_case_knows_where_it_came_from_and_which_policy_it_has(world: World) -> None:
    case = world.case()
    assert case.origin == Origin("facebook", "message")
    assert case.terms is not None
    assert (case.terms.policy, case.terms.version, case.terms.pause_on) == ("2", 1, ("on_hold",))


def test_another_priority_brings_its_policy_and_keeps_what_was_consumed(world: World) -> None:
    later = world.clock.pass_by(20 * MINUTE)
    world.bus(SetPriority("press", BRAND, world.case().id, "ana", Priority.URGENT), later)
    resolution = clock(world, Metric.RESOLUTION)
    assert (resolution.due_at, resolution.consumed) == (NOON + 60 * MINUTE, 20 * MINUTE)
    assert clock(world, Metric.FIRST_RESPONSE).state is ClockState.CANCELLED
    assert world.clock_steps()[-2:] == ["first_response-0 cancel", "resolution-0 recompute"]


def test_a_snooze_rests_the_clocks_and_ends_by_itself(world: World) -> None:
    until = NOON + timedelta(hours=5)
    world.bus(Snooze("press", BRAND, world.case().id, "ana", until), world.clock.pass_by(10 * MINUTE))
    checkpoint = world.case().next_checkpoint
    assert checkpoint is not None
    assert checkpoint.at == until
    assert world.case().due_at is None
    assert wake(world.store, BRAND, world.case().id, until) == 1
    assert world.facts()[-1] is Fact.CASE_WOKEN
    assert clock(world, Metric.RESOLUTION).due_at == until + 110 * MINUTE
    told = report(world.store.timeline(BRAND, world.case().id))
    assert told[Metric.RESOLUTION, 0].pauses == {("on_hold", "ana"): 290 * MINUTE}


def test_what_was_no_request_counts_neither_as_kept_nor_as_broken(world: World) -> None:
    world.bus(Dismiss("press", BRAND, world.case().id, "ana"), world.clock.pass_by(200 * MINUTE))
    told = report(world.store.timeline(BRAND, world.case().id)).values()
    assert {one.verdict for one in told} == {Verdict.NEITHER}


CLOSING = {
    "targets": [
        {"metric": "first_response", "within": 1800, "warn_before": 0},
        {"metric": "loop_close", "within": 7200, "warn_before": 600},
    ]
}


def answered_in_private() -> World:
    """A comment answered in its author's inbox, and the case solved five minutes later."""
    world = World(config=config(promises=[CLOSING]))
    world.take(Kind.COMMENT, id="c1", public=True, conversation=None, post="p1")
    thread = world.case().thread()
    assert thread is not None
    answer = Answer("v1", BRAND, world.case().id, "ana", "Sorry!", Mode.PRIVATE_REPLY, thread.conversation_id)
    world.bus(answer, world.clock.pass_by(5 * MINUTE))
    world.delivery.deliver(BRAND, reply_id(BRAND, "v1"))
    world.bus(Resolve("r1", BRAND, world.case().id, "ana"), world.clock.pass_by(5 * MINUTE))
    return world


def test_solving_does_not_close_the_loop_in_public() -> None:
    world = answered_in_private()
    assert world.case().status is Status.SOLVED
    assert world.case().timer is not None
    assert list(world.store.checkpoints(NOON + timedelta(hours=9))) == [(BRAND, world.case().id, NOON + 115 * MINUTE)]
    for at in (115, 125, 126):
        wake(world.store, BRAND, world.case().id, NOON + at * MINUTE)
    assert world.facts()[-2:] == [Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED]
    assert (world.case().status, world.case().next_checkpoint, world.case().timer) == (Status.SOLVED, None, None)


def test_a_public_word_after_it_was_solved_closes_the_loop() -> None:
    world = answered_in_private()
    thread = world.case().thread()
    assert thread is not None
    public = Answer("v2", BRAND, world.case().id, "ana", "We wrote to you.", Mode.PUBLIC, thread.conversation_id)
    world.bus(public, world.clock.pass_by(5 * MINUTE))
    world.delivery.deliver(BRAND, reply_id(BRAND, "v2"))
    assert clock(world, Metric.LOOP_CLOSE).state is ClockState.MET
    assert (world.case().timer, world.case().owed) == (None, ())


def test_a_preview_says_what_a_message_now_would_be_promised() -> None:
    promised = config(promises=[URGENT, TALK])
    policy, dues = preview(promised.policies, Traits(BRAND, "messages", Priority.NORMAL), NOON)
    assert policy is promised.policies[1]
    assert [(one.metric, one.due_at, one.warns) for one in dues] == [
        (Metric.FIRST_RESPONSE, NOON + 30 * MINUTE, ()),
        (Metric.RESOLUTION, NOON + 120 * MINUTE, (NOON + 110 * MINUTE,)),
    ]
