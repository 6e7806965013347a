"""Merged and linked cases: one write, both tell, and what comes later lands where the work goes on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.case import Case, Status
from chalicelib.domain.commands import AddNote, Answer, Approve, Link, Merge, Resolve, Take, Undo
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import Mode, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.merged import leads_to
from tests.build import BRAND, MINUTE, NOON, config
from tests.service.overtaken import OvertakenStore
from tests.service.world import HOOK, World

BEN = "7000000000000001"
BENS: dict[str, Any] = {"author": BEN, "name": "Ben", "conversation": f"104552811223344:{BEN}"}


def world() -> tuple[World, OvertakenStore]:
    """Ana's case, which is to be merged, and Ben's, into which."""
    store = OvertakenStore()
    made = World(config=config(undo=10), store=store)
    made.take()
    made.take(id="mid-b", **BENS)
    made.clock.pass_by(5 * MINUTE)
    return made, store


def merge(world: World, id: str = "m1", agent: str = "mia") -> Case:
    return world.bus(Merge(id, BRAND, anas(world).id, agent, into=bens(world).id), world.clock())


def anas(world: World) -> Case:
    return world.case()


def bens(world: World) -> Case:
    return world.case(BEN)


def told(world: World, case: Case) -> list[tuple[Fact, Any]]:
    return [(one.fact, one.data.get("into") or one.data.get("from")) for one in world.store.timeline(BRAND, case.id)]


def test_both_timelines_tell_and_only_one_case_goes_on() -> None:
    made, _ = world()
    for _ in range(2):
        merge(made)
    assert (anas(made).status, anas(made).merged_into) == (Status.SOLVED, bens(made).id)
    assert told(made, anas(made)).count((Fact.CASE_MERGED, bens(made).id)) == 1
    assert told(made, bens(made)).count((Fact.CASE_MERGED, anas(made).id)) == 1
    assert len(bens(made).threads) == 2
    assert [one.id for one in made.store.queue(BRAND, "messages")] == [bens(made).id]
    for conversation_id in anas(made).threads:
        conversation = made.store.conversation(BRAND, conversation_id)
        assert conversation is not None and conversation.case_id == bens(made).id


def test_a_customer_who_writes_again_lands_where_the_work_goes_on() -> None:
    made, _ = world()
    merge(made)
    before = anas(made)
    made.take(id="mid-2", at=NOON + MINUTE, text="Hello?")
    message = made.message("mid-2")
    assert message is not None and message.case_id == bens(made).id
    assert message.contact_id == before.contact_id
    assert anas(made) == before
    assert bens(made).last_message_id == message.id
    made.take(Kind.EDIT, of="mid-1", text="Where is it?", at=NOON + 2 * MINUTE)
    assert told(made, bens(made))[-1][0] is Fact.MESSAGE_EDITED


def test_a_new_thread_of_theirs_lands_there_too() -> None:
    made, _ = world()
    merge(made)
    made.take(Kind.COMMENT, id="c1", public=True, post="p1", conversation=None, at=NOON + MINUTE)
    assert len(bens(made).threads) == 3
    made.take(Kind.COMMENT, id="c2", public=True, post="p1", conversation=None, at=NOON + 2 * MINUTE)
    assert made.message("c2") is not None


def test_long_after_the_end_they_get_a_case_of_their_own() -> None:
    made, _ = world()
    merge(made)
    made.bus(Resolve("r", BRAND, bens(made).id, "mia"), made.clock())
    made.clock.pass_by(timedelta(days=8))
    made.take(id="mid-3", at=made.clock())
    assert (anas(made).merged_into, anas(made).live) == (None, True)
    assert not bens(made).live


def test_a_reply_on_its_way_ends_in_the_case_that_goes_on() -> None:
    made, _ = world()
    reply = made.answer()
    merge(made)
    assert made.reply(reply.id).case_id == bens(made).id
    assert (anas(made).open_replies, bens(made).open_replies) == ((), (reply.id,))
    made.clock.pass_by(timedelta(seconds=10))
    assert made.delivery.deliver(BRAND, reply.id) is ReplyState.SENT
    assert bens(made).open_replies == ()
    assert Fact.REPLY_SENT in dict(told(made, bens(made)))
    assert Fact.REPLY_SENT not in dict(told(made, anas(made)))


def test_a_reply_on_its_way_is_taken_back_where_the_work_goes_on() -> None:
    made, _ = world()
    reply = made.answer()
    merge(made)
    made.bus(Undo("u2", BRAND, bens(made).id, "ana", reply.id), made.clock())
    assert made.reply(reply.id).reason == "undone"


def test_what_we_say_elsewhere_is_told_where_the_work_goes_on() -> None:
    made, _ = world()
    merge(made)
    made.take(Kind.ECHO, id="e1", recipient="7245118832190456", text="Done.", at=NOON + MINUTE)
    assert told(made, bens(made))[-1][0] is Fact.REPLY_ELSEWHERE


def test_a_message_that_comes_while_they_are_merged_is_in_the_case_that_goes_on() -> None:
    made, store = world()
    store.before = lambda: made.take(id="mid-2", at=NOON + MINUTE)
    merge(made)
    assert bens(made).last_inbound_at == NOON + MINUTE
    made, store = world()
    store.before = lambda: merge(made)
    made.take(id="mid-2", at=NOON + MINUTE)
    message = made.message("mid-2")
    assert message is not None and message.case_id == bens(made).id


def test_a_merge_whose_answer_was_lost_is_done_once() -> None:
    made, store = world()
    store.dies = True
    with pytest.raises(ConnectionError):
        merge(made)
    merge(made)
    assert told(made, bens(made)).count((Fact.CASE_MERGED, anas(made).id)) == 1


def test_five_merge_both_ways_at_once_and_one_case_is_left() -> None:
    made, _ = world()
    one, other = anas(made).id, bens(made).id

    def ask(number: int) -> str:
        loser, winner = (one, other) if number % 2 else (other, one)
        try:
            made.bus(Merge(f"m{number}", BRAND, loser, "mia", into=winner), made.clock())
        except Refusal as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(5) as pool:
        words = list(pool.map(ask, range(5)))
    assert [anas(made).live, bens(made).live].count(True) == 1
    assert sum(fact is Fact.CASE_MERGED for case in (anas(made), bens(made)) for fact, _ in told(made, case)) == 2
    assert "" in words and all("merged into" in one for one in words if one)


def test_a_merged_case_takes_notes_and_nothing_else() -> None:
    made, _ = world()
    merge(made)
    case = anas(made)
    [thread] = case.threads.values()
    for command in (
        Take("1", BRAND, case.id, "ana"),
        Answer("2", BRAND, case.id, "ana", "Hi", Mode.PRIVATE, thread.conversation_id),
    ):
        with pytest.raises(Refusal, match="go on there"):
            made.bus(command, made.clock())
    made.bus(AddNote("3", BRAND, case.id, "ana", "see the other one"), made.clock())


def test_merges_of_merges_are_followed() -> None:
    made, _ = world()
    merge(made)
    made.take(id="mid-c", author="3", name="Cy", conversation="104552811223344:3")
    made.bus(Merge("m2", BRAND, bens(made).id, "mia", into=made.case("3").id), made.clock())
    made.take(id="mid-2", at=NOON + MINUTE)
    message = made.message("mid-2")
    assert message is not None and message.case_id == made.case("3").id


def test_linked_cases_show_each_other() -> None:
    made, _ = world()
    for _ in range(2):
        made.bus(Link("l1", BRAND, anas(made).id, "ana", to=f" {bens(made).id} "), made.clock())
    assert (anas(made).links, bens(made).links) == ((bens(made).id,), (anas(made).id,))
    for case in (anas(made), bens(made)):
        assert [fact for fact, _ in told(made, case)].count(Fact.CASE_LINKED) == 1


def test_what_is_not_there_cannot_be_joined() -> None:
    made, _ = world()
    for other in ("garbage", f"{'z' * 20}-1"):
        with pytest.raises(NotFound, match="no such case"):
            made.bus(Merge("1", BRAND, anas(made).id, "ana", into=other), made.clock())
        with pytest.raises(NotFound, match="no such case"):
            made.bus(Link("2", BRAND, anas(made).id, "ana", to=other), made.clock())


def test_conversations_are_ours_by_their_contact() -> None:
    made, _ = world()
    merge(made)
    made.take(id="mid-2", at=NOON + MINUTE)
    native, contact = "104552811223344:7245118832190456", anas(made).contact_id
    known = made.store.conversation(BRAND, ids.conversation_id(BRAND, "facebook", HOOK, native, contact))
    assert known is not None and known.contact_id == contact


def test_what_was_said_before_the_merge_is_moderated_where_the_work_goes_on() -> None:
    made, _ = world()
    message = made.message("mid-1")
    merge(made)
    assert message is not None
    assert leads_to(made.store, message.case_id, bens(made))
    assert leads_to(made.store, bens(made).id, bens(made))
    assert not leads_to(made.store, bens(made).id, anas(made))
    assert not leads_to(made.store, None, bens(made))
    assert not leads_to(made.store, f"{'z' * 20}-1", bens(made))


def test_each_conversation_says_who_speaks_there_whatever_it_was_merged_into() -> None:
    made, _ = world()
    merge(made)
    made.take(id="mid-c", author="9", name="Cleo", conversation="104552811223344:9")
    made.bus(Merge("m2", BRAND, bens(made).id, "mia", into=made.case("9").id), made.clock())
    made.take(id="mid-a2", at=made.clock.pass_by(MINUTE), name="Ana Berg")
    made.take(id="mid-b2", at=made.clock.pass_by(MINUTE), **BENS)
    merged = made.case("9")
    named = {merged.facing(one).contact_name: one.address["to"] for one in merged.threads.values()}
    assert named == {"Ana Berg": "7245118832190456", "Ben": BEN, "Cleo": "9"}
    assert merged.people == ("Ben", "Ana Berg", "Cleo")


def test_two_cases_of_one_person_have_one_name() -> None:
    made, _ = world()
    ana = anas(made)
    assert ana.people == (ana.contact_name,)


@pytest.mark.parametrize("held", [True, False])
def test_a_reply_that_went_along_is_decided_by_the_old_cases_buttons(held: bool) -> None:
    made, _ = world()
    loser = anas(made)
    (there,) = loser.threads
    made.bus(Answer("v1", BRAND, loser.id, "ana", "Hello", Mode.PRIVATE, there, approval=held), made.clock())
    merge(made)
    reply_id = ids.reply_id(BRAND, "v1")
    decided = Approve("a1", BRAND, loser.id, "mia", reply_id) if held else Undo("a1", BRAND, loser.id, "ana", reply_id)
    for _ in range(2):
        assert made.bus(decided, made.clock()).id == bens(made).id
    assert made.reply(reply_id).state is (ReplyState.QUEUED if held else ReplyState.FAILED)
    fact = Fact.REPLY_APPROVED if held else Fact.REPLY_UNDONE
    assert [one.fact for one in made.store.timeline(BRAND, bens(made).id)].count(fact) == 1


def test_a_reply_that_stayed_behind_does_not_lead_to_the_other_case() -> None:
    made, _ = world()
    reply = made.answer()
    made.clock.pass_by(MINUTE)
    made.delivery.deliver(BRAND, reply.id)
    merge(made)
    with pytest.raises(Refusal, match="go on there"):
        made.bus(Undo("u1", BRAND, anas(made).id, "ana", reply.id), made.clock())
