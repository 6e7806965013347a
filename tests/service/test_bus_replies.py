"""Replies that are taken back, and replies that wait for a colleague: each ends once, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.commands import Answer, Approve, Command, Reject, Undo
from chalicelib.domain.effects import Deliver, effects
from chalicelib.domain.errors import Later, NotFound, Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.reply import Mode, Reply, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import wake
from tests.build import BRAND, NOON, config, config_data
from tests.service.overtaken import OvertakenStore
from tests.service.world import World

TEN = timedelta(seconds=10)


def world(**changes: Any) -> tuple[World, OvertakenStore]:
    store = OvertakenStore()
    made = World(config=config(**{"undo": 10, **changes}), store=store)
    made.take()
    return made, store


def ask(world: World, kind: type[Command], reply: Reply, id: str = "u1", agent: str = "ana", **more: Any) -> ReplyState:
    world.bus(kind(id, BRAND, reply.case_id, agent, reply_id=reply.id, **more), world.clock())  # type: ignore[call-arg]
    return world.reply(reply.id).state


def held(world: World, agent: str = "ana") -> Reply:
    thread = world.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, world.case().id, agent)
    world.bus(Answer(*about, "On its way.", Mode.PRIVATE, thread.conversation_id, approval=True), world.clock())
    return world.reply(ids.reply_id(BRAND, "view-1"))


# -- undo -----------------------------------------------------------------------------------------------------------


def test_a_reply_waits_for_its_undo_period_and_then_leaves() -> None:
    made, _ = world()
    reply = made.answer()
    assert reply.not_before == NOON + TEN
    queued = made.store.timeline(BRAND, reply.case_id)[-1]
    [deliver] = [one for one in effects(queued) if isinstance(one, Deliver)]
    assert deliver.delay(NOON) == TEN
    with pytest.raises(Later) as later:
        made.delivery.deliver(BRAND, reply.id)
    assert later.value.delay == TEN
    made.clock.pass_by(TEN)
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.SENT


def test_without_an_undo_period_nothing_waits() -> None:
    made, _ = world(undo=0)
    assert made.answer().not_before is None


def test_a_reply_that_was_taken_back_never_leaves() -> None:
    made, _ = world()
    reply = made.answer()
    for _ in range(2):
        assert ask(made, Undo, reply) is ReplyState.FAILED
    made.clock.pass_by(TEN)
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.FAILED
    assert (made.http.asked, made.case().open_replies, made.reply(reply.id).reason) == ([], (), "undone")
    assert made.facts().count(Fact.REPLY_UNDONE) == 1
    with pytest.raises(Refusal, match="stopped already"):
        ask(made, Undo, reply, "u2")


def test_what_was_sent_or_is_being_sent_cannot_be_taken_back() -> None:
    made, store = world(undo=0)
    reply = made.answer()
    refused: list[str] = []

    def undo_meanwhile() -> None:
        with pytest.raises(Refusal) as refusal:
            ask(made, Undo, reply)
        refused.append(str(refusal.value))

    def after_the_claim() -> None:
        store.before = undo_meanwhile

    store.before = after_the_claim
    made.delivery.deliver(BRAND, reply.id)
    assert refused == ["This reply is on its way already; it cannot be taken back."]
    with pytest.raises(Refusal, match="was sent already"):
        ask(made, Undo, reply)


def test_what_a_network_was_told_once_cannot_be_taken_back() -> None:
    """A receiver that keeps our ids may have it although it said: later."""
    made, _ = world(undo=0)
    reply = made.answer()
    deferred = replace(reply.claimed(NOON), state=ReplyState.QUEUED, reason="unreachable")
    assert reply.undoable
    assert not deferred.undoable


def test_undo_comes_between_delivery_s_look_and_its_claim() -> None:
    made, store = world(undo=0)
    reply = made.answer()
    store.before = lambda: ask(made, Undo, reply)
    with pytest.raises(Later):
        made.delivery.deliver(BRAND, reply.id)
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.FAILED
    assert made.http.asked == []


def test_delivery_comes_between_undo_s_look_and_its_write() -> None:
    made, store = world(undo=0)
    reply = made.answer()
    store.before = lambda: made.delivery.deliver(BRAND, reply.id)
    with pytest.raises(Refusal, match="was sent already"):
        ask(made, Undo, reply)
    assert Fact.REPLY_UNDONE not in made.facts()
    assert len(made.http.asked) == 1


def test_an_undo_whose_answer_was_lost_is_done_once() -> None:
    made, store = world()
    reply = made.answer()
    store.dies = True
    with pytest.raises(ConnectionError):
        ask(made, Undo, reply)
    assert ask(made, Undo, reply) is ReplyState.FAILED
    assert made.facts().count(Fact.REPLY_UNDONE) == 1


@pytest.mark.parametrize("text", ["Dear {contact.nam},", "{contact.name}", "Hello {agent.name}!"])
def test_a_reply_with_a_placeholder_in_it_does_not_leave(text: str) -> None:
    made, _ = world()
    with pytest.raises(Refusal, match="still stands in the reply"):
        made.answer(text, "view-9")
    made.answer("Use {curly} braces, {like this} or {}.", "view-9")


# -- approval ---------------------------------------------------------------------------------------------------------


def test_a_held_reply_leaves_only_after_somebody_said_yes() -> None:
    made, _ = world()
    reply = held(made)
    assert reply.state is ReplyState.HELD
    assert made.facts()[-2:] == [Fact.CASE_TAKEN, Fact.REPLY_HELD]
    assert not [
        one for event in made.store.timeline(BRAND, reply.case_id) for one in effects(event) if isinstance(one, Deliver)
    ]
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.HELD
    for _ in range(2):
        assert ask(made, Approve, reply, agent="mia") is ReplyState.QUEUED
    event = made.store.timeline(BRAND, reply.case_id)[-1]
    assert (event.fact, event.actor, event.data["not_before"]) == (Fact.REPLY_APPROVED, "mia", iso(NOON + TEN))
    assert [one.reply_id for one in effects(event) if isinstance(one, Deliver)] == [reply.id]
    made.clock.pass_by(TEN)
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.SENT
    assert (made.reply(reply.id).agent, made.reply(reply.id).approved_by) == ("ana", "mia")


def test_some_agents_replies_always_wait() -> None:
    agents = config_data()["agents"]
    made, _ = world(agents={**agents, "ana": {**agents["ana"], "approval": True}})
    assert made.answer(agent="ana").state is ReplyState.HELD
    assert made.answer(agent="tom", command_id="view-2").state is ReplyState.QUEUED


def test_who_may_say_yes() -> None:
    made, _ = world()
    reply = held(made)
    with pytest.raises(Refusal, match="You wrote this"):
        ask(made, Approve, reply, agent="ana")
    with pytest.raises(Refusal, match="Supervisors and admins"):
        ask(made, Approve, reply, agent="tom")
    free, _ = world(approval="anyone")
    reply = held(free)
    with pytest.raises(Refusal, match="You wrote this"):
        ask(free, Approve, reply, agent="ana")
    assert ask(free, Approve, reply, agent="tom") is ReplyState.QUEUED


def test_a_supervisor_does_not_approve_their_own_words() -> None:
    made, _ = world()
    with pytest.raises(Refusal, match="You wrote this"):
        ask(made, Approve, held(made, "mia"), agent="mia")


def test_a_rejected_reply_never_leaves_and_says_why() -> None:
    made, _ = world()
    reply = held(made)
    with pytest.raises(Refusal, match="Say why"):
        ask(made, Reject, reply, agent="mia", reason=" ")
    assert ask(made, Reject, reply, agent="mia", reason="too long") is ReplyState.FAILED
    event = made.store.timeline(BRAND, reply.case_id)[-1]
    assert (event.fact, event.data["reason"], event.data["note"]) == (Fact.REPLY_REJECTED, "rejected", "too long")
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.FAILED
    assert (made.http.asked, made.case().open_replies) == ([], ())
    with pytest.raises(Refusal, match="was rejected already"):
        ask(made, Approve, reply, "u2", agent="mia")


def test_an_author_takes_a_held_reply_back() -> None:
    made, _ = world()
    reply = held(made)
    assert ask(made, Undo, reply) is ReplyState.FAILED
    with pytest.raises(Refusal, match="taken back"):
        ask(made, Approve, reply, "a1", agent="mia")


def test_of_yes_and_no_at_once_one_counts() -> None:
    made, store = world()
    reply = held(made)
    store.before = lambda: ask(made, Reject, reply, "r1", "mia", reason="no")
    with pytest.raises(Refusal, match="was rejected already"):
        ask(made, Approve, reply, "a1", "mia")
    assert made.reply(reply.id).state is ReplyState.FAILED


def test_five_say_yes_and_one_approves() -> None:
    made, _ = world(approval="anyone")
    reply = held(made)

    def approve(number: int) -> str:
        try:
            return ask(made, Approve, reply, f"a{number}", ("tom", "mia")[number % 2]).value
        except Refusal as refusal:
            return str(refusal)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(approve, range(5)))
    assert sorted(answers) == ["This reply was approved already; nothing is left to decide."] * 4 + ["queued"]
    assert made.facts().count(Fact.REPLY_APPROVED) == 1


def test_replies_of_other_cases_are_not_found() -> None:
    made, _ = world()
    reply = made.answer()
    made.take(id="mid-2", author="somebody else", conversation="c2")
    other = made.case("somebody else").id
    for command in (
        Undo("1", BRAND, other, "ana", reply.id),
        Approve("2", BRAND, other, "mia", reply.id),
        Reject("3", BRAND, other, "mia", "nothing", "no"),
    ):
        with pytest.raises(NotFound):
            made.bus(command, made.clock())


def naming(world: World, until: timedelta, **more: Any) -> Reply:
    """An answer that names a time."""
    thread = world.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, world.case().id, "ana", "By 2 pm.", Mode.PRIVATE, thread.conversation_id)
    world.bus(Answer(*about, promised=NOON + until, **more), world.clock())
    return world.reply(ids.reply_id(BRAND, "view-1"))


def test_a_time_that_is_past_is_named_to_nobody() -> None:
    made, _ = world()
    with pytest.raises(Refusal, match="choose a later one"):
        naming(made, timedelta())
    reply = naming(made, TEN, approval=True)
    made.clock.pass_by(TEN)
    with pytest.raises(Refusal, match="names a time that is past"):
        ask(made, Approve, reply, agent="mia")
    assert made.reply(reply.id).state is ReplyState.HELD


def test_a_time_that_passes_on_the_way_is_a_broken_promise() -> None:
    made, _ = world()
    reply = naming(made, timedelta(seconds=5))
    made.clock.pass_by(TEN)
    made.delivery.deliver(BRAND, reply.id)
    assert wake(made.store, BRAND, reply.case_id, made.clock()) == 1
    [broken] = [one for one in made.store.timeline(BRAND, reply.case_id) if one.fact is Fact.CLOCK_BREACHED]
    assert (broken.data["metric"], broken.at) == ("promise", NOON + timedelta(seconds=5))


def test_the_time_that_was_named_to_the_customer_is_told() -> None:
    made, _ = world(undo=0)
    made.delivery.deliver(BRAND, naming(made, TEN).id)
    [sent] = [one for one in made.store.timeline(BRAND, made.case().id) if one.fact is Fact.REPLY_SENT]
    assert sent.data["promised"] == iso(NOON + TEN)
