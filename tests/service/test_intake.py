"""What networks tell becomes true once, in any order."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.commands import Resolve
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.timeline import Fact
from chalicelib.service.intake import Taken
from tests.build import BRAND, MINUTE, NOON, event
from tests.service.world import World


def test_a_first_message_opens_a_case_with_clocks_route_and_reason() -> None:
    world = World()
    assert world.take(text="I want a REFUND") is Taken.RECORDED
    case = world.case()
    assert (case.queue, case.priority, case.reasons, case.status) == ("escalations", "high", ("angry words",), "new")
    assert len(case.clocks) == 2
    assert world.facts() == [Fact.CASE_OPENED, Fact.MESSAGE_RECEIVED]
    assert world.store.timeline(BRAND, case.id)[-1].arm == NOON + 45 * MINUTE
    message = world.message()
    assert message and (message.words, message.case_id) == ("I want a REFUND", case.id)


def test_the_same_message_again_is_nothing_new() -> None:
    world = World()
    world.take()
    assert [world.take() for _ in range(4)] == [Taken.DUPLICATE] * 4
    assert world.case().seq == 2


def test_a_second_message_joins_the_open_case_across_public_and_private() -> None:
    world = World()
    world.take()
    world.take(Kind.COMMENT, id="c1", public=True, conversation=None, post="p1")
    case = world.case()
    assert case.id.endswith("-1")
    assert {thread.public for thread in case.threads.values()} == {True, False}


def test_a_solved_case_comes_back_within_a_week_and_is_a_new_one_after() -> None:
    world = World()
    world.take()
    world.bus(Resolve("1", BRAND, world.case().id, "ana"), world.clock())
    world.clock.pass_by(timedelta(days=6))
    world.take(id="mid-2", at=world.clock())
    assert (world.case().revision, world.case().status) == (1, Status.NEW)
    world.bus(Resolve("2", BRAND, world.case().id, "ana"), world.clock())
    world.clock.pass_by(timedelta(days=8))
    world.take(id="mid-3", at=world.clock())
    assert (world.case().id[-2:], world.case().revision) == ("-2", 0)


def test_an_author_nobody_names_still_gets_a_case_of_their_own() -> None:
    world = World()
    for native in ("c1", "c2"):
        world.take(Kind.COMMENT, id=native, author=None, name=None, public=True, post="p1")
    cases = {message.case_id for native in ("c1", "c2") if (message := world.message(native))}
    assert len(cases) == 2


def test_clocks_count_from_the_customers_moment_but_never_from_the_future() -> None:
    world = World()
    world.take(at=NOON - 30 * MINUTE)
    assert world.case().due_at == NOON + 30 * MINUTE
    other = World()
    other.take(at=NOON + timedelta(days=1))
    assert other.case().due_at == NOON + 60 * MINUTE


STORY = [
    event(),
    event(Kind.EDIT, of="mid-1", text="Where is my ORDER?", at=NOON + MINUTE, version="1"),
    event(Kind.REACTION, of="mid-1", text=None, emoji="👍", at=NOON + 2 * MINUTE),
    event(Kind.DELETE, of="mid-1", text=None, at=NOON + 3 * MINUTE),
]


def state(world: World) -> str:
    """Everything but the order in which it was written down."""
    message = world.message()
    case = world.case()
    assert message
    return repr((replace(message, version=0), case.status, case.queue, case.clocks, case.threads, case.id))


@pytest.mark.parametrize("order", list(permutations(STORY)))
def test_every_order_ends_in_one_message_one_case_one_state(order: tuple[Event, ...]) -> None:
    world, told_in_order = World(), World()
    for one in order:
        world.tell(one)
    for one in STORY:
        told_in_order.tell(one)
    assert state(world) == state(told_in_order)
    message = world.message()
    assert message and message.words is None


def test_five_deliveries_of_each_in_any_order_change_nothing() -> None:
    expected = World()
    for one in STORY:
        expected.tell(one)
    shuffler = random.Random(5)
    for _ in range(50):
        world = World()
        events = STORY * 5
        shuffler.shuffle(events)
        for one in events:
            world.tell(one)
        assert state(world) == state(expected)
        assert world.facts().count(Fact.MESSAGE_RECEIVED) == 1


def test_sixteen_threads_with_duplicates_make_one_case_a_person() -> None:
    world = World()
    events = [event(id=f"mid-{n}", author=f"person-{n % 20}", text=str(n)) for n in range(100)] * 3
    random.Random(7).shuffle(events)
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(world.tell, events))
    assert taken.count(Taken.RECORDED) == 100
    for n in range(20):
        case = world.case(f"person-{n}")
        assert case.id.endswith("-1")
        received = [one for one in world.store.timeline(BRAND, case.id) if one.fact is Fact.MESSAGE_RECEIVED]
        assert len(received) == 5


def test_an_echo_of_a_colleague_elsewhere_answers_the_case() -> None:
    world = World()
    world.take()
    echo = {"id": "out-1", "author": None, "recipient": "7245118832190456", "own": False, "text": "On its way!"}
    assert world.take(Kind.ECHO, **echo) is Taken.RECORDED
    assert world.take(Kind.ECHO, **echo) is Taken.DUPLICATE
    assert (world.facts()[-1], world.clock_steps()[-1]) == (Fact.REPLY_ELSEWHERE, "first_response-0 fulfil")
    assert world.case().status is Status.PENDING


def test_an_echo_of_a_public_answer_finds_its_case_by_the_comment_it_answers() -> None:
    world = World()
    world.take(Kind.COMMENT, id="c1", public=True, post="p1")
    world.take(Kind.ECHO, id="c2", author=None, parent="c1", own=None, text="Sorry!", public=True)
    assert Fact.REPLY_ELSEWHERE in world.facts()


def test_another_tool_of_ours_that_answers_stops_the_clock_too() -> None:
    world = World()
    world.take()
    world.take(Kind.ECHO, id="o1", author=None, recipient="7245118832190456", own=True, text="from another app")
    assert (world.facts()[-1], world.clock_steps()[-1]) == (Fact.REPLY_ELSEWHERE, "first_response-0 fulfil")


def test_an_echo_nobody_can_place_is_kept_as_a_message_only() -> None:
    world = World()
    assert world.take(Kind.ECHO, id="o1", author=None, parent="never-seen") is Taken.RECORDED
    assert world.take(Kind.ECHO, id="o2", author=None, parent=None) is Taken.RECORDED
    assert world.message("o1") is not None


def test_blocking_us_is_remembered_once() -> None:
    world = World()
    world.take()
    blocked = event(Kind.CONTACT_UPDATE, id="u1", subtype="blocked")
    assert [world.tell(blocked), world.tell(blocked)] == [Taken.RECORDED, Taken.DUPLICATE]
    assert world.facts().count(Fact.CONTACT_UNREACHABLE) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": Kind.UNKNOWN}, Taken.UNKNOWN),
        ({"kind": Kind.TYPING}, Taken.SIGNAL),
        ({"kind": Kind.READ, "id": None, "of": None}, Taken.SIGNAL),
        ({"kind": Kind.MESSAGE, "account": "somebody-elses-page"}, Taken.STRANGER),
    ],
)
def test_what_is_not_a_message_of_ours_is_named(changes: dict[str, object], expected: Taken) -> None:
    world = World()
    assert world.tell(replace(event(), **changes)) is expected  # type: ignore[arg-type]


def test_a_standby_message_is_never_a_case() -> None:
    world = World()
    assert world.take(Kind.STANDBY_MESSAGE, id="s1") is Taken.SIGNAL
