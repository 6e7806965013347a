"""What the simulator found, each as the shortest story that shows it."""

from datetime import timedelta

import pytest

from chalicelib.channels.base import Response
from chalicelib.domain.commands import Resolve, Settle
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import NoAnswer
from tests.build import BRAND, MINUTE, NOON
from tests.service.world import World

NOBODY = Response(200, {}, b"[]")
CUSTOMER = "7245118832190456"


def unknown(world: World, command_id: str = "view-1") -> str:
    """A reply whose answer was lost, and that the read-back does not find."""
    world.take()
    reply = world.answer(command_id=command_id)
    world.http.script = [NoAnswer(), NOBODY]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
    return reply.id


def settled(world: World, reply_id: str, press: str, *, posted: bool) -> None:
    world.bus(Settle(press, BRAND, world.case().id, "ana", reply_id, posted), world.clock())


def test_not_there_pressed_once_and_repeated_late_sends_once() -> None:
    world = World()
    reply_id = unknown(world)
    settled(world, reply_id, "press", posted=False)
    world.http.script = [NoAnswer(), NOBODY]
    assert world.delivery.deliver(BRAND, reply_id) is ReplyState.UNKNOWN
    settled(world, reply_id, "press", posted=False)
    assert world.reply(reply_id).state is ReplyState.UNKNOWN


def test_a_late_repeat_of_resolve_leaves_a_reopened_case_open() -> None:
    world = World()
    world.take()
    press = Resolve("press", BRAND, world.case().id, "ana")
    world.bus(press, world.clock())
    world.take(id="mid-2", at=world.clock.pass_by(MINUTE))
    assert world.bus(press, world.clock()).live


def test_an_echo_after_not_there_keeps_the_words_from_going_out_again() -> None:
    world = World()
    reply_id = unknown(world)
    settled(world, reply_id, "press", posted=False)
    told = {"id": "out-1", "author": None, "recipient": CUSTOMER, "own": True, "text": "It is on its way."}
    world.take(Kind.ECHO, **told, extra={"metadata": reply_id})
    assert world.reply(reply_id).state is ReplyState.SENT
    asked = len(world.http.asked)
    world.delivery.deliver(BRAND, reply_id)
    assert len(world.http.asked) == asked


def test_our_own_echo_after_a_person_has_seen_it_is_no_colleagues_answer() -> None:
    world = World()
    reply_id = unknown(world)
    settled(world, reply_id, "press", posted=True)
    world.take(Kind.ECHO, id="out-1", author=None, recipient=CUSTOMER, extra={"metadata": reply_id})
    message = world.message("out-1")
    assert message and message.reply_id == reply_id
    assert Fact.REPLY_ELSEWHERE not in world.facts()


def test_a_network_whose_clock_runs_ahead_breaks_no_promise() -> None:
    world = World()
    reply_id = unknown(world)
    ahead = world.clock() + timedelta(hours=2)
    world.take(Kind.ECHO, id="out-1", at=ahead, author=None, recipient=CUSTOMER, extra={"metadata": reply_id})
    assert Fact.CLOCK_BREACHED not in world.facts()
    assert "first_response-0 fulfil" in world.clock_steps()


def test_an_answer_older_than_the_question_does_not_answer_it() -> None:
    world = World()
    world.take(at=world.clock.pass_by(10 * MINUTE))
    world.take(Kind.ECHO, id="out-1", author=None, recipient=CUSTOMER, at=NOON, text="before")
    assert Fact.REPLY_ELSEWHERE in world.facts()
    assert "first_response-0 fulfil" not in world.clock_steps()


def test_a_late_failure_reopens_what_a_person_took_for_sent() -> None:
    world = World()
    reply_id = unknown(world)
    settled(world, reply_id, "press", posted=True)
    world.take(Kind.FAILED, of="out-1", reason="blocked", extra={"callback_data": reply_id})
    assert world.reply(reply_id).state is ReplyState.FAILED
    assert world.facts()[-1] is Fact.REPLY_FAILED


def test_an_echo_after_the_late_failure_does_not_undo_it() -> None:
    world = World()
    reply_id = unknown(world)
    world.take(Kind.FAILED, of="out-1", reason="blocked", extra={"callback_data": reply_id})
    world.take(Kind.ECHO, id="out-1", author=None, recipient=CUSTOMER, extra={"metadata": reply_id})
    assert world.reply(reply_id).state is ReplyState.FAILED


def test_a_receipt_under_our_own_id_settles_a_reply_that_still_waits() -> None:
    world = World()
    reply_id = unknown(world)
    settled(world, reply_id, "press", posted=False)
    world.take(Kind.DELIVERED, of=reply_id)
    assert world.reply(reply_id).state is ReplyState.SENT


def test_the_same_words_of_another_reply_are_no_proof() -> None:
    world = World()
    world.take()
    first, second = world.answer(command_id="view-1"), world.answer(command_id="view-2")
    world.delivery.deliver(BRAND, first.id)
    there = Response(200, {}, b'[{"id":"native-1","text":"It is on its way."}]')
    world.http.script = [NoAnswer(), there]
    assert world.delivery.deliver(BRAND, second.id) is ReplyState.UNKNOWN


def test_words_in_private_prove_nothing_of_words_in_public() -> None:
    """Of an answer in private there may be an echo that names none of ours, while one in public is in doubt."""
    world = World()
    world.take(Kind.COMMENT, public=True)
    reply = world.answer()
    world.http.script = [NoAnswer(), NOBODY]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
    world.take(Kind.ECHO, id="out-1", author=None, recipient=CUSTOMER, own=True, text="Something else.", public=False)
    assert world.reply(reply.id).state is ReplyState.UNKNOWN
    world.take(Kind.ECHO, id="out-2", author=None, recipient=CUSTOMER, own=True, text="Something else.", public=True)
    assert world.reply(reply.id).state is ReplyState.SENT


@pytest.mark.parametrize("first", [True, False])
def test_of_two_answers_in_doubt_in_the_same_words_the_echo_is_of_the_one_tried_nearest_to_it(first: bool) -> None:
    world = World()
    world.take()
    tried = []
    for view in ("view-1", "view-2"):
        reply = world.answer(command_id=view)
        world.http.script = [NoAnswer(), NOBODY]
        assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
        tried.append((reply.id, world.clock()))
        world.clock.pass_by(10 * MINUTE)
    reply_id, at = tried[0 if first else 1]
    world.take(Kind.ECHO, id="out-1", author=None, recipient=CUSTOMER, text="It is on its way.", at=at + MINUTE / 6)
    assert [one for one, _ in tried if world.reply(one).state is ReplyState.SENT] == [reply_id]
