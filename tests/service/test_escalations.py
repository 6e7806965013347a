"""A promise breaks, the chain begins; somebody is on it, nothing follows, it goes on. One timer drives it all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Acknowledge, AddNote, Escalate, Resolve
from chalicelib.domain.errors import Refusal
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.clocks import audit, wake
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.service.world import World

STEPS: list[dict[str, Any]] = [
    {"kind": "notify", "way": "team"},
    {"kind": "wait", "span": 600},
    {"kind": "notify", "way": "email", "target": "lead@example.com"},
    {"kind": "wait", "span": 600},
    {"kind": "repeat", "count": 1},
]
DUE = NOON + 60 * MINUTE


def world_with(steps: list[dict[str, Any]], queue_chain: str | None = "urgent") -> World:
    queues = config_data()["queues"]
    queues["messages"] |= {"chain": queue_chain}
    chains = {"urgent": {"steps": steps, "acknowledged_for": 1800, "ends_on_answer": True}}
    world = World(config=config(queues=queues, chains=chains))
    world.take()
    return world


@pytest.fixture
def world() -> World:
    return world_with(STEPS)


def wake_at(world: World, minutes: float) -> int:
    world.clock.at = DUE + minutes * MINUTE
    return wake(world.store, BRAND, world.case().id, world.clock(), world.config)


def told(world: World) -> list[tuple[float, str]]:
    return [((one.at - DUE) / MINUTE, one.data["way"]) for one in events(world) if one.fact is Fact.CASE_NOTIFIED]


def events(world: World) -> list[TimelineEvent]:
    return world.store.timeline(BRAND, world.case().id)


def next_at(world: World) -> Any:
    checkpoint = world.case().next_checkpoint
    return checkpoint and (checkpoint.at - DUE) / MINUTE


def acknowledged(world: World) -> Case:
    return world.bus(Acknowledge("press-1", BRAND, world.case().id, "ana"), world.clock())


def test_a_breach_starts_the_chain_in_the_same_write_and_owes_its_next_timer(world: World) -> None:
    wake_at(world, 0)
    assert told(world) == [(0, "team")]
    assert next_at(world) == 10
    assert events(world)[-1].arm == DUE + 10 * MINUTE


def test_every_waking_after_it_takes_the_steps_that_are_due_once(world: World) -> None:
    for minutes in (0, 0, 5, 10, 10, 31, 31, 90):
        wake_at(world, minutes)
    assert told(world) == [(0, "team"), (10, "email"), (20, "team"), (30, "email")]


def test_with_timers_down_the_auditor_takes_the_steps(world: World) -> None:
    assert audit(world.store, world.meter, DUE + 11 * MINUTE, world.config) > 0
    assert told(world) == [(0, "team"), (10, "email")]
    assert audit(world.store, world.meter, DUE + 11 * MINUTE, world.config) == 0


def test_acknowledged_it_is_quiet_and_when_nothing_follows_the_next_step_comes(world: World) -> None:
    wake_at(world, 0)
    world.clock.pass_by(2 * MINUTE)
    acknowledged(world)
    assert next_at(world) == 32
    assert wake_at(world, 10) == 0
    wake_at(world, 32)
    assert told(world) == [(0, "team"), (32, "email")]


def test_what_follows_the_acknowledgement_ends_it(world: World) -> None:
    wake_at(world, 0)
    acknowledged(world)
    world.bus(AddNote("note-1", BRAND, world.case().id, "ana", "I am calling them"), world.clock())
    wake_at(world, 90)
    assert told(world) == [(0, "team")]
    escalation = world.case().escalation
    assert escalation is not None and escalation.ended_why == "followed"


@pytest.mark.parametrize("solved", [True, False])
def test_an_answer_or_a_solution_ends_it(world: World, solved: bool) -> None:
    wake_at(world, 0)
    if solved:
        world.bus(Resolve("press-2", BRAND, world.case().id, "ana"), world.clock())
    else:
        world.delivery.deliver(BRAND, world.answer().id)
    wake_at(world, 90)
    assert told(world) == [(0, "team")]


def test_an_answer_in_time_starts_nothing(world: World) -> None:
    world.delivery.deliver(BRAND, world.answer().id)
    wake_at(world, 1)
    assert world.case().escalation is None


def test_a_queue_without_a_chain_escalates_only_by_hand() -> None:
    world = world_with(STEPS, None)
    wake_at(world, 0)
    assert world.case().escalation is None
    world.bus(Escalate("view-1", BRAND, world.case().id, "mia", "they phone us every hour"), world.clock())
    assert told(world) == [(0, "team")]
    [started] = [one for one in events(world) if one.fact is Fact.CASE_ESCALATED]
    assert (started.actor, started.data["reason"]) == ("mia", "they phone us every hour")


def test_what_escalates_already_is_not_escalated_again(world: World) -> None:
    wake_at(world, 0)
    with pytest.raises(Refusal, match="being escalated already"):
        world.bus(Escalate("view-1", BRAND, world.case().id, "mia", "hurry"), world.clock())


def test_without_any_chain_a_person_is_told_what_to_do() -> None:
    world = World()
    world.take()
    with pytest.raises(Refusal, match="no escalation chain"):
        world.bus(Escalate("view-1", BRAND, world.case().id, "mia", "hurry"), world.clock())


def test_nothing_escalated_there_is_nothing_to_acknowledge(world: World) -> None:
    with pytest.raises(Refusal, match="Nothing is being escalated"):
        acknowledged(world)


def test_only_in_a_flood_the_breaches_of_the_queue_decide() -> None:
    flood: list[dict[str, Any]] = [
        {"kind": "wait", "span": 60},
        {"kind": "flood", "count": 3, "span": 600},
        {"kind": "notify", "way": "team"},
    ]
    world = world_with(flood)
    for number in range(4):
        world.take(id=f"flood-{number}", author=f"person-{number}", conversation=f"conversation-{number}")
    cases = [world.case(f"person-{number}").id for number in range(4)]
    for at in (DUE, DUE, DUE + MINUTE):
        for case_id in cases[:3]:
            wake(world.store, BRAND, case_id, at, world.config)
    assert facts(world, cases[0]).count(Fact.CASE_NOTIFIED) == 0, "three are not more than three"
    wake(world.store, BRAND, cases[3], DUE, world.config)
    wake(world.store, BRAND, cases[3], DUE + MINUTE, world.config)
    assert facts(world, cases[3]).count(Fact.CASE_NOTIFIED) == 1


def facts(world: World, case_id: str) -> list[Fact]:
    return [one.fact for one in world.store.timeline(BRAND, case_id)]


def test_breaches_are_counted_only_where_a_chain_asks_for_floods(world: World) -> None:
    wake_at(world, 0)
    assert world.store.broken(BRAND, "messages", DUE, timedelta(hours=1)) == 0


def test_an_edit_of_the_policy_leaves_a_running_chain_alone(world: World) -> None:
    wake_at(world, 0)
    world.config = replace(world.config, chains={})
    wake_at(world, 10)
    assert told(world) == [(0, "team"), (10, "email")]
