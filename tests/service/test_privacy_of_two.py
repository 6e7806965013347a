"""A merge puts two people into one case. What is done for one reaches theirs there, and nothing of the other's."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import ids
from chalicelib.domain.commands import Merge, Tag
from chalicelib.domain.event import Kind
from chalicelib.domain.retention import Keeping, Retention
from chalicelib.domain.timeline import Fact
from chalicelib.service.dossier import dossier
from chalicelib.service.holding import hold, release
from chalicelib.service.intake import Taken
from chalicelib.service.privacy import Held
from tests.build import BRAND, MINUTE
from tests.fakes.ports import MemoryArchive
from tests.service.people import (
    ANA,
    ANA_ID,
    SECRETS,
    TOM,
    TOM_ID,
    eraser,
    erasure,
    findings,
    joined,
    left_of,
    rows,
)
from tests.service.world import World

TOMS = ("Tom asks", "Tom T", "Tom asks again")
JOINT = "which of them calls every day?"


def text_of(world: World, person: str) -> str:
    return json.dumps(dossier(world.store, BRAND, person))


def test_each_gets_their_own_words_and_nobody_elses() -> None:
    world = World()
    joined(world)
    anas, toms = text_of(world, ANA_ID), text_of(world, TOM_ID)
    assert [one for one in (*SECRETS, "edited order, again") if one not in anas] == []
    assert [one for one in (*TOMS, "Tom is kind") if one not in toms] == []
    assert [one for one in (*TOMS, "Tom is kind", f'"{TOM}"', JOINT) if one in anas] == []
    assert [one for one in (*SECRETS, JOINT) if one in toms] == []


def test_what_nobody_can_tell_whom_it_means_is_left_out_and_counted() -> None:
    world = World()
    joined(world)
    found = dossier(world.store, BRAND, TOM_ID)["cases"]
    assert [one["left_out"]["notes_that_may_mean_others"] for one in found] == [1]


def test_who_is_erased_is_gone_from_the_others_case_and_the_other_stays() -> None:
    world, archive = World(), MemoryArchive()
    case = joined(world)
    eraser(world, archive).carry_out(erasure(world))
    assert left_of(world, archive, (*SECRETS, JOINT)) == []
    assert [one for one in (*TOMS, "Tom is kind") if one not in rows(world)] == []
    after = world.case(TOM)
    assert (after.status, after.contact_name, after.erased_at) == (case.status, "Tom T", None)
    assert [thread.address for thread in after.threads.values()] == [{"to": TOM}]
    assert world.store.timeline(BRAND, after.id)[-1].fact is Fact.CONTACT_ERASED
    assert findings(world) == []


def test_whose_case_it_was_is_erased_and_the_other_goes_on_in_it() -> None:
    world, archive = World(), MemoryArchive()
    joined(world)
    eraser(world, archive).carry_out(erasure(world, who=TOM_ID))
    assert [one for one in (*TOMS, "Tom is kind", JOINT) if one in rows(world)] == []
    after = world.case(TOM)
    assert (after.live, after.contact_name, after.contact_handle) == (True, "somebody", None)
    message = world.message("mid-2")
    assert message and message.words == "edited order, again"
    assert "edited order, again" in text_of(world, ANA_ID)
    assert findings(world) == []


@pytest.mark.parametrize("first", [ANA_ID, TOM_ID])
def test_when_both_are_erased_the_case_is_closed_and_about_nobody(first: str) -> None:
    world, archive = World(), MemoryArchive()
    joined(world)
    second = {ANA_ID: TOM_ID, TOM_ID: ANA_ID}[first]
    for person in (first, second):
        eraser(world, archive).carry_out(erasure(world, person, person))
        world.clock.pass_by(MINUTE)
    assert left_of(world, archive, (*SECRETS, *TOMS, JOINT, "Tom is kind")) == []
    assert (world.case(TOM).status, world.case(TOM).threads) == ("closed", {})
    assert findings(world) == []


def test_one_request_may_name_both() -> None:
    world, archive = World(), MemoryArchive()
    joined(world)
    eraser(world, archive).carry_out(replace(erasure(world), contacts=(ANA_ID, TOM_ID)))
    assert left_of(world, archive, (*SECRETS, *TOMS, JOINT)) == []
    assert findings(world) == []


@pytest.mark.parametrize("people", [(ANA_ID, TOM_ID), (TOM_ID, ANA_ID)])
def test_what_the_second_of_one_request_leaves_behind_goes_with_its_own_event(people: tuple[str, str]) -> None:
    world, archive = World(), MemoryArchive()
    case = joined(world)
    world.bus(Tag("t9", BRAND, case.id, "ana", add=("lawyer-of-tom",)), world.clock())
    eraser(world, archive).carry_out(replace(erasure(world), contacts=people))
    assert left_of(world, archive, (*SECRETS, *TOMS, JOINT, "lawyer-of-tom")) == []
    assert findings(world) == []


def test_tags_that_came_with_one_go_with_that_one() -> None:
    world = World()
    case = joined(world)
    world.bus(Tag("t9", BRAND, case.id, "ana", add=("vip",)), world.clock())
    assert world.case(TOM).tags == ("lawyer-of-ana", "vip")
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    assert world.case(TOM).tags == ("vip",)
    assert findings(world) == []


def test_what_comes_late_for_one_stores_nothing_and_the_other_goes_on() -> None:
    world, archive = World(), MemoryArchive()
    joined(world)
    eraser(world, archive).carry_out(erasure(world))
    before = rows(world)
    world.clock.pass_by(timedelta(hours=1))
    assert world.take(id="mid-7", text="my order") is Taken.ERASED
    late = world.take(Kind.ECHO, id="e-7", author=None, recipient=ANA, text="my order")
    assert late is Taken.DUPLICATE
    assert rows(world) == before
    world.take(id="mid-8", author=TOM, text="And now?", conversation=f"104552811223344:{TOM}", at=world.clock())
    assert world.case(TOM).thread().last_message_id == ids.message_id(BRAND, "harbor-facebook", "mid-8")  # type: ignore[union-attr]


def test_who_comes_back_after_that_is_somebody_new_in_a_case_of_their_own() -> None:
    world = World()
    case = joined(world)
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    at = world.clock.pass_by(MINUTE)
    world.take(id="mid-9", text="Hello again", name="Ana C", at=at)
    assert world.case().id != case.id
    assert world.case().contact_name == "Ana C"


def test_a_hold_on_one_keeps_what_they_said_in_the_others_case() -> None:
    world = World()
    world.store.keeping = Keeping(world.clock, Retention)
    joined(world)
    assert hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock()) == 2
    with pytest.raises(Held):
        eraser(world, MemoryArchive()).carry_out(erasure(world, who=TOM_ID))
    world.take(id="mid-6", text="more", at=world.clock())
    world.clock.pass_by(timedelta(days=5000))
    text = text_of(world, ANA_ID)
    assert [one for one in (*SECRETS, "edited order, again", "more") if one not in text] == []


def test_what_two_are_held_for_is_released_with_the_second() -> None:
    world = World()
    world.store.keeping = Keeping(world.clock, Retention)
    joined(world)
    for person in (ANA_ID, TOM_ID):
        hold(world.store, BRAND, person, "odo", "lawsuit", world.clock())
    assert release(world.store, BRAND, ANA_ID, "odo", "settled", world.clock()) == 1
    world.clock.pass_by(timedelta(days=5000))
    assert world.message("mid-2") is not None
    assert release(world.store, BRAND, TOM_ID, "odo", "settled", world.clock()) == 1
    world.clock.pass_by(timedelta(days=500))
    assert (world.message("mid-2"), world.message("mid-t2")) == (None, None)


def test_a_chain_of_merges_is_followed_to_its_end() -> None:
    world, archive = World(), MemoryArchive()
    joined(world)
    other = f"104552811223344:{98}"
    world.take(id="mid-e", author="98", name="Eve E", text="Eve asks", conversation=other, at=world.clock())
    world.bus(Merge("m2", BRAND, world.case(TOM).id, "ana", world.case("98").id), world.clock())
    world.clock.pass_by(MINUTE)
    world.take(id="mid-3", text="edited order, thrice", at=world.clock())
    assert "edited order, thrice" in text_of(world, ANA_ID)
    world.clock.pass_by(MINUTE)
    eraser(world, archive).carry_out(erasure(world))
    assert left_of(world, archive) == []
    assert [one for one in (*TOMS, "Eve asks") if one not in rows(world)] == []
    assert findings(world) == []
