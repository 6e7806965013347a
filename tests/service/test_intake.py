"""What networks tell becomes true once, in any order."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from chalicelib.domain.case import Case, Status
from chalicelib.domain.commands import Resolve
from chalicelib.domain.effects import Arm, Effect, Publish
from chalicelib.domain.errors import Conflict
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.timeline import Fact
from chalicelib.handlers.worker import RECEIVES
from chalicelib.service.intake import Taken
from chalicelib.service.outbox import sweep
from tests.build import BRAND, MINUTE, NOON, event
from tests.service.test_storm import Team
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


def told_often(number: int, people: int) -> list[Event]:
    """So many messages, each told one to twenty times, all mixed up."""
    dice = random.Random(7)
    once = [event(id=f"mid-{n}", author=f"person-{n % people}", text=str(n)) for n in range(number)]
    events = [one for one in once for _ in range(dice.randint(1, 20))]
    dice.shuffle(events)
    return events


def insisted(world: World, told: Event) -> Taken:
    """As its queue does: whatever was overtaken too often comes again, five times in all."""
    for _ in range(RECEIVES - 1):
        with suppress(Conflict):
            return world.tell(told)
    return world.tell(told)


def shown(world: World) -> Counter[tuple[str, str]]:
    """What stands in Slack, by case and what it is there, after the desk was told of everything twice."""
    team = Team(customers=0, world=world)
    for _ in range(2):
        team.seen.clear()
        team.desk(NOON)
    named = (one["metadata"]["event_payload"] for one in team.slack.messages.values())
    return Counter((one["case_id"], one["post"]) for one in named)


def brought_about(world: World) -> list[Effect]:
    """What the stream does, and then the sweeper: nothing is left for it."""
    world.stream()
    assert sweep(world.store, world.effects, world.meter, world.clock.pass_by(timedelta(days=1))) == 0
    return world.effects.done


def follows_once(world: World, cases: list[Case], each: int) -> None:
    """For every case one card, one timer, and a line for each of its messages; for every fact one piece of news."""
    posts = ("card", *(f"{seq:08}" for seq in range(2, each + 2)))
    assert shown(world) == {(case.id, post): 1 for case in cases for post in posts}
    done = brought_about(world)
    news = Counter((one.event.case_id, one.event.seq) for one in done if isinstance(one, Publish))
    assert news == {(case.id, seq): 1 for case in cases for seq in range(1, each + 2)}
    assert Counter(one.case_id for one in done if isinstance(one, Arm)) == {case.id: 1 for case in cases}
    assert len(done) == len(cases) * (each + 2), "nothing but news and timers"


@pytest.mark.parametrize("people", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_sixteen_threads_with_duplicates_make_one_case_a_person(people: int, record_property: Any) -> None:
    """Of five messages each, told one to twenty times; and whatever follows follows once."""
    world, number = World(), people * 5
    events = told_often(number, people)
    with ThreadPoolExecutor(16) as pool:
        taken = Counter(pool.map(lambda one: insisted(world, one), events))
    assert taken == {Taken.RECORDED: number, Taken.DUPLICATE: len(events) - number}
    cases = [world.case(f"person-{n}") for n in range(people)]
    assert len({row.id for row in world.store._rows.values() if isinstance(row, Case)}) == people
    for case in cases:
        facts = [one.fact for one in world.store.timeline(BRAND, case.id)]
        assert case.id.endswith("-1") and facts == [Fact.CASE_OPENED, *[Fact.MESSAGE_RECEIVED] * 5]
    follows_once(world, cases, 5)
    record_property("told", f"{number} messages, told {len(events)} times")


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
