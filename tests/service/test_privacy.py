"""One person's data: all of it comes out, all of it goes, and nothing brings it back."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.errors import NotFound
from chalicelib.domain.event import Kind
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Enclosure, ReplyState, Then
from chalicelib.domain.retention import Keeping, Retention
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service import erasing
from chalicelib.service.dossier import dossier
from chalicelib.service.holding import hold, release
from chalicelib.service.intake import Taken
from chalicelib.service.ports import Row
from chalicelib.service.privacy import DONE, Held, request, requested, requests
from tests.build import BRAND, MINUTE
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import MemoryArchive
from tests.service.people import (
    ANA,
    ANA_ID,
    SECRETS,
    dismissed,
    eraser,
    erasure,
    findings,
    left_of,
    rows,
    runs,
    told,
)
from tests.service.world import World

TYPED = ("calls every day", "insults us", "lawyer-of-ana")
"""What colleagues wrote, apart from the words to the customer."""


LONG = timedelta(days=3000)


class Crash(BaseException):
    """Scripted: the process is gone."""


class Crashing(MemoryStore):
    """Dies before one of its writes."""

    left: int | None = None
    writes = 0

    def commit(self, *rows: Row) -> None:
        self.writes += 1
        if self.left is not None:
            if self.left == 0:
                raise Crash
            self.left -= 1
        super().commit(*rows)


def test_all_of_one_person_comes_out_and_nothing_of_another() -> None:
    world = World()
    told(world)
    text = json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert [one for one in SECRETS if one not in text] == []
    assert "Tom" not in text
    with pytest.raises(NotFound):
        dossier(world.store, "other", ANA_ID)


def test_without_notes_nothing_that_colleagues_wrote_comes_out() -> None:
    world = World()
    told(world)
    dismissed(world, world.case(), "she complains too much")
    text = json.dumps(dossier(world.store, BRAND, ANA_ID, notes=False)["cases"][0]["timeline"])
    messages = json.dumps(dossier(world.store, BRAND, ANA_ID, notes=False)["cases"][0]["messages"])
    acts = json.dumps(dossier(world.store, BRAND, ANA_ID, notes=False)["cases"][0]["acts"])
    assert [one for one in (*TYPED, "complains") if one in text + messages + acts] == []
    assert "complains" in json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert "on its way" in json.dumps(dossier(world.store, BRAND, ANA_ID, notes=False))


def test_all_of_one_person_goes_and_nothing_of_another() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    archive.keep("inbound", "big", json.dumps({"sender": {"id": ANA}}).encode())
    archive.keep("unknown/facebook", "odd", json.dumps({"from": int(ANA)}).encode())
    archive.keep("unknown/facebook", "tom", json.dumps({"from": 99}).encode())
    archive.keep("stranger/facebook", "odd", b"no json at all")
    erased = eraser(world, archive).carry_out(erasure(world))
    assert (erased.cases, erased.objects) == (1, 2)
    assert erased.rows == {"Message": 4, "Reply": 2, "Conversation": 2, "Action": 1}
    assert left_of(world, archive) == []
    assert "Tom asks" in rows(world)
    assert world.reply(ids.reply_id(BRAND, "view-2")).state is ReplyState.FAILED
    assert world.case().tags == ()


def test_a_file_that_was_sent_to_somebody_goes_with_them() -> None:
    world, archive = World(), MemoryArchive()
    world.take(text="Where is my bill?")
    bills = [Enclosure(f"files/{one}/bill-of-ana.pdf", "bill-of-ana.pdf", "application/pdf", 9) for one in "123"]
    for bill in bills:
        archive.put(bill.key, b"%PDF", bill.mime)
    for view, bill in zip(("view-1", "view-2"), bills, strict=False):
        reply = world.answer("Here.", view, then=Then(file=bill))
        world.delivery.deliver(BRAND, reply.id)
    world.delivery.deliver(BRAND, ids.reply_id(BRAND, f"{ids.reply_id(BRAND, 'view-1')}:file"))
    assert "bill-of-ana" in json.dumps(dossier(world.store, BRAND, ANA_ID))
    eraser(world, archive).carry_out(erasure(world))
    assert list(archive.names("files")) == [bills[2].key] and "bill-of-ana" not in rows(world)


def test_what_was_counted_stays_and_the_chain_still_holds() -> None:
    world = World()
    told(world)
    before = world.case()
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    after = world.case()
    assert [clock.due_at for clock in after.clocks] == [clock.due_at for clock in before.clocks]
    assert findings(world) == []
    last = world.store.timeline(BRAND, after.id)[-1]
    assert (last.fact, last.actor) == ("case.erased", "odo")
    assert last.changed["status"][1] == "closed"
    assert last.changed["erased_at"][0] is None


def test_a_crash_at_any_write_is_mended_by_doing_it_again(
    record_property: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "BATCH", 2)
    calm = World(store=Crashing())
    told(calm)
    before = getattr(calm.store, "writes", 0)
    eraser(calm, MemoryArchive()).carry_out(erasure(calm))
    writes = getattr(calm.store, "writes", 0) - before
    assert writes >= 10
    for left in range(writes):
        world, archive = World(store=Crashing()), MemoryArchive()
        told(world)
        request(archive, erasure(world))
        for crash in (left, 0):
            world.store.left = crash  # type: ignore[attr-defined]
            with pytest.raises(Crash):
                runs(world, archive)
            assert findings(world) == []
            done = requested(archive, "code")
            assert done and not done.done_at
        world.store.left = None  # type: ignore[attr-defined]
        runs(world, archive)
        assert [one.code for one in requests(archive, DONE)] == ["code"]
        assert left_of(world, archive) == []
        assert findings(world) == []
    record_property("crashes", writes)


LATE: dict[str, dict[str, Any]] = {
    "the same message again": {"text": "my order"},
    "another message of then": {"id": "mid-9", "text": "my order"},
    "an edit": {"kind": Kind.EDIT, "id": None, "of": "mid-1", "text": "my order", "version": "9"},
    "an edit of what never came": {"kind": Kind.EDIT, "id": None, "of": "mid-8", "text": "my order", "version": "9"},
    "a reaction": {"kind": Kind.REACTION, "id": None, "of": "mid-1", "emoji": "x"},
    "an echo": {"kind": Kind.ECHO, "id": "e-1", "author": None, "recipient": ANA, "text": "my order"},
    "an echo below a comment": {"kind": Kind.ECHO, "id": "e-2", "author": None, "parent": "c-1", "text": "my order"},
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


def test_an_edit_whose_message_never_came_goes_too() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    world.take(Kind.EDIT, id=None, of="mid-8", text="edited order, unseen", version="1", at=world.clock())
    world.take(Kind.REACTION, id=None, of="mid-7", emoji="x", author=ANA, at=world.clock())
    eraser(world, archive).carry_out(erasure(world))
    assert left_of(world, archive) == []


def test_an_echo_that_nobody_has_a_case_for_keeps_no_words() -> None:
    """Nothing would ever show them, and nothing would lead to them."""
    world = World()
    world.take(Kind.ECHO, id="e-1", author=None, recipient=ANA, text="Dear Ana B")
    assert "Dear Ana" not in rows(world)
    assert world.take(Kind.ECHO, id="e-1", author=None, recipient=ANA, text="Dear Ana B") is Taken.DUPLICATE


def test_a_reply_repeated_under_another_id_is_found_by_its_case() -> None:
    """Some networks tell of a reply under one id and answer our request with another."""
    world, archive = World(), MemoryArchive()
    told(world)
    sent = world.reply(ids.reply_id(BRAND, "view-1"))
    metadata = {"extra": {"metadata": sent.id}, "at": world.clock()}
    world.take(Kind.ECHO, id="other-1", author=None, recipient=ANA, text="It is on its way.", **metadata)
    assert world.facts()[-1] is Fact.REPLY_ECHOED
    assert world.message("other-1")
    eraser(world, archive).carry_out(erasure(world))
    assert left_of(world, archive) == []


def test_who_reacts_stands_nowhere_by_their_own_id() -> None:
    world = World()
    world.take()
    world.take(Kind.REACTION, id=None, of="mid-1", emoji="x", author="4242424242")
    message = world.message()
    assert message and list(message.reactions) == [ids.contact_id(BRAND, "facebook", "4242424242")]
    assert "4242424242" not in rows(world)


def test_the_history_of_a_case_that_is_over_by_its_age_loses_its_words() -> None:
    world, archive = World(), MemoryArchive()
    world.store.keeping = Keeping(world.clock, lambda: replace(Retention(), audit=LONG, contacts=LONG))
    told(world)
    dismissed(world, world.case(), "she insults us")
    world.clock.pass_by(timedelta(days=1200))
    assert world.store.case(BRAND, ids.case_id(ANA_ID, 1)) is None
    eraser(world, archive).carry_out(erasure(world))
    events = [row for row in world.store.belongings(BRAND, ids.case_id(ANA_ID, 1)) if isinstance(row, TimelineEvent)]
    assert events and [one for one in TYPED if one in repr(events)] == []


def test_a_restored_table_is_erased_again_and_who_came_back_stays() -> None:
    world, archive = World(), MemoryArchive()
    told(world)
    backup = deepcopy((world.store._rows, world.store._images, world.store._sorts))
    eraser(world, archive).carry_out(erasure(world))
    world.store._rows, world.store._images, world.store._sorts = backup
    at = world.clock.pass_by(MINUTE)
    later = World(store=world.store, clock=world.clock)
    later.take(id="mid-9", author="98", name="Eve", text="Eve asks", at=at, conversation="104552811223344:98")
    assert eraser(world, archive).again().done == ["code"]
    assert left_of(world, archive) == []
    assert "Eve asks" in rows(world)


def test_a_hold_refuses_erasure_and_outlives_every_span() -> None:
    world = World()
    world.store.keeping = Keeping(world.clock, Retention)
    told(world)
    assert hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock()) == 1
    archive = MemoryArchive()
    request(archive, erasure(world))
    with pytest.raises(Held):
        eraser(world, archive).carry_out(erasure(world))
    assert eraser(world, archive).work().held == ["code"]
    world.clock.pass_by(timedelta(days=5000))
    text = json.dumps(dossier(world.store, BRAND, ANA_ID))
    assert [one for one in SECRETS if one not in text] == []
    assert world.store.message(BRAND, ids.message_id(BRAND, "harbor-facebook", "mid-t")) is None
    assert findings(world) == []
    release(world.store, BRAND, ANA_ID, "odo", "settled", world.clock())
    world.clock.pass_by(timedelta(days=401))
    assert world.message() is None
    assert world.store.action(BRAND, ids.action_id(BRAND, "h1")) is None
    assert runs(world, archive).done == ["code"]


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


def test_what_is_said_after_it_was_asked_for_begins_a_new_case() -> None:
    """Between a request and its carrying out somebody may well go on talking."""
    from chalicelib.service.privacy import mark

    world, archive = World(), MemoryArchive()
    told(world)
    old, asked = world.case(), erasure(world)
    request(archive, asked)
    mark(world.store, asked)
    at = world.clock.pass_by(MINUTE)
    world.take(id="mid-8", at=at, text="and one thing more", name="Ana B")
    assert world.case().id != old.id
    assert runs(world, archive).done == ["code"]
    fresh = world.case()
    assert (fresh.live, fresh.contact_name) == (True, "Ana B")
    message = world.message("mid-8")
    assert message and message.words == "and one thing more"
    assert "Where is my order?" not in rows(world)


def test_nothing_but_ids_and_our_words_is_in_a_timeline() -> None:
    world = World()
    told(world)
    events = [row for row in world.store._rows.values() if isinstance(row, TimelineEvent)]
    assert [one for one in SECRETS if one in repr(events) and one not in TYPED] == []


def test_an_unknown_code_leads_nowhere() -> None:
    assert requested(MemoryArchive(), "nonsense") is None


def test_a_stub_is_forgotten_within_a_week() -> None:
    assert Retention().of(Message("m", BRAND, "facebook")) == timedelta(days=7)
