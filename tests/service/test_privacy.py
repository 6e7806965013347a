"""One person's data: all of it comes out, all of it goes, and nothing brings it back."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import audit, ids
from chalicelib.domain.commands import AddNote
from chalicelib.domain.errors import NotFound
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.reply import ReplyState
from chalicelib.domain.retention import Keeping, Retention
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.dossier import dossier
from chalicelib.service.holding import hold, release
from chalicelib.service.intake import Taken
from chalicelib.service.ports import Row
from chalicelib.service.privacy import Eraser, Held, request, requested
from tests.build import BRAND, MINUTE
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import MemoryArchive
from tests.service.world import World

ANA = "7245118832190456"
ANA_ID = ids.contact_id(BRAND, "facebook", ANA)
SECRETS = ("Ana B", "anab", "+4915112345", "my order", "edited order", "invoice", "calls every day", "on its way", ANA)


class Crashed(Exception):
    """Scripted: the process is gone."""


class Crashing(MemoryStore):
    """Dies before one of its writes."""

    left: int | None = None

    def commit(self, *rows: Row) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Crashed
            self.left -= 1
        super().commit(*rows)


def told(world: World) -> None:
    """Ana writes twice, edits, is answered and noted about; Tom writes, too."""
    who: dict[str, Any] = {"name": "Ana B", "handle": "anab", "phone": "+4915112345"}
    file = Attachment("file", name="invoice.pdf")
    world.take(text="Where is my order?", attachments=(file,), **who)
    world.take(Kind.EDIT, id=None, of="mid-1", text="edited order", version="1", **who)
    world.take(Kind.COMMENT, id="c-1", text="my order!", public=True, conversation=None, post="p1", **who)
    world.bus(AddNote("n1", BRAND, world.case().id, "ana", "calls every day"), world.clock())
    world.delivery.deliver(BRAND, world.answer("It is on its way.").id)
    world.answer("Still on its way.", "view-2")
    world.take(id="mid-t", author="99", name="Tom", text="Tom asks", conversation="104552811223344:99")
    world.clock.pass_by(MINUTE)


def rows(world: World) -> str:
    return "\n".join(repr(row) for row in world.store._rows.values())


def erasure(world: World, code: str = "code") -> Erasure:
    return Erasure(code, BRAND, (ANA_ID,), world.clock(), "odo", "asked by mail")


def eraser(world: World, archive: MemoryArchive) -> Eraser:
    return Eraser(world.store, archive, None, world.meter, world.clock())


def test_all_of_one_person_comes_out_and_nothing_of_another() -> None:
    world = World()
    told(world)
    text = json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert [one for one in SECRETS if one not in text] == []
    assert "Tom" not in text
    assert "calls every day" not in json.dumps(dossier(world.store, BRAND, ANA_ID, notes=False))
    with pytest.raises(NotFound):
        dossier(world.store, "other", ANA_ID)


def test_all_of_one_person_goes_and_nothing_of_another() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    archive.keep("inbound", "big", json.dumps({"sender": {"id": ANA}}).encode())
    archive.keep("unknown/facebook", "odd", json.dumps({"from": int(ANA)}).encode())
    archive.keep("unknown/facebook", "tom", json.dumps({"from": 99}).encode())
    erased = eraser(world, archive).carry_out(erasure(world))
    assert (erased.cases, erased.messages, erased.replies, erased.conversations, erased.objects) == (1, 4, 2, 2, 2)
    everything = rows(world) + repr(archive.kept)
    assert [one for one in SECRETS if one in everything] == []
    assert "Tom asks" in everything
    assert world.reply(ids.reply_id(BRAND, "view-2")).state is ReplyState.FAILED


def test_what_was_counted_stays_and_the_chain_still_holds() -> None:
    world = World()
    told(world)
    before = world.case()
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    after = world.case()
    assert [clock.due_at for clock in after.clocks] == [clock.due_at for clock in before.clocks]
    events = world.store.timeline(BRAND, after.id)
    assert audit.verify(audit.head_of(after), [audit.record(event) for event in events]).findings == ()
    assert (events[-1].fact, events[-1].actor) == ("case.erased", "odo")
    assert events[-1].changed["status"][1] == "closed"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 14), max_size=3))
def test_a_crash_at_any_write_is_mended_by_doing_it_again(crashes: list[int]) -> None:
    world, archive = World(store=Crashing()), MemoryArchive()
    assert isinstance(world.store, Crashing)
    told(world)
    wanted = erasure(world)
    request(archive, wanted)
    for left in crashes:
        world.store.left = left
        try:
            eraser(world, archive).work()
        except Crashed:
            assert requested(archive, "code") == wanted
    world.store.left = None
    assert eraser(world, archive).work() == 0
    everything = rows(world) + repr(archive.kept)
    assert [one for one in SECRETS if one in everything] == []
    done = requested(archive, "code")
    assert done and done.done_at


LATE: dict[str, dict[str, Any]] = {
    "the same message again": {"text": "my order"},
    "another message of then": {"id": "mid-9", "text": "my order"},
    "an edit": {"kind": Kind.EDIT, "id": None, "of": "mid-1", "text": "my order", "version": "9"},
    "an edit of what never came": {"kind": Kind.EDIT, "id": None, "of": "mid-8", "text": "my order", "version": "9"},
    "a reaction": {"kind": Kind.REACTION, "id": None, "of": "mid-1", "emoji": "x"},
    "an echo": {"kind": Kind.ECHO, "id": "e-1", "author": None, "recipient": ANA, "text": "my order"},
}


@pytest.mark.parametrize("late", LATE)
def test_what_comes_late_stores_nothing(late: str) -> None:
    world = World()
    told(world)
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    before = rows(world)
    world.clock.pass_by(timedelta(days=1))
    assert world.take(**LATE[late]) in (Taken.ERASED, Taken.DUPLICATE)
    assert rows(world) == before


def test_who_writes_again_is_somebody_new() -> None:
    world = World()
    told(world)
    old = world.case()
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    at = world.clock.pass_by(MINUTE)
    assert world.take(id="mid-2", at=at, text="Hello again", name="Ana C") is Taken.RECORDED
    fresh = world.case()
    assert (fresh.id != old.id, fresh.contact_name, fresh.live) == (True, "Ana C", True)
    text = json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert "Ana B" not in text
    assert "Hello again" in text


def test_a_restored_table_is_erased_again_and_who_came_back_stays() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    backup = deepcopy((world.store._rows, world.store._images, world.store._sorts))
    eraser(world, archive).carry_out(erasure(world))
    world.store._rows, world.store._images, world.store._sorts = backup
    at = world.clock.pass_by(MINUTE)
    later = World(store=world.store, clock=world.clock)
    later.take(id="mid-9", author="98", name="Eve", text="Eve asks", at=at, conversation="104552811223344:98")
    assert eraser(world, archive).again() == 1
    everything = rows(world)
    assert [one for one in SECRETS if one in everything] == []
    assert "Eve asks" in everything


def test_a_hold_refuses_erasure_and_outlives_every_span() -> None:
    world = World()
    world.store.keeping = Keeping(world.clock, Retention)
    told(world)
    assert hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock()) == 1
    archive = MemoryArchive()
    request(archive, erasure(world))
    with pytest.raises(Held):
        eraser(world, archive).carry_out(erasure(world))
    assert eraser(world, archive).work() == 1
    world.clock.pass_by(timedelta(days=5000))
    text = json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert [one for one in SECRETS if one not in text] == []
    assert world.store.message(BRAND, ids.message_id(BRAND, "harbor-facebook", "mid-t")) is None
    events = world.store.timeline(BRAND, world.case().id)
    head = audit.head_of(world.case())
    assert audit.verify(head, [audit.record(event) for event in events]).findings == ()
    release(world.store, BRAND, ANA_ID, "odo", "settled", world.clock())
    world.clock.pass_by(timedelta(days=401))
    assert world.message() is None
    assert eraser(world, archive).work() == 0


def test_what_is_written_under_a_hold_is_held() -> None:
    world = World()
    world.store.keeping = Keeping(world.clock, Retention)
    told(world)
    hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock())
    world.take(id="mid-5", at=world.clock(), text="one more")
    world.take(Kind.REACTION, id=None, of="mid-5", emoji="x", at=world.clock())
    world.clock.pass_by(timedelta(days=5000))
    assert world.message("mid-5")


def test_what_is_written_while_it_is_erased_is_erased_too() -> None:
    """A worker that had read the contact before adds to the case in the last moment."""
    world, archive = World(), MemoryArchive()
    told(world)
    store = world.store

    class Racing(MemoryStore):
        raced = False

        def belongings(self, brand: str, case_id: str) -> list[Any]:
            found = super().belongings(brand, case_id)
            if not self.raced:
                self.raced = True
                _add_behind(world)
            return found

    store.__class__ = Racing
    eraser(world, archive).carry_out(erasure(world))
    assert "secret of the last moment" not in rows(world)


def _add_behind(world: World) -> None:
    """As intake does it that does not know of the erasure yet."""
    store = world.store
    contact, _ = store.contact(BRAND, ANA_ID)
    assert contact
    key = next(key for key, row in store._rows.items() if row == contact)
    store._write(key, replace(contact, erased_at=None))
    world.take(id="mid-7", text="secret of the last moment", name=None)
    now, _ = store.contact(BRAND, ANA_ID)
    assert now
    store._write(key, replace(now, erased_at=contact.erased_at, identities=contact.identities))


def test_nothing_but_ids_and_our_words_is_in_a_timeline() -> None:
    world = World()
    told(world)
    events = [row for row in world.store._rows.values() if isinstance(row, TimelineEvent)]
    assert [one for one in SECRETS if one in repr(events)] == []


def test_an_unknown_code_leads_nowhere() -> None:
    assert requested(MemoryArchive(), "nonsense") is None
