"""Erasures are carried out by runs that end in time: each goes on where the last was, and none waits for another."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.card import Post
from chalicelib.domain.privacy import Erasure
from chalicelib.service import erasing
from chalicelib.service.holding import hold
from chalicelib.service.ports import Row, SlackApi, SlackBusy
from chalicelib.service.privacy import DONE, OPEN, request, requested, requests
from chalicelib.service.raw import PREFIXES
from tests.build import BRAND, MINUTE
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import MemoryArchive
from tests.service.people import ANA, ANA_ID, TOM_ID, eraser, findings, left_of, rows, runs, told
from tests.service.world import World

LONG = timedelta(seconds=45)


def asked(world: World, archive: MemoryArchive, **people: str) -> None:
    for code, person in people.items():
        request(archive, Erasure(code, BRAND, (person,), world.clock(), "odo", "asked"))


class Broken(MemoryStore):
    """Whatever is written of Ana fails."""

    faulty = True

    def commit(self, *rows: Row) -> None:
        if self.faulty and any(getattr(row, "id", "") == ANA_ID for row in rows):
            raise ConnectionError("away")
        super().commit(*rows)


def test_one_that_fails_does_not_keep_the_others_waiting() -> None:
    world, archive = World(store=Broken()), MemoryArchive()
    world.store.faulty = False  # type: ignore[attr-defined]
    told(world)
    asked(world, archive, aaa=ANA_ID, bbb=TOM_ID)
    world.store.faulty = True  # type: ignore[attr-defined]
    outcome = runs(world, archive)
    assert (outcome.done, len(outcome.failures)) == (["bbb"], 1)
    assert "Tom asks" not in rows(world)
    world.store.faulty = False  # type: ignore[attr-defined]
    assert runs(world, archive).done == ["aaa"]
    assert left_of(world, archive) == []


def test_a_held_person_does_not_keep_the_others_waiting_after_a_restore_either() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    asked(world, archive, aaa=ANA_ID, bbb=TOM_ID)
    assert runs(world, archive).done == ["aaa", "bbb"]
    world.take(id="mid-9", text="I am back", at=world.clock.pass_by(MINUTE))
    hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock())
    outcome = eraser(world, archive).again()
    assert (outcome.done, outcome.held, outcome.failures) == (["bbb"], ["aaa"], [])
    assert "I am back" in rows(world)


class Ticking:
    """Every look at the clock takes a second."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self) -> Any:
        return self.world.clock.pass_by(timedelta(seconds=1))


def run(world: World, archive: MemoryArchive, seconds: int) -> Any:
    """A run that ends after so many looks at the clock."""
    slow = eraser(world, archive, run=timedelta(seconds=seconds))
    return replace(slow, clock=Ticking(world)).work()


def test_a_run_that_ends_is_followed_by_one_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "BATCH", 2)
    world, archive = World(), MemoryArchive()
    told(world)
    asked(world, archive, aaa=ANA_ID, bbb=TOM_ID)
    number = 0
    while requests(archive, OPEN):
        run(world, archive, 6)
        assert findings(world) == []
        number += 1
        assert number < 20
    assert number > 2
    assert [one.code for one in requests(archive, DONE)] == ["aaa", "bbb"]
    assert left_of(world, archive) == []
    assert "Tom asks" not in rows(world)


class Counting(MemoryArchive):
    def __init__(self) -> None:
        super().__init__()
        self.looked: Counter[str] = Counter()

    def find(self, key: str) -> bytes | None:
        self.looked[key.partition("/")[0]] += key.startswith(PREFIXES)
        return super().find(key)


def test_the_archive_is_looked_through_once_for_all_and_goes_on_where_it_was() -> None:
    world, archive = World(), Counting()
    told(world)
    for number in range(100):
        archive.keep("unknown/facebook", f"odd-{number:03d}", b'{"a": 1}')
    archive.keep("unknown/facebook", "odd-050x", json.dumps({"from": ANA}).encode())
    asked(world, archive, aaa=ANA_ID, bbb=TOM_ID)
    while requests(archive, OPEN):
        run(world, archive, 40)
    assert archive.looked["unknown"] <= 101 + 5
    assert [key for key in archive.names("unknown") if "050x" in key] == []
    assert len(list(archive.names("unknown"))) == 100


def test_a_thousand_messages_take_few_calls(record_property: Any) -> None:
    """Ten thousand take ten times as many: at 30 ms each that is less than one run."""
    world, archive = World(), MemoryArchive()
    for number in range(1000):
        world.take(id=f"m{number}", text=f"my order {number}", at=world.clock())
    world.clock.pass_by(MINUTE)
    calls: Counter[str] = Counter()
    for name in ("commit", "several", "belongings", "case", "contact", "message", "reply", "conversation"):
        original = getattr(world.store, name)

        def counted(*given: Any, name: str = name, original: Any = original) -> Any:
            wanted = len(list(given[2])) if name == "several" else 1
            calls[name] += -(-wanted // 100) if wanted else 0
            return original(*given)

        setattr(world.store, name, counted)
    asked(world, archive, aaa=ANA_ID)
    assert runs(world, archive).done == ["aaa"]
    record_property("calls for 1,000 messages", calls.total())
    assert calls["commit"] <= 1000 / 25 + 10
    assert calls.total() <= 90
    assert left_of(world, archive) == []


class Busy:
    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        raise SlackBusy(timedelta(seconds=30))


def test_what_is_open_for_a_day_wants_a_person_unless_it_is_held() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    world.store.commit(Post(BRAND, world.case().id, "00000002", world.clock(), "1.1", "C0"))
    hold(world.store, BRAND, TOM_ID, "odo", "lawsuit", world.clock())
    asked(world, archive, aaa=ANA_ID, bbb=TOM_ID)

    def slack() -> SlackApi:
        return Busy()

    for span, late in ((timedelta(hours=1), 0), (timedelta(hours=23, minutes=1), 1)):
        world.clock.pass_by(span)
        world.meter.counts.clear()
        outcome = eraser(world, archive, slack).work()
        assert (outcome.waiting, outcome.held) == (["aaa"], ["bbb"])
        assert (world.meter.counts["erasures_late"], world.meter.counts["erasures_held"]) == (late, 1)


def test_asked_twice_it_is_done_once_and_the_second_changes_nothing() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    asked(world, archive, aaa=ANA_ID)
    runs(world, archive)
    before, done = rows(world), requested(archive, "aaa")
    world.clock.pass_by(MINUTE)
    asked(world, archive, aaa=ANA_ID)
    assert eraser(world, archive).work().done == []
    assert (rows(world), requested(archive, "aaa")) == (before, done)
    contact, _ = world.store.contact(BRAND, ids.contact_id(BRAND, "facebook", ANA))
    assert contact and contact.erasing is None
