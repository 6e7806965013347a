"""One long day on every engine: what each step brings back, or why it is refused, is what the memory store says."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from chalicelib.service.ports import Store
from chalicelib.storage import DynamoStore
from infra.local.clients import clients
from infra.local.environment import environment, exported
from infra.template.table import table_definition
from tests.kills.conftest import emulator
from tests.storage.conftest import TABLE, Engine
from tests.storage.day import Day
from tests.storage.trace import Outcome, Step, play

KNOWN: Mapping[str, Mapping[str, str]] = {
    "moto": {},
    "dynamodb": {
        "more than ten rows": "the engine of January 2020 takes ten rows in a transaction; AWS takes a hundred",
        "many of one moment": "an index has no order within one moment, on AWS neither; all come, and each once",
        "an empty name": "the engine of January 2020 takes no empty text; AWS does",
    },
    "simulated": {
        "finer than a millisecond": "rows are kept as they are; the simulator counts in whole seconds",
        "what JSON cannot say": "rows are kept as they are; real stores refuse what they cannot write",
    },
    "embedded": {},
}
"""What an engine answers otherwise than the memory store, and why that may be. Anything else is a mistake."""


@pytest.fixture
def embedded() -> Iterator[Engine]:
    """The demo's AWS, in a process of its own."""
    with emulator() as endpoint, exported(environment(endpoint)):
        clients(endpoint)("dynamodb").create_table(**table_definition(TABLE))
        yield Engine("embedded", DynamoStore(TABLE), examples=15)


SEED = 1
DAYS = [
    ("simulated", 2000),
    ("moto", 100),
    pytest.param("dynamodb", 500, marks=pytest.mark.jvm),
    ("embedded", 500),
    pytest.param("moto", 500, marks=pytest.mark.slow),
    pytest.param("dynamodb", 2000, marks=[pytest.mark.slow, pytest.mark.jvm]),
    pytest.param("embedded", 2000, marks=pytest.mark.slow),
]
"""moto's are shorter: it copies its whole table for each transaction."""


@cache
def day(length: int) -> list[tuple[Step, Outcome]]:
    return list(Day(SEED).played(length))


@pytest.mark.parametrize(("name", "length"), DAYS)
def test_every_engine_answers_each_step_of_a_long_day_as_the_memory_store_does(
    request: pytest.FixtureRequest, name: str, length: int
) -> None:
    engine: Engine = request.getfixturevalue(name)
    differ: set[str] = set()
    for number, (step, expected) in enumerate(day(length)):
        found = play(engine.store, step)
        if step.probe and found != expected:
            differ.add(step.probe)
        elif not step.probe:
            assert found == expected, f"step {number} of {length}: {step}"
    assert differ == set(KNOWN[name]), "a difference that is gone is listed no more"


def test_the_day_asks_for_everything_a_store_can_do_and_is_refused_at_times() -> None:
    port = {name for name in vars(Store) if not name.startswith("_")}
    assert {step.call for step, _ in day(2000)} == port
    errors = Counter(outcome.error for step, outcome in day(2000) if not step.probe)
    assert errors["Conflict"] > 100 and errors["ValueError"] > 10, errors
    assert errors[""] > 1500 and set(errors) == {"", "Conflict", "ValueError"}
