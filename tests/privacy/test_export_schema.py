"""What ``heed privacy export`` writes is what ``docs/person.schema.json`` says, of every person and of any row."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.audit import plain
from chalicelib.domain.case import Case, Priority
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.reply import Enclosure, Reply, Then
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.dossier import SCHEMA, dossier
from chalicelib.service.holding import hold
from chalicelib.storage import DynamoStore
from tests.build import BRAND
from tests.fakes.ports import MemoryArchive
from tests.infra.care import ANA_ID as ANA_IN_AWS
from tests.infra.care import TOM_ID as TOM_IN_AWS
from tests.infra.care import WHO, aws, heed, store
from tests.privacy.schema import faults
from tests.service.people import ANA_ID, TOM_ID, dismissed, eraser, erasure, joined, told
from tests.service.world import World
from tests.storage.strategies import rows

__all__ = ["aws", "store"]

SAID = json.loads((Path(__file__).parents[2] / "docs" / "person.schema.json").read_text())
KINDS = (Contact, Case, Message, Reply, Action, Conversation, TimelineEvent)
"""What a dossier is made of."""
ROWS = {kind: rows(kind) for kind in KINDS}


def wrong(document: Any, part: str | None = None) -> list[str]:
    """What of the document, or of one of its parts, is not as the schema has it."""
    schema = SAID if part is None else SAID["$defs"][part]
    return list(faults(json.loads(json.dumps(document)), schema, SAID))


def held(world: World) -> None:
    told(world)
    file = Enclosure("files/1/bill.pdf", "bill.pdf", "application/pdf", 9)
    world.answer("Here is your bill.", "view-5", then=Then(tags=("paid",), priority=Priority.HIGH, file=file))
    hold(world.store, BRAND, ANA_ID, "odo", "lawsuit", world.clock())


def complaining(world: World) -> None:
    told(world)
    dismissed(world, world.case(), "she complains too much")


def erased(world: World) -> None:
    told(world)
    eraser(world, MemoryArchive()).carry_out(erasure(world))
    world.take(id="mid-7", text="Hello again", at=world.clock.pass_by(timedelta(minutes=1)))


@pytest.mark.parametrize("story", [told, joined, held, complaining, erased])
@pytest.mark.parametrize("notes", [True, False])
def test_every_export_of_the_stories_about_privacy_is_as_the_schema_says(story: Any, notes: bool) -> None:
    world = World()
    story(world)
    exports = [dossier(world.store, BRAND, one, notes=notes) for one in (ANA_ID, TOM_ID)]
    assert [wrong(one) for one in exports] == [[], []]
    assert all(one["cases"] for one in exports) and {one["schema"] for one in exports} == {SCHEMA}


def test_what_the_command_writes_is_as_the_schema_says(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "person.json"
    asked = ("privacy", "export", "--brand", BRAND, *WHO, "--out", out, "--contact", ANA_IN_AWS)
    assert heed(*asked).exit_code == 0
    assert wrong(json.loads(out.read_text())) == []
    assert heed(*asked, "--contact", TOM_IN_AWS).exit_code == 0
    assert [wrong(one) for one in json.loads(out.read_text())] == [[], []]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_stands_in_a_row_its_export_is_as_the_schema_says(kind: Any, data: st.DataObject) -> None:
    assert wrong(plain(data.draw(ROWS[kind])), kind.__name__) == []


def parts(kind: type) -> Iterator[type]:
    """A record and those it is made of."""
    yield kind
    for hint in get_type_hints(kind, localns={"Priority": Priority}).values():
        yield from (one for inner in leaves(hint) for one in parts(inner))


def leaves(hint: Any) -> Iterator[type]:
    if inner := get_args(hint):
        yield from (one for each in inner for one in leaves(each))
    elif is_dataclass(hint) and isinstance(hint, type):
        yield hint


RECORDS: dict[str, Any] = {one.__name__: one for kind in KINDS for one in parts(kind)}


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_schema_names_every_field_there_is_and_no_other(name: str) -> None:
    assert set(SAID["$defs"][name]["properties"]) == {one.name for one in fields(RECORDS[name]) if one.init}


def spoiled() -> Iterator[tuple[str, Any]]:
    world = World()
    told(world)
    whole = dossier(world.store, BRAND, ANA_ID)
    case = whole["cases"][0]
    yield "a field more", {**whole, "agent": "ana"}
    yield "another version", {**whole, "schema": "heed.person/2"}
    yield "no cases", {name: value for name, value in whole.items() if name != "cases"}
    yield "nobody's message", {**whole, "cases": [{**case, "messages": [{**case["messages"][0], "draft": "x"}]}]}
    yield "a local time", {**whole, "contact": {**whole["contact"], "first_seen_at": "2026-06-01T12:00:00"}}
    yield "a number of text", {**whole, "contact": {**whole["contact"], "cases": "1"}}


SPOILED = dict(spoiled())


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_not_of_that_shape_is_found(name: str) -> None:
    assert wrong(SPOILED[name])
