"""A whole conversation, told in thousands of orders, ends as it did in the order in which it happened."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.timeline import Fact
from chalicelib.service.intake import Taken
from tests.build import BRAND, MINUTE, NOON, event
from tests.service.world import World

ANA = "7245118832190456"
ORIGINALS = ("mid-1", "mid-2", "mid-3")
COUNTED = frozenset({"version", "seq", "head", "timer", "stubs"})
"""What says in which order, and in how many writes, a row came to be; ``stubs``: what was edited before it came."""


def about(kind: Kind, of: str, minute: int, **changes: Any) -> Event:
    return event(kind, of=of, at=NOON + minute * MINUTE, **{"text": None, **changes})


def said(id: str, minute: int, text: str) -> Event:
    return event(id=id, at=NOON + minute * MINUTE, text=text)


FIRST = said("mid-1", 0, "Where is my order?")
OURS: dict[str, Any] = {"author": None, "recipient": ANA, "own": False, "text": "On its way!"}
ECHO = event(Kind.ECHO, id="out-1", at=NOON + 9 * MINUTE, **OURS)
HAPPENED = [
    FIRST,
    about(Kind.EDIT, "mid-1", 1, text="Where is my ORDER?", version="1"),
    about(Kind.REACTION, "mid-1", 2, emoji="👍"),
    said("mid-2", 3, "I know where you live"),
    about(Kind.EDIT, "mid-1", 4, text="Where is my order 4711?", version="2"),
    about(Kind.EDIT, "mid-2", 5, text="I know where you work", version="1"),
    about(Kind.REACTION_REMOVED, "mid-1", 6),
    about(Kind.DELETE, "mid-2", 7),
    said("mid-3", 8, "Anybody there?"),
    ECHO,
    about(Kind.READ, "out-1", 10),
    FIRST,
]
"""Ana writes, edits, reacts and takes back; a colleague answers elsewhere, which she reads; a message comes twice."""


def shuffles(number: int, told: Sequence[Event]) -> Iterator[list[Event]]:
    shuffler = random.Random(20_260_601)
    for _ in range(number):
        order = [*told]
        shuffler.shuffle(order)
        yield order


def world_after(order: Sequence[Event]) -> World:
    """All of it is told half an hour later, so that no moment is one that is still to come."""
    world = World()
    world.clock.pass_by(30 * MINUTE)
    taken = [world.tell(one) for one in order]
    assert set(taken) <= {Taken.RECORDED, Taken.DUPLICATE}
    return world


def row(known: Any) -> dict[str, Any]:
    assert known is not None
    return {name: value for name, value in asdict(known).items() if name not in COUNTED}


def messages(world: World) -> dict[str, dict[str, Any]]:
    return {native: row(world.message(native)) for native in ORIGINALS}


def whole(world: World) -> dict[str, Any]:
    """All that was said, by whom, and the case with its clocks."""
    contact, _ = world.store.contact(BRAND, world.case().contact_id)
    return {**messages(world), "echo": row(world.message("out-1")), "contact": row(contact), "case": row(world.case())}


def heard(world: World) -> Counter[str]:
    """How often the case tells of each message that it came."""
    told = world.store.timeline(BRAND, world.case().id)
    return Counter(str(one.data["message_id"]) for one in told if one.fact is Fact.MESSAGE_RECEIVED)


def cases(world: World) -> list[str]:
    return [one.id for one in world.store._rows.values() if isinstance(one, Case)]


many = pytest.mark.parametrize("number", [200, pytest.param(5000, marks=pytest.mark.slow)])


@many
def test_however_a_conversation_is_told_its_messages_are_in_their_last_state_in_one_case(number: int) -> None:
    """An echo that is told before anybody wrote finds no case to answer; any other one has answered it."""
    expected = world_after(HAPPENED)
    early = 0
    for order in shuffles(number, HAPPENED):
        world = world_after(order)
        assert messages(world) == messages(expected)
        assert cases(world) == cases(expected) == [world.case().id]
        assert heard(world) == heard(expected) and set(heard(world).values()) == {1}
        case, known = world.case(), expected.case()
        assert (case.threads, case.last_message_id) == (known.threads, known.last_message_id)
        lost = ECHO in order[: min(place for place, one in enumerate(order) if one.kind is Kind.MESSAGE)]
        assert lost or case.status is Status.PENDING
        early += lost
    assert 0 < early < number


@many
def test_once_a_conversation_has_begun_all_else_may_be_told_in_any_order(number: int) -> None:
    """Clocks count from the message that began the case, so that one comes first; nothing else need be in its place."""
    expected = world_after(HAPPENED)
    wanted = whole(expected)
    assert [one.state for one in expected.case().clocks] == [ClockState.MET, ClockState.RUNNING]
    for order in shuffles(number, HAPPENED[1:]):
        assert whole(world_after([FIRST, *order])) == wanted


def test_the_orders_hold_what_they_are_to_hold() -> None:
    """Among them are edits after the delete, receipts before the message they are about, and repeats before all."""
    orders = list(shuffles(200, HAPPENED))
    places = [{id(one): place for place, one in enumerate(order)} for order in orders]
    late_edit, delete, receipt = (id(HAPPENED[n]) for n in (5, 7, 10))
    assert len({tuple(map(id, order)) for order in orders}) == 200
    assert any(at[late_edit] > at[delete] for at in places) and any(at[late_edit] < at[delete] for at in places)
    assert any(at[receipt] < at[id(ECHO)] for at in places)
    message = world_after(HAPPENED).message("mid-2")
    assert message is not None and message.words is None and message.deleted_at == NOON + 7 * MINUTE
