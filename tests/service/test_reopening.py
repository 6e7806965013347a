"""Somebody resolved a case by a slip and takes it back: through the bus, once, and told in the audit."""

from datetime import timedelta

import pytest

from chalicelib.domain.audit import head_of, record
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.commands import Acknowledge, Dismiss, Escalate, Merge, Reopen, Resolve, Snooze
from chalicelib.domain.errors import Refusal
from chalicelib.domain.explaining import differences
from chalicelib.domain.ids import reply_id
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact
from chalicelib.domain.verdict import verify
from chalicelib.service.clocks import wake
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.service.test_escalations import STEPS, world_with
from tests.service.world import World

DAY = timedelta(days=1)


def solved(made: World | None = None, after: timedelta = 10 * MINUTE, dismissed: bool = False) -> World:
    world = made or World()
    world.take()
    ends = Dismiss("e1", BRAND, world.case().id, "ana") if dismissed else Resolve("e1", BRAND, world.case().id, "ana")
    world.bus(ends, world.clock.pass_by(after))
    return world


def reopen(world: World, id: str = "r1", agent: str = "tom", case_id: str = "") -> None:
    world.bus(Reopen(id, BRAND, case_id or world.case().id, agent), world.clock())


@pytest.mark.parametrize("dismissed", [False, True])
def test_a_case_is_what_it_was_and_the_history_says_who_took_it_back(dismissed: bool) -> None:
    world = World()
    world.take()
    before = world.case()
    solved(world, dismissed=dismissed)
    world.clock.pass_by(20 * MINUTE)
    for _ in range(2):
        reopen(world)
    case, timeline = world.case(), world.store.timeline(BRAND, world.case().id)
    assert (case.status, case.assignee, case.solved_at, case.revision) == (Status.OPEN, "tom", None, 0)
    assert [one.fact for one in timeline][-2:] == [Fact.CASE_REOPENED, Fact.CASE_TAKEN]
    told = timeline[-2]
    assert (told.actor, told.data["why"], told.data["command"]) == ("tom", "taken back", "r1")
    assert told.changed["status"] == ["solved", "open"]
    assert case.due_at == before.due_at and case.timer is not None
    assert case.next_checkpoint == before.next_checkpoint
    assert list(differences(case, timeline)) == []
    assert verify(head_of(case), [record(one) for one in timeline]).findings == ()


def test_it_stands_in_the_lists_of_what_waits_again() -> None:
    world = solved()
    assert world.store.queue(BRAND, "messages") == []
    reopen(world)
    assert [one.id for one in world.store.queue(BRAND, "messages")] == [world.case().id]
    assert [one.id for one in world.store.assigned(BRAND, "tom")] == [world.case().id]


def test_the_next_words_of_the_customer_belong_to_it() -> None:
    world = solved()
    reopen(world)
    world.take(id="mid-2", at=world.clock.pass_by(30 * DAY))
    assert world.case().id.endswith("-1") and world.facts().count(Fact.CASE_REOPENED) == 1


def test_a_promise_that_ran_out_meanwhile_is_told_as_broken() -> None:
    world = solved()
    world.clock.pass_by(5 * DAY)
    reopen(world)
    wake(world.store, BRAND, world.case().id, world.clock())
    broken = [one for one in world.store.timeline(BRAND, world.case().id) if one.fact is Fact.CLOCK_BREACHED]
    assert broken and all(one.at < one.recorded_at for one in broken)
    assert list(differences(world.case(), world.store.timeline(BRAND, world.case().id))) == []


def test_what_was_answered_and_solved_at_once_waits_for_the_customer_again() -> None:
    world = World()
    world.take()
    world.answer(agent="ana")
    world.bus(Resolve("e1", BRAND, world.case().id, "ana"), world.clock())
    with pytest.raises(Refusal, match="before the answer on its way was sent"):
        reopen(world)
    world.clock.pass_by(MINUTE)
    world.delivery.deliver(BRAND, reply_id(BRAND, "view-1"))
    assert world.case().status is Status.SOLVED
    world.clock.pass_by(MINUTE)
    reopen(world, "r2")
    assert (world.case().status, world.case().assignee) == (Status.PENDING, "ana")
    first = next(one for one in world.case().clocks if one.metric is Metric.FIRST_RESPONSE)
    assert first.state is ClockState.MET


def test_a_snooze_stands_again() -> None:
    world = World()
    world.take()
    world.bus(Snooze("s1", BRAND, world.case().id, "ana", NOON + DAY), world.clock())
    solved(world)
    reopen(world)
    assert (world.case().status, world.case().snoozed_until) == (Status.ON_HOLD, NOON + DAY)


def test_what_cannot_be_reopened_says_what_to_do() -> None:
    world = World()
    world.take()
    with pytest.raises(Refusal, match="not resolved"):
        reopen(world)
    first = solved(world).case()
    world.clock.pass_by(8 * DAY)
    with pytest.raises(Refusal, match="too long ago"):
        reopen(world, "r2")
    world.take(id="mid-2", at=world.clock())
    with pytest.raises(Refusal, match="too long ago"):
        reopen(world, "r3", case_id=first.id)


def test_a_case_after_which_they_wrote_again_is_not_the_one_to_reopen() -> None:
    brands = config_data()["brands"]
    world = solved(World(config=config(brands={**brands, BRAND: {**brands[BRAND], "reopen_within": 60}})))
    first = world.case()
    world.take(id="mid-2", at=world.clock.pass_by(2 * MINUTE))
    assert world.case().id != first.id
    with pytest.raises(Refusal, match=f"in case {world.case().id}"):
        reopen(world, case_id=first.id)
    world.bus(Resolve("e2", BRAND, world.case().id, "ana"), world.clock())
    reopen(world, "r2")
    assert world.case().live, "a slip of this day is taken back, however short the brand's time is"


def test_a_merged_case_goes_on_in_the_other_one_which_can_be_reopened() -> None:
    world = World()
    world.take()
    world.take(id="mid-t", author="99", name="Tom", text="Tom asks", conversation="104552811223344:99")
    loser, winner = world.case("99"), world.case()
    world.bus(Merge("m1", BRAND, loser.id, "ana", into=winner.id), world.clock())
    with pytest.raises(Refusal, match=f"merged into {winner.id}"):
        reopen(world, case_id=loser.id)
    world.bus(Resolve("e1", BRAND, winner.id, "ana"), world.clock.pass_by(MINUTE))
    reopen(world, "r2", case_id=winner.id)
    assert world.case().live


def test_a_chain_that_nobody_answered_begins_anew_and_an_acknowledged_one_does_not() -> None:
    for acknowledged in (False, True):
        world = world_with(STEPS)
        world.bus(Escalate("x1", BRAND, world.case().id, "ana", "it burns"), world.clock())
        if acknowledged:
            world.bus(Acknowledge("a1", BRAND, world.case().id, "ana"), world.clock())
        world.bus(Resolve("e1", BRAND, world.case().id, "ana"), world.clock.pass_by(MINUTE))
        world.clock.pass_by(MINUTE)
        reopen(world)
        chain = world.case().escalation
        assert chain is not None and chain.running is not acknowledged
        assert world.facts().count(Fact.CASE_NOTIFIED) == (1 if acknowledged else 2)
