"""Rows end with their time: at once for every reader, and for a writer who finds the place still taken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.contact import SEEN_AGAIN
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.domain.message import Direction
from chalicelib.domain.retention import STUB, Keeping, Retention
from chalicelib.service.ports import Row
from chalicelib.storage import DynamoStore
from chalicelib.storage.layout import key_of
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import HandClock
from tests.storage import samples
from tests.storage.conftest import Engine
from tests.storage.samples import ANN, BRAND, NOON

DAYS = Retention(*(timedelta(days=count) for count in (10, 20, 30, 40, 50, 60)))
SECOND = timedelta(seconds=1)
SOLVED = samples.case(status=Status.SOLVED)


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
