"""Rows end with their time: at once for every reader, and for a writer who finds the place still taken."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Case, Status
from chalicelib.domain.contact import SEEN_AGAIN, Contact
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.domain.logbook import ID as LOGBOOK
from chalicelib.domain.message import Direction
from chalicelib.domain.retention import STUB, Keeping, Retention
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage import DynamoStore
from chalicelib.storage.layout import key_of
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import HandClock
from tests.storage import samples
from tests.storage.conftest import DYNAMODB, Engine
from tests.storage.samples import ANN, BRAND, NOON
from tests.storage.strategies import ROW_TYPES, rows

DAYS = Retention(*(timedelta(days=count) for count in (10, 20, 30, 40, 50, 60)))
SECOND = timedelta(seconds=1)
ROWS = {kind: rows(kind) for kind in ROW_TYPES}
SOLVED = samples.case(status=Status.SOLVED)


@pytest.fixture(params=["memory", "moto", DYNAMODB])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Not the simulator's store: its stories end before anything is over."""
    chosen: Engine = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def clock(engine: Engine) -> Iterator[HandClock]:
    clock = HandClock(NOON)
    assert isinstance(engine.store, MemoryStore | DynamoStore)
    engine.store.keeping = Keeping(clock, lambda: DAYS)
    yield clock
    engine.store.keeping = None


SPANS: dict[str, tuple[Row, timedelta | None]] = {
    "message": (samples.message(direction=Direction.INBOUND), DAYS.messages),
    "note": (samples.message(direction=Direction.NOTE), DAYS.notes),
    "stub": (samples.message(), STUB),
    "live case": (samples.case(), None),
    "solved case": (SOLVED, DAYS.cases),
    "contact": (samples.contact(), DAYS.contacts + SEEN_AGAIN),
    "erased contact": (samples.contact(erased_at=NOON), None),
    "event": (samples.event(), DAYS.audit),
    "post": (samples.post(), DAYS.cases),
    "conversation": (samples.conversation(), DAYS.contacts),
}


@pytest.mark.parametrize("name", SPANS)
def test_every_class_has_its_span(name: str) -> None:
    row, span = SPANS[name]
    assert DAYS.of(row) == span


AGES = {"Contact", "Case", "Conversation", "Message", "Reply", "Action", "TimelineEvent", "Card", "Post", "CardPlace"}
"""Kinds that end by the policy file."""
ENDS_ITSELF = {
    "Draft": "an agent's words, for a week after they were typed",
    "Writing": "who has a window open, for minutes",
    "Mark": "what was done for Slack, for as long as it says",
}
STAYS = {
    "Bundle": "one for each queue and way, written over and over: ids of cases and counts",
    "AgentState": "one for each agent and brand: whether they are there",
    "Door": "one for each channel and method of Slack: when the next call is due",
    "Logbook": "how long the logbook is; nothing operators did is forgotten",
}


def stays(row: object) -> bool:
    """Rows of kinds that age, which do not as they are."""
    live = isinstance(row, Case) and row.live
    erased = isinstance(row, Contact) and row.erased_at is not None
    return live or erased or (isinstance(row, TimelineEvent) and row.case_id == LOGBOOK)


def test_every_kind_of_row_ends_or_says_why_not() -> None:
    kinds = {kind.__name__ for kind in ROW_TYPES}
    assert {*AGES, *ENDS_ITSELF, *STAYS} == kinds and len(AGES) + len(ENDS_ITSELF) + len(STAYS) == len(kinds)
    own = {kind.__name__ for kind in ROW_TYPES for field in fields(kind) if field.name == "expires_at"}
    assert own == ENDS_ITSELF.keys()


@pytest.mark.parametrize("kind", ROW_TYPES, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_stands_in_it_a_row_that_ages_has_a_span(kind: type[Row], data: st.DataObject) -> None:
    row = data.draw(ROWS[kind])
    assert (DAYS.of(row) is not None) is (kind.__name__ in AGES and not stays(row))


def test_what_is_over_is_not_seen(engine: Engine, clock: HandClock) -> None:
    store = engine.store
    store.commit(samples.message(direction=Direction.INBOUND), samples.event(), SOLVED, samples.contact())
    clock.pass_by(DAYS.messages - SECOND)
    assert store.message(BRAND, "m1")
    clock.pass_by(SECOND)
    assert store.message(BRAND, "m1") is None
    assert store.messages(BRAND, ["m1"]) == {}
    clock.pass_by(DAYS.audit)
    assert store.timeline(BRAND, case_id(ANN, 1)) == []
    assert store.belongings(BRAND, case_id(ANN, 1)) == []
    assert [one for one in store.pending(clock() + SECOND) if store.event(*one)] == []
    assert store.contact(BRAND, ANN)[1] is None


def test_a_place_whose_row_is_over_is_free(engine: Engine, clock: HandClock) -> None:
    """Though DynamoDB has not deleted it yet."""
    message = samples.message(direction=Direction.INBOUND)
    engine.store.commit(message)
    with pytest.raises(Conflict):
        engine.store.commit(message)
    clock.pass_by(DAYS.messages)
    engine.store.commit(message)
    assert engine.store.message(BRAND, "m1") == replace(message, version=1)


def test_a_hold_keeps_all_that_is_written_with_it(engine: Engine, clock: HandClock) -> None:
    engine.store.commit(replace(SOLVED, held_at=NOON), samples.message(direction=Direction.INBOUND), samples.event())
    clock.pass_by(timedelta(days=9999))
    assert engine.store.message(BRAND, "m1")
    assert engine.store.case(BRAND, SOLVED.id)
    assert engine.store.event(BRAND, SOLVED.id, 1)


def test_the_end_stands_where_dynamodb_looks_for_it(engine: Engine, clock: HandClock) -> None:
    if not isinstance(engine.store, DynamoStore):
        pytest.skip("memory deletes nothing")
    message = samples.message(direction=Direction.INBOUND)
    engine.store.commit(message)
    key = key_of(message)
    item = engine.store.table.get_item(key.pk, key.sk)["Item"]
    assert item["expires_at"] == {"N": str(int((NOON + DAYS.messages).timestamp()))}
