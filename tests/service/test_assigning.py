"""Heed gives cases to people: fairly, never too many, never one twice, and takes back what nobody looks after."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendar import load_calendar
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Answer, Move, Release, Resolve, Take
from chalicelib.domain.people import Agent
from chalicelib.domain.presence import Presence
from chalicelib.domain.reply import Mode
from chalicelib.domain.timeline import Fact
from chalicelib.service import collisions
from chalicelib.service.assigning import Assigning
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.service.overtaken import OvertakenStore
from tests.service.world import World

OFFICE = {"name": "office", "zone": "UTC", "week": {"mon": "13:00-18:00"}, "dates": {}}


def world(capacity: int = 3, queue: dict[str, Any] | None = None, **agents: dict[str, Any]) -> World:
    """A team that is given its cases; everybody has room for so many."""
    data = config_data()
    ours = {**data["queues"]["messages"], "assign": "auto", **(queue or {})}
    queues = data["queues"] | {"messages": ours, "messages-2": ours}
    people = {key: {**one, "capacity": capacity, **agents.get(key, {})} for key, one in data["agents"].items()}
    return World(config=config(queues=queues, agents=people, calendars={"office": OFFICE}), store=OvertakenStore())


def assigning(world: World) -> Assigning:
    return Assigning(world.store, world.config)


def person(world: World, name: str = "ana") -> Agent:
    return world.config.agents[name]


def write(world: World, customer: int, **more: Any) -> Case:
    name = f"customer-{customer}"
    at = world.clock.pass_by(timedelta(seconds=1))
    world.take(id=f"mid-{customer}-{at:%H%M%S}", author=name, conversation=name, at=at, **more)
    return world.case(name)


def come(world: World, name: str = "ana") -> list[str]:
    return [case.id for case in assigning(world).come(person(world, name), world.clock())]


def owners(world: World, cases: list[Case]) -> list[str | None]:
    found = [world.store.case(BRAND, case.id) for case in cases]
    return [case.assignee for case in found if case]


# -- somebody comes, somebody goes --------------------------------------------------------------------------------


def test_what_waits_is_given_oldest_due_first_as_far_as_there_is_room() -> None:
    made = world(capacity=3)
    cases = [write(made, number) for number in range(5)]
    assert come(made) == [case.id for case in cases[:3]]
    assert owners(made, cases) == ["ana", "ana", "ana", None, None]
    assert come(made) == []
    assert come(made, "tom") == [case.id for case in cases[3:]]


def test_a_case_that_opens_goes_to_whoever_has_least_to_do() -> None:
    made = world()
    come(made, "ana")
    come(made, "tom")
    cases = [write(made, number) for number in range(4)]
    for case in cases:
        for event in made.store.timeline(BRAND, case.id):
            assigning(made).on(event, made.clock())
    assert sorted(str(owner) for owner in owners(made, cases)) == ["ana", "ana", "tom", "tom"]
    event = made.store.timeline(BRAND, cases[0].id)[-1]
    assert (event.fact, event.actor, event.data["why"]) == (Fact.CASE_ASSIGNED, "system", "next")


def test_who_goes_leaves_what_customers_wait_for_and_keeps_the_rest() -> None:
    made = world()
    waiting, answered = write(made, 1), write(made, 2)
    come(made)
    [thread] = made.case("customer-2").threads.values()
    made.bus(Answer("v", BRAND, answered.id, "ana", "Hi", Mode.PRIVATE, thread.conversation_id), made.clock())
    made.delivery.deliver(BRAND, made.case("customer-2").open_replies[0])
    back = assigning(made).leave(person(made), made.clock())
    assert [case.id for case in back] == [waiting.id]
    assert owners(made, [waiting, answered]) == [None, "ana"]
    assert assigning(made).leave(person(made), made.clock()) == []
    assert assigning(made).presence(person(made)) is Presence.AWAY
    assert assigning(made).presence(person(made, "tom")) is Presence.AWAY


def test_what_came_back_goes_to_somebody_else() -> None:
    made = world()
    case = write(made, 1)
    come(made)
    come(made, "tom")
    made.bus(Release("r", BRAND, case.id, "ana"), made.clock())
    event = made.store.timeline(BRAND, case.id)[-1]
    given = assigning(made).on(event, made.clock())
    assert given is not None and given.assignee == "tom"


def test_what_somebody_takes_after_they_went_stays_theirs() -> None:
    made = world(queue={"assign": "pull"})
    case = write(made, 1)
    come(made)
    assigning(made).leave(person(made), made.clock())
    made.clock.pass_by(MINUTE)
    made.bus(Take("t", BRAND, case.id, "ana"), made.clock())
    assert assigning(made).sweep(made.clock()) == 0
    assert owners(made, [case]) == ["ana"]


@pytest.mark.parametrize("mode", ["pull", "auto"])
def test_what_waits_is_found_behind_however_many_that_somebody_has(mode: str) -> None:
    made = world(capacity=100, queue={"assign": mode})
    cases = [write(made, number) for number in range(55)]
    for case in cases[:52]:
        made.bus(Take(f"t-{case.id}", BRAND, case.id, "tom"), made.clock())
    if mode == "auto":
        assert come(made) == [case.id for case in cases[52:]]
    else:
        taken = assigning(made).take_next(made.bus, "n1", person(made), made.clock(), None)
        assert taken is not None and taken.id == cases[52].id


def test_the_sweep_finds_what_waits_behind_what_nobody_there_can_do() -> None:
    made = world(capacity=100, ana={"languages": ["en"]})
    spanish = [write(made, number, language="es") for number in range(55)]
    english = write(made, 99, language="en")
    made.store.commit(*(one.turned(Presence.ONLINE, made.clock()) for one in assigning(made)._states(person(made))))
    assert assigning(made).sweep(made.clock()) == 1
    assert owners(made, [*spanish[:1], english]) == [None, "ana"]


def test_who_moves_a_case_is_not_given_it_back() -> None:
    made = world()
    case = write(made, 1)
    come(made)
    made.bus(Move("m", BRAND, case.id, "ana", "messages-2"), made.clock())
    moved = made.store.timeline(BRAND, case.id)[-1]
    assert moved.fact is Fact.CASE_MOVED and assigning(made).on(moved, made.clock()) is None
    come(made, "tom")
    assert owners(made, [case]) == ["tom"]


def test_when_hours_are_over_cases_return_and_a_break_is_no_end() -> None:
    made = world(ana={"hours": "office"})
    week = {"mon": "09:00-13:00 14:00-18:00", "tue": "09:00-18:00"}
    hours = load_calendar({**OFFICE, "week": week})
    made.config = replace(made.config, agents={**made.config.agents, "ana": replace(person(made), hours=hours)})
    case = write(made, 1)
    come(made)
    for hour, minute, expected in ((13, 30, "ana"), (17, 59, "ana"), (18, 14, "ana"), (18, 16, None)):
        made.clock.at = NOON.replace(hour=hour, minute=minute)
        assigning(made).sweep(made.clock())
        assert owners(made, [case]) == [expected], f"{hour}:{minute}"
    assert assigning(made).presence(person(made)) is Presence.AWAY
    made.clock.at = NOON.replace(hour=20)
    come(made)
    assigning(made).sweep(made.clock.pass_by(MINUTE))
    assert assigning(made).presence(person(made)) is Presence.ONLINE, "who comes early stays until their next hours end"


def test_a_crash_while_somebody_goes_is_made_good() -> None:
    made = world()
    cases = [write(made, number) for number in range(2)]
    come(made)
    store = made.store
    assert isinstance(store, OvertakenStore)

    def dies() -> None:
        store.dies = True

    store.before = dies
    with pytest.raises(ConnectionError):
        assigning(made).leave(person(made), made.clock())
    assert owners(made, cases) == ["ana", "ana"]
    assert assigning(made).sweep(made.clock()) == 2
    assert owners(made, cases) == [None, None]
    assert assigning(made).sweep(made.clock()) == 0


class CountingStore(OvertakenStore):
    """Counts whose work was looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_up: Counter[str] = Counter()

    def assigned(self, brand: str, agent: str, limit: int = 50) -> list[Case]:
        self.looked_up[agent] += 1
        return super().assigned(brand, agent, limit)


def test_in_a_full_house_everybody_is_asked_for_room_once_a_minute() -> None:
    made = world(capacity=1)
    cases = [write(made, number) for number in range(12)]
    for name in ("ana", "tom"):
        assert len(come(made, name)) == 1
    store = CountingStore()
    store.__dict__.update({**made.store.__dict__, "looked_up": store.looked_up})
    waiting = Assigning(store, made.config)
    assert waiting.sweep(made.clock()) == 0
    assert store.looked_up == {"ana": 1, "tom": 1}
    made.bus(Resolve("r", BRAND, cases[0].id, "ana"), made.clock())
    assert waiting.sweep(made.clock()) == 1
    assert owners(made, cases)[:3] == ["ana", "tom", "ana"]


# -- who may have what ------------------------------------------------------------------------------------------


def test_teams_that_take_their_cases_are_given_none() -> None:
    made = world(queue={"assign": "pull"})
    case = write(made, 1)
    assert come(made) == []
    assert assigning(made).on(made.store.timeline(BRAND, case.id)[0], made.clock()) is None
    assert assigning(made).offer(BRAND, case.id, made.clock()) is None


def test_skills_and_hours_decide() -> None:
    made = world(queue={"skills": ["billing"]}, ana={"skills": ["billing"], "hours": "office"})
    case = write(made, 1)
    assert (come(made, "tom"), come(made, "ana")) == ([], [])
    made.clock.at = NOON.replace(hour=13)
    assert assigning(made).sweep(made.clock()) == 1
    assert owners(made, [case]) == ["ana"]


def test_a_case_that_is_given_can_be_lost_again() -> None:
    made = world(queue={"claim": 600})
    case = write(made, 1)
    come(made)
    assert made.case("customer-1").claim_until == made.clock() + timedelta(minutes=10)
    assert owners(made, [case]) == ["ana"]


# -- taking the next one ----------------------------------------------------------------------------------------


def test_the_next_case_is_the_oldest_due_that_nobody_else_takes_first() -> None:
    made = world(queue={"assign": "pull"})
    cases = [write(made, number) for number in range(3)]
    ana, tom = person(made), person(made, "tom")
    assert [case.id for case in assigning(made).next_cases(ana)] == [case.id for case in cases]
    store = made.store
    assert isinstance(store, OvertakenStore)
    store.before = lambda: made.bus(Take("t", BRAND, cases[0].id, "tom"), made.clock())
    taken = assigning(made).take_next(made.bus, "n1", ana, made.clock(), None)
    assert taken is not None and taken.id == cases[1].id
    again = assigning(made).take_next(made.bus, "n1", ana, made.clock(), None)
    assert again is not None and again.id == cases[1].id
    last = assigning(made).take_next(made.bus, "n2", tom, made.clock(), "messages")
    assert last is not None and last.id == cases[2].id
    assert assigning(made).take_next(made.bus, "n3", tom, made.clock(), None) is None
    assert assigning(made).take_next(made.bus, "n4", tom, made.clock(), "escalations") is None


# -- races --------------------------------------------------------------------------------------------------------


def test_two_who_give_at_once_do_not_give_too_much() -> None:
    made = world(capacity=1)
    come(made)
    one, other = write(made, 1), write(made, 2)
    store = made.store
    assert isinstance(store, OvertakenStore)
    store.before = lambda: assigning(made).offer(BRAND, other.id, made.clock())
    assert assigning(made).offer(BRAND, one.id, made.clock()) is None
    assert owners(made, [one, other]) == [None, "ana"]


def test_a_list_that_trails_behind_does_not_hide_what_was_just_given() -> None:
    made = world(capacity=2)

    class Trailing(OvertakenStore):
        def assigned(self, brand: str, agent: str, limit: int = 50) -> list[Case]:
            return []

    made.store = Trailing()
    cases = [write(made, number) for number in range(4)]
    assert come(made) == [case.id for case in cases[:2]]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_whoever_gives_and_takes_at_once_no_case_is_given_twice_and_nobody_gets_too_many(seed: int, room: int) -> None:
    made, random = world(capacity=room), Random(seed)
    cases = [write(made, number) for number in range(8)]
    at = made.clock()

    def act(number: int) -> None:
        heed = assigning(made)
        if number % 3 == 0:
            heed.come(person(made, ("ana", "tom", "mia")[number % 9 // 3]), at)
        elif number % 3 == 1:
            heed.offer(BRAND, cases[number % 8].id, at)
        else:
            heed.sweep(at)

    numbers = list(range(12))
    random.shuffle(numbers)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, numbers))
    for case in cases:
        given = [one for one in made.store.timeline(BRAND, case.id) if one.fact is Fact.CASE_ASSIGNED]
        assert len(given) == (owners(made, [case]) != [None])
    for agent in ("ana", "tom", "mia"):
        assert len(made.store.assigned(BRAND, agent)) <= room


# -- who is writing -----------------------------------------------------------------------------------------------


def test_two_who_write_see_each_other_for_two_minutes() -> None:
    made = world()
    case = write(made, 1)
    now = made.clock()
    collisions.begun(made.store, BRAND, case.id, "ana", now)
    collisions.begun(made.store, BRAND, case.id, "tom", now + MINUTE)
    collisions.begun(made.store, BRAND, case.id, "ana", now)
    assert collisions.others(made.store, BRAND, case.id, "mia", now + MINUTE) == ["tom", "ana"]
    assert collisions.others(made.store, BRAND, case.id, "tom", now + MINUTE) == ["ana"]
    assert collisions.others(made.store, BRAND, case.id, "mia", now + 2 * MINUTE) == ["tom"]
    assert collisions.others(made.store, BRAND, case.id, "mia", now + 3 * MINUTE) == []
