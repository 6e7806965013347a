"""One door for all commands: roles, repeats and races."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.case import Priority, Status
from chalicelib.domain.commands import (
    AddNote,
    Answer,
    Assign,
    Command,
    Merge,
    Release,
    Resolve,
    SetPriority,
    Settle,
    Take,
)
from chalicelib.domain.errors import NotAllowed, NotFound, Refusal
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import Mode
from chalicelib.domain.timeline import Fact
from tests.build import BRAND
from tests.service.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.take()
    return world


def test_five_agents_race_and_one_has_it(world: World) -> None:
    case_id = world.case().id

    def take(agent: str) -> str:
        try:
            return world.bus(Take(f"click-{agent}", BRAND, case_id, agent), world.clock()).assignee or ""
        except Refusal as refusal:
            return str(refusal)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(take, ["ana", "tom", "mia", "ana", "tom"]))
    owner = world.case().assignee
    assert owner in ("ana", "tom", "mia")
    assert all(answer == owner or answer == f"This case was already taken by {owner.title()}." for answer in answers)
    assert world.facts().count(Fact.CASE_TAKEN) == 1


def test_every_fact_of_a_command_names_it_and_says_why_where_the_person_did(world: World) -> None:
    world.take(id="mid-t", author="99", name="Tom", text="Tom asks", conversation="104552811223344:99")
    mine, theirs = world.case(), world.case("99")
    world.bus(Assign("a1", BRAND, mine.id, "ana", to="tom", note="please", why="he knows her"), world.clock())
    world.bus(
        SetPriority("p1", BRAND, mine.id, "ana", priority=Priority.HIGH, reason="angry", why="unused"), world.clock()
    )
    world.bus(Merge("m1", BRAND, mine.id, "tom", into=theirs.id, why="  same   parcel "), world.clock())
    told = {case: [(one.fact, one.data) for one in world.store.timeline(BRAND, case)] for case in (mine.id, theirs.id)}
    assigned, noted, raised, ended = [(fact, data) for fact, data in told[mine.id] if "command" in data]
    assert (assigned[1]["command"], assigned[1]["reason"]) == ("a1", "he knows her")
    assert (noted[0], noted[1]["command"]) == ("note.added", "a1")
    assert (raised[1]["command"], raised[1]["reason"]) == ("p1", "angry")
    joined = [data for fact, data in told[theirs.id] if fact is Fact.CASE_MERGED]
    assert [(one["command"], one["reason"]) for one in (ended[1], *joined)] == [("m1", "same parcel")] * 2


def test_a_double_click_on_send_queues_one_reply(world: World) -> None:
    assert world.answer(command_id="view-1").id == world.answer(command_id="view-1").id
    assert world.facts().count(Fact.REPLY_QUEUED) == 1
    assert len(world.case().open_replies) == 1


def test_answering_an_unowned_case_takes_it(world: World) -> None:
    world.answer(agent="tom")
    assert world.case().assignee == "tom"
    assert world.facts()[-2:] == [Fact.CASE_TAKEN, Fact.REPLY_QUEUED]


def test_a_colleague_may_help_without_taking_over(world: World) -> None:
    world.bus(Take("1", BRAND, world.case().id, "ana"), world.clock())
    world.answer(agent="tom")
    assert world.case().assignee == "ana"


def test_a_note_is_kept_once_and_only_for_colleagues(world: World) -> None:
    for _ in range(2):
        world.bus(AddNote("event-1", BRAND, world.case().id, "ana", "call her"), world.clock())
    assert world.facts().count(Fact.NOTE_ADDED) == 1
    assert world.http.asked == []


def test_resolving_and_releasing(world: World) -> None:
    world.bus(Take("1", BRAND, world.case().id, "ana"), world.clock())
    world.bus(Release("2", BRAND, world.case().id, "ana"), world.clock())
    world.bus(Resolve("3", BRAND, world.case().id, "tom"), world.clock())
    assert (world.case().assignee, world.case().status) == (None, Status.SOLVED)


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("   ", "empty"), ("x" * 101, "takes 100 characters; this has 101")]
)
def test_words_that_cannot_be_sent_are_refused_at_once(world: World, text: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        world.answer(text)


def test_an_empty_note_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="empty"):
        world.bus(AddNote("1", BRAND, world.case().id, "ana", " "), world.clock())


@pytest.mark.parametrize("mode", [Mode.PUBLIC, Mode.PRIVATE_REPLY])
def test_a_private_conversation_takes_no_public_words(world: World, mode: Mode) -> None:
    [thread] = world.case().threads.values()
    with pytest.raises(Refusal, match="not possible"):
        world.bus(Answer("1", BRAND, world.case().id, "ana", "hi", mode, thread.conversation_id), world.clock())


def test_a_public_comment_can_be_answered_privately_where_the_network_has_it() -> None:
    world = World()
    world.take(Kind.COMMENT, id="c1", public=True, post="p1")
    [thread] = world.case().threads.values()
    command = Answer("1", BRAND, world.case().id, "ana", "hi", Mode.PRIVATE_REPLY, thread.conversation_id)
    world.bus(command, world.clock())
    assert world.facts()[-1] is Fact.REPLY_QUEUED
    with pytest.raises(Refusal, match="not possible"):
        wrong = Answer("2", BRAND, world.case().id, "ana", "hi", Mode.PRIVATE, thread.conversation_id)
        world.bus(wrong, world.clock())


@pytest.mark.parametrize("agent", ["odo", "nobody"])
def test_auditors_and_strangers_change_nothing(world: World, agent: str) -> None:
    with pytest.raises(NotAllowed, match=r"care\.yaml"):
        world.bus(Take("1", BRAND, world.case().id, agent), world.clock())
    assert world.case().assignee is None


def test_what_does_not_exist_is_said_so(world: World) -> None:
    absent: list[Command] = [
        Take("1", BRAND, f"{'z' * 20}-1", "ana"),
        Take("1", BRAND, "garbage", "ana"),
        Answer("2", BRAND, world.case().id, "ana", "hi", Mode.PRIVATE, "nowhere"),
        Settle("3", BRAND, world.case().id, "ana", "nothing", True),
    ]
    for command in absent:
        with pytest.raises(NotFound):
            world.bus(command, world.clock())
