"""A promise that is kept leaves no timer behind: one sleeps for the next checkpoint, and none for a solved case."""

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Resolve
from chalicelib.domain.effects import event_name
from chalicelib.wiring import now, wired
from infra.local.clients import clients
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import World


def timers(world: World, case: Case) -> dict[str, str]:
    """What became of each timer that was started for the case."""
    pages = clients()("stepfunctions").get_paginator("list_executions")
    machine = world.heed.stack.physical_id("SlaTimer")
    found = [one for page in pages.paginate(stateMachineArn=machine) for one in page["executions"]]
    return {one["name"]: one["status"] for one in found if one["name"].startswith(f"{case.id}-")}


def asleep(world: World, case: Case) -> set[str]:
    return {name for name, status in timers(world, case).items() if status == "RUNNING"}


def wanted(world: World, case: Case) -> set[str]:
    timer = world.case(case).timer
    return {event_name(case.id, timer.seq)} if timer else set()


def test_an_answer_moves_the_timer_and_solving_the_case_ends_it(world: World) -> None:
    one = customer(world, "facebook")
    one.says("Where is my order?")
    case = one.case
    world.card(case)
    eventually(lambda: asleep(world, case) == wanted(world, case) != set())
    (first,) = asleep(world, case)

    world.answer(case, "It leaves today.")
    eventually(lambda: first not in asleep(world, case))
    eventually(lambda: asleep(world, case) == wanted(world, case))
    assert timers(world, case)[first] == "ABORTED"

    wired.bus(Resolve("timers-solved", BRAND, case.id, "ana"), now())
    eventually(lambda: asleep(world, case) == wanted(world, case) == set())
    assert set(timers(world, case).values()) == {"ABORTED"}
