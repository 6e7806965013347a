"""The table's stream is off: the sweeper delivers every effect, and the stream's return repeats none."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.case import Case
from infra.local.clients import clients
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import World

CUSTOMERS, EACH = 50, 4
PAST_GRACE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def rate_limit() -> None:
    """At a message a second the lines of all these people take minutes, and nothing here is about them."""


def write(one: Customer) -> None:
    for number in range(EACH):
        one.says(f"Message {number} of mine")


def owed(world: World) -> bool:
    return any(world.store.pending(datetime.now(UTC) + timedelta(days=1)))


def sweep(world: World) -> int:
    """How many runs of the sweeper it takes until nothing is owed."""
    with world.later(PAST_GRACE, here=True):
        runs = 0
        while owed(world):
            world.runtime.fire("sweeper")
            runs += 1
    return runs


def timers(world: World) -> Counter[str]:
    """How many timers were started for each case."""
    pages = clients()("stepfunctions").get_paginator("list_executions")
    machine = world.heed.stack.physical_id("SlaTimer")
    found = [one["name"] for page in pages.paginate(stateMachineArn=machine) for one in page["executions"]]
    return Counter("-".join(name.split("-")[:2]) for name in found)


def shown(world: World, case: Case) -> tuple[int, int]:
    """Cards, and lines of messages."""
    return len(world.cards(case)), len(world.lines(case, "wrote privately on Facebook"))


def test_two_hundred_messages_are_swept_to_every_effect_and_the_streams_return_adds_nothing(world: World) -> None:
    world.runtime.pause("publisher")
    people = [customer(world, "facebook") for _ in range(CUSTOMERS)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, people))
    eventually(lambda: not world.waiting("Inbound"), 60)
    cases = [one.case for one in people]
    assert not any(world.told(case) for case in cases)
    rows = sum(case.seq for case in cases)
    assert rows == CUSTOMERS * (EACH + 1)

    assert sweep(world) == 1
    assert world.heed.meter.counts["effects_swept"] >= rows
    world.settle(60)
    assert {shown(world, case) for case in cases} == {(1, EACH)}
    assert timers(world) == Counter({case.id: 1 for case in cases})

    before = len(world.slack.web.calls)
    world.runtime.resume("publisher")
    last = customer(world, "facebook")
    last.says("And now the stream works again")
    eventually(lambda: world.lines(last.case, "the stream works again"), 60)
    world.settle(60)
    assert {shown(world, case) for case in cases} == {(1, EACH)}
    assert timers(world) == Counter({case.id: 1 for case in [*cases, last.case]})
    posted = [call for call in world.slack.web.calls[before:] if call.method == "chat.postMessage"]
    assert len(posted) == 2
