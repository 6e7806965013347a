"""A promise breaks, the chain begins; somebody is on it, nothing follows, it goes on. One timer drives it all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Case, Priority
from chalicelib.domain.commands import Acknowledge, AddNote, Command, Escalate, Resolve, SetPriority, Snooze
from chalicelib.domain.config import Config
from chalicelib.domain.effects import Pursue
from chalicelib.domain.errors import Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.notices import notices
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.clocks import audit, wake
from chalicelib.service.reapply import renew
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


def config_with(
    steps: list[dict[str, Any]],
    queue_chain: str | None = "urgent",
    ends_on_answer: bool = True,
    named: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Config:
    """A policy whose team escalates by these steps; there may be another chain that somebody names."""
    queues = config_data()["queues"]
    queues["messages"] |= {"chain": queue_chain}
    facts = {"acknowledged_for": 1800, "ends_on_answer": ends_on_answer}
    chains = {"urgent": {"steps": steps, **facts}} | ({"named": {"steps": named, **facts}} if named else {})
    return config(queues=queues, chains=chains, **more)


def world_with(steps: list[dict[str, Any]], queue_chain: str | None = "urgent") -> World:
    world = World(config=config_with(steps, queue_chain))
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
        world.stream()
    assert facts(world, cases[0]).count(Fact.CASE_NOTIFIED) == 0, "three are not more than three"
    wake(world.store, BRAND, cases[3], DUE, world.config)
    world.stream()
    wake(world.store, BRAND, cases[3], DUE + MINUTE, world.config)
    assert facts(world, cases[3]).count(Fact.CASE_NOTIFIED) == 1


def facts(world: World, case_id: str) -> list[Fact]:
    return [one.fact for one in world.store.timeline(BRAND, case_id)]


def test_every_breach_is_counted_once_and_in_its_queue(world: World) -> None:
    wake_at(world, 0)
    for _ in range(3):
        world.stream()
    assert world.store.broken(BRAND, "messages", DUE, timedelta(hours=1), 9) == 1
    assert world.store.broken(BRAND, "escalations", DUE, timedelta(hours=1), 9) == 0


def test_an_edit_of_the_policy_leaves_a_running_chain_alone(world: World) -> None:
    wake_at(world, 0)
    world.config = replace(world.config, chains={})
    wake_at(world, 10)
    assert told(world) == [(0, "team"), (10, "email")]


# -- breaches that come to light while something else is written ------------------------------------------------------


def pursued(world: World, times: int = 1) -> None:
    """The stream hands on what was found, and the clock worker looks; a queue may say everything twice."""
    world.stream()
    found = [one for one in world.effects.done if isinstance(one, Pursue)]
    for one in found * times:
        wake(world.store, one.brand, one.case_id, world.clock(), world.config, one.seq)


def chains_begun(world: World) -> list[tuple[str, float]]:
    told = [one for one in events(world) if one.fact is Fact.CASE_ESCALATED and one.data["state"] == "started"]
    return [(one.data["by"], (one.at - DUE) / MINUTE) for one in told]


def pausing() -> World:
    """The urgent are promised half an hour, everybody else an hour that stands still while the case rests."""
    hour = {"metric": "first_response", "within": 3600, "warn_before": 900}
    urgent = {"id": "2", "targets": [{**hour, "within": 1800}], "priorities": ["urgent"]}
    rest = {"id": "1", "targets": [hour], "pause_on": ["on_hold"]}
    world = World(config=config_with(STEPS, promises=[urgent, rest]))
    world.take()
    return world


FINDS: dict[str, Callable[[World], Command]] = {
    "put on hold": lambda world: Snooze("s", BRAND, world.case().id, "ana", world.clock() + 120 * MINUTE, "later"),
    "made urgent": lambda world: SetPriority("p", BRAND, world.case().id, "ana", Priority.URGENT, "they are angry"),
}


@pytest.mark.parametrize("how", ["put on hold", "made urgent"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_breach_found_in_passing_starts_its_chain_once(how: str, times: int) -> None:
    """Half a minute late, and before any timer rang."""
    world = pausing()
    world.clock.at = DUE + MINUTE / 2
    world.bus(FINDS[how](world), world.clock())
    [breach] = [one for one in events(world) if one.fact is Fact.CLOCK_BREACHED]
    assert breach.data["found"] and chains_begun(world) == []
    pursued(world, times)
    for minutes in (1, 30):
        wake_at(world, minutes)
    pursued(world, times)
    assert chains_begun(world) == [("first_response/0/due", 0.0)]
    assert told(world)[:2] == [(0, "team"), (10, "email")]
    assert world.store.broken(BRAND, "messages", DUE, timedelta(hours=1), 9) == 1


def test_a_pushed_policy_that_finds_a_breach_starts_the_chain_too() -> None:
    world = World(config=config_with(STEPS))
    world.take()
    world.clock.at = DUE + MINUTE / 2
    hours = [{"metric": "first_response", "within": 10 * 3600, "warn_before": 900}]
    at = iso(DUE + MINUTE / 4)
    world.config = config_with(STEPS, promises=[{"id": "1", "targets": hours}], version=2, pushed_at=at)
    renew(world.store, world.case(), world.config, world.clock())
    pursued(world, 2)
    assert chains_begun(world) == [("first_response/0/due", 0.0)]


def test_an_answer_that_comes_too_late_reveals_the_breach_and_leaves_nothing_to_chase(world: World) -> None:
    world.clock.at = DUE + MINUTE
    world.delivery.deliver(BRAND, world.answer().id)
    assert Fact.CLOCK_BREACHED in world.facts()
    pursued(world, 2)
    wake_at(world, 90)
    assert chains_begun(world) == [] and told(world) == []
    assert world.store.broken(BRAND, "messages", DUE, timedelta(hours=1), 9) == 1, "but it counts"


def test_of_a_chain_that_goes_on_to_the_solution_a_late_answer_is_no_end() -> None:
    world = World(config=config_with(STEPS, ends_on_answer=False))
    world.take()
    world.clock.at = DUE + MINUTE
    world.delivery.deliver(BRAND, world.answer().id)
    pursued(world)
    assert chains_begun(world) == [("first_response/0/due", 0.0)]


def test_a_breach_the_timer_found_is_not_pursued_a_second_time(world: World) -> None:
    wake_at(world, 0)
    pursued(world)
    assert not [one for one in world.effects.done if isinstance(one, Pursue)]
    assert len(chains_begun(world)) == 1


def test_a_chain_that_is_over_is_not_followed_by_one_for_an_older_breach() -> None:
    """Its news lay in a dead-letter queue, say, while somebody escalated and a colleague followed."""
    world = pausing()
    world.clock.at = DUE + MINUTE / 2
    world.bus(FINDS["put on hold"](world), world.clock())
    world.bus(Escalate("view-1", BRAND, world.case().id, "mia", "hurry"), world.clock.pass_by(MINUTE))
    world.bus(Acknowledge("press-1", BRAND, world.case().id, "ana"), world.clock.pass_by(MINUTE))
    world.bus(AddNote("note-1", BRAND, world.case().id, "ana", "I am calling them"), world.clock.pass_by(MINUTE))
    pursued(world, 2)
    assert [by for by, _ in chains_begun(world)] == ["mia"]


# -- whose chain, and whose team --------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [False, True])
def test_the_chain_a_promise_names_is_started_and_not_the_queues(alone: bool) -> None:
    """Its entry names it, or it alone."""
    named: list[dict[str, Any]] = [
        {"kind": "notify", "way": "sms", "target": "+4930123456"},
        {"kind": "wait", "span": 600},
    ]
    first, *others = config_data()["promises"][0]["targets"]
    owns = {"targets": [{**first, "chain": "named"}, *others]}
    entrys = {"targets": [first, *others], "chain": "named"}
    world = World(config=config_with(STEPS, promises=[owns if alone else entrys], named=named))
    world.take()
    wake_at(world, 0)
    assert told(world) == [(0, "sms")]
    escalation = world.case().escalation
    assert escalation is not None and escalation.chain == "named"


def test_a_notice_is_for_the_team_that_had_the_case_when_its_step_came() -> None:
    steps: list[dict[str, Any]] = [
        {"kind": "notify", "way": "team"},
        {"kind": "move", "target": "escalations"},
        {"kind": "notify", "way": "team"},
    ]
    world = world_with(steps)
    wake_at(world, 0)
    called = [one for event in events(world) for one in notices(event)]
    assert [one.queue for one in called] == ["messages", "escalations"]
    breach, moved = (next(one for one in events(world) if one.fact is fact) for fact in BROKE_AND_MOVED)
    assert (breach.queue, moved.queue, world.case().queue) == ("messages", "escalations", "escalations")


BROKE_AND_MOVED = (Fact.CLOCK_BREACHED, Fact.CASE_MOVED)
