"""Hiding, showing, deleting and liking: asked with a reason, done on the network, told in the case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels.base import Response
from chalicelib.domain import ids
from chalicelib.domain.commands import Act, Moderate
from chalicelib.domain.effects import Deliver, effects
from chalicelib.domain.errors import Later, NotAllowed, NotFound, Refusal
from chalicelib.domain.event import Kind
from chalicelib.domain.moderation import PATIENCE, Action, ActionState
from chalicelib.domain.timeline import Fact
from chalicelib.service.delivery import LEASE
from chalicelib.service.moderation import Moderation
from chalicelib.service.ports import NoAnswer, NotSent
from tests.build import BRAND, config, config_data
from tests.service.world import World

MESSAGE = ids.message_id(BRAND, "harbor-facebook", "mid-1")


def commented(**changes: object) -> World:
    world = World(config=config(**changes))
    world.take(Kind.COMMENT, public=True, conversation="post-1")
    return world


def ask(world: World, act: Act = Act.HIDE, reason: str = "an insult", name: str = "m1", agent: str = "ana") -> Action:
    world.bus(Moderate(name, BRAND, world.case().id, agent, MESSAGE, act, reason), world.clock())
    action = world.store.action(BRAND, ids.action_id(BRAND, name))
    assert action is not None
    return action


def carry_out(world: World, action: Action) -> ActionState | None:
    parts = (world.store, world.config, lambda name: world.channel, world.vault, world.http, world.meter, world.clock)
    return Moderation(*parts).carry_out(BRAND, action.id)


def hidden(world: World) -> bool:
    message = world.message()
    assert message is not None
    return message.hidden


def test_hiding_is_done_once_and_the_message_is_hidden() -> None:
    world = commented()
    action = ask(world)
    assert [carry_out(world, action) for _ in range(3)] == [ActionState.DONE] * 3
    assert [request.url for request in world.http.asked] == ["https://plain.example/mid-1/hide"]
    assert hidden(world)
    assert world.facts()[-2:] == [Fact.ACT_QUEUED, Fact.ACT_DONE]
    told = world.store.timeline(BRAND, world.case().id)[-2]
    assert (told.actor, told.data["reason"], told.data["act"]) == ("ana", "an insult", "hide")


def test_the_queued_act_is_owed_to_the_delivery_worker() -> None:
    world = commented()
    action = ask(world)
    queued = world.store.timeline(BRAND, world.case().id)[-1]
    assert Deliver(BRAND, action_id=action.id) in list(effects(queued))


def test_what_was_hidden_can_be_shown_again() -> None:
    world = commented()
    carry_out(world, ask(world))
    assert carry_out(world, ask(world, Act.UNHIDE, "it was no insult", "m2")) is ActionState.DONE
    assert not hidden(world)


@pytest.mark.parametrize(("evidence", "kept"), [("none", None), ("text", "Where is my order?")])
def test_a_deleted_message_leaves_what_the_policy_keeps(evidence: str, kept: str | None) -> None:
    brand = {**config_data()["brands"][BRAND], "evidence": evidence}
    world = commented(brands={BRAND: brand})
    assert carry_out(world, ask(world, Act.DELETE)) is ActionState.DONE
    message = world.message()
    assert message and (message.words, message.evidence) == (None, kept)
    with pytest.raises(Refusal, match="deleted already"):
        ask(world, Act.DELETE, name="m2")


@pytest.mark.parametrize("act", [Act.HIDE, Act.DELETE])
@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_hiding_and_deleting_need_a_reason(act: Act, reason: str) -> None:
    world = commented()
    with pytest.raises(Refusal, match="reason"):
        ask(world, act, reason)
    assert world.facts()[-1] is Fact.MESSAGE_RECEIVED


def test_what_the_network_does_not_offer_is_refused() -> None:
    world = commented()
    with pytest.raises(Refusal, match="Plainbook does not let us like this message"):
        ask(world, Act.LIKE)
    private = World()
    private.take()
    with pytest.raises(Refusal, match="does not let us hide"):
        ask(private)


def test_an_auditor_moderates_nothing() -> None:
    world = commented()
    with pytest.raises(NotAllowed):
        ask(world, agent="odo")


def test_only_a_message_of_this_case_and_of_a_customer_is_moderated() -> None:
    world = commented()
    case = world.case()
    world.take(Kind.COMMENT, id="mid-2", author="99", public=True, conversation="post-1")
    other = ids.message_id(BRAND, "harbor-facebook", "mid-2")
    for message in (other, "nonsense"):
        with pytest.raises(NotFound, match="no such message"):
            world.bus(Moderate("m1", BRAND, case.id, "ana", message, Act.HIDE, "why"), world.clock())


def test_one_act_at_a_time_so_that_showing_cannot_overtake_hiding() -> None:
    world = commented()
    first = ask(world)
    with pytest.raises(Refusal, match="still on its way"):
        ask(world, name="m2")
    carry_out(world, first)
    with pytest.raises(Refusal, match="hidden already"):
        ask(world, name="m3")
    ask(world, Act.UNHIDE, "it was none", "m4")
    with pytest.raises(Refusal, match="still on its way"):
        ask(world, Act.DELETE, name="m5")


def test_an_act_that_was_lost_does_not_lock_its_message_for_ever() -> None:
    world = commented()
    ask(world)
    world.clock.pass_by(2 * PATIENCE + timedelta(seconds=1))
    assert carry_out(world, ask(world, name="m2")) is ActionState.DONE


def test_asked_twice_it_is_one_act() -> None:
    world = commented()
    assert ask(world) == ask(world)
    assert world.facts().count(Fact.ACT_QUEUED) == 1


@pytest.mark.parametrize(
    "answer", [Response(500), Response(429), NoAnswer("reset"), NotSent("refused"), Response(200, {}, b"{}")]
)
def test_an_unclear_answer_is_asked_again_and_then_it_is_done(answer: Response | Exception) -> None:
    world = commented()
    action = ask(world)
    world.http.script = [answer]
    with pytest.raises(Later) as wait:
        carry_out(world, action)
    with pytest.raises(Later):
        carry_out(world, action)
    world.clock.pass_by(wait.value.delay)
    assert carry_out(world, action) is ActionState.DONE
    assert len(world.http.asked) == 2
    assert world.facts()[-2:] == [Fact.ACT_QUEUED, Fact.ACT_DONE]


def test_a_network_that_never_answers_clearly_is_given_up_with_the_reason() -> None:
    world = commented()
    action = ask(world)
    world.http.script = [NoAnswer("reset")] * 100
    state = None
    while state is None:
        try:
            state = carry_out(world, action)
        except Later as later:
            world.clock.pass_by(later.delay)
    assert state is ActionState.FAILED
    assert len(world.http.asked) < 20
    told = world.store.timeline(BRAND, world.case().id)[-1]
    assert (told.fact, told.data["reason"]) == (Fact.ACT_FAILED, "no clear answer")
    assert not hidden(world)


def test_gone_at_first_sight_is_a_failure_but_gone_after_a_lost_answer_was_our_own_doing() -> None:
    first = commented()
    first.http.script = [Response(404)]
    assert carry_out(first, ask(first, Act.DELETE)) is ActionState.FAILED
    again = commented()
    action = ask(again, Act.DELETE)
    again.http.script = [NoAnswer("reset"), Response(404)]
    with pytest.raises(Later) as wait:
        carry_out(again, action)
    again.clock.pass_by(wait.value.delay)
    assert carry_out(again, action) is ActionState.DONE


def test_a_worker_that_died_is_taken_over_after_its_lease() -> None:
    world = commented()
    action = ask(world)
    world.http.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        carry_out(world, action)
    with pytest.raises(Later):
        carry_out(world, action)
    world.clock.pass_by(LEASE)
    assert carry_out(world, action) is ActionState.DONE


def test_a_slow_worker_that_was_overtaken_changes_nothing() -> None:
    world = commented()
    action = ask(world)

    class Slow:
        def send(self, request: object, timeout: timedelta) -> Response:
            world.http = ScriptedBack
            world.clock.pass_by(LEASE)
            assert carry_out(world, action) is ActionState.DONE
            return Response(404)

    ScriptedBack, world.http = world.http, Slow()  # type: ignore[assignment]
    assert carry_out(world, action) is ActionState.DONE
    assert world.facts().count(Fact.ACT_DONE) == 1 and Fact.ACT_FAILED not in world.facts()


def test_an_erased_message_takes_its_address_with_it() -> None:
    world = commented()
    action = ask(world)
    message = world.message()
    assert message
    world.store.commit(replace(message, native_id=None, erased_at=world.clock()))
    assert carry_out(world, action) is ActionState.FAILED
    assert world.http.asked == []


def test_without_credentials_it_fails_and_says_so() -> None:
    world = commented()
    action = ask(world)
    world.vault.hooks = {}
    assert carry_out(world, action) is ActionState.FAILED
    ended = world.store.action(BRAND, action.id)
    assert ended and ended.failure == "not_connected"


def test_an_order_for_an_act_that_never_was_is_harmless() -> None:
    world = commented()
    assert carry_out(world, replace(ask(world), id="nothing")) is None
