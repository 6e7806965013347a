"""A network that asks to wait, fails, or breaks off: one post at most, and a state that says what is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.wiring import wired
from infra.doubles.networks.faults import Fault
from infra.doubles.networks.ledger import Post
from infra.doubles.networks.people import KINDS
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import World

THERE, MISSING = "reply_there", "reply_missing"


@pytest.fixture(autouse=True)
def healthy_again(world: World) -> Iterator[None]:
    yield
    world.networks.faults.clear()


def written_to(world: World, network: str, kind: str = "message") -> Customer:
    one = customer(world, network)
    one.says("Where is my order?", kind)
    return one


def posts(world: World, text: str) -> list[Post]:
    return [post for post in world.networks.posts() if post.text == text]


def ends(world: World, reply: Reply, state: ReplyState) -> Reply:
    eventually(lambda: world.reply(reply.id).state is state)
    return world.reply(reply.id)


def doubt(world: World, case: Case) -> dict[str, object]:
    """The line that asks a person to look."""
    return eventually(lambda: world.lines(case, "Nobody can tell whether the answer arrived"))[-1]


def test_after_429_then_500_then_200_telegram_has_one_post_because_a_person_settled_the_doubt(world: World) -> None:
    one = written_to(world, "telegram")
    world.networks.faults.add("telegram", Fault("rate_limited", seconds=2), Fault("server_error"))
    reply = world.answer(one.case, "It is on its way: 429, 500, 200")
    deferred = eventually(lambda: [e for e in world.timeline(one.case) if e.fact is Fact.REPLY_DEFERRED])[0]
    assert deferred.data["reason"] == "rate_limited"
    assert posts(world, reply.text) == []

    doubted = ends(world, reply, ReplyState.UNKNOWN)
    assert doubted.attempt == 2
    claimed, asked_to_wait_at = doubted.claimed_at, deferred.at
    assert claimed is not None and (claimed - asked_to_wait_at).total_seconds() >= 1.9
    world.press(doubt(world, one.case), MISSING, "ana")
    sent = ends(world, reply, ReplyState.SENT)
    assert (sent.attempt, len(posts(world, reply.text))) == (3, 1)
    assert world.facts(one.case).count(Fact.REPLY_SENT) == 1


def test_a_429_of_facebook_defers_by_as_long_as_it_asks(world: World) -> None:
    one = written_to(world, "facebook")
    world.networks.faults.add("facebook", Fault("rate_limited", seconds=60))
    reply = world.answer(one.case, "We will be with you in a minute")
    eventually(lambda: Fact.REPLY_DEFERRED in world.facts(one.case))
    deferred = world.reply(reply.id)
    assert deferred.state is ReplyState.QUEUED
    assert deferred.not_before is not None and deferred.claimed_at is not None
    assert 59 <= (deferred.not_before - deferred.claimed_at).total_seconds() <= 65
    eventually(lambda: world.waiting("Outbound", "Delayed"))
    assert posts(world, reply.text) == []


@pytest.mark.parametrize("kind", ["comment", "message"])
@pytest.mark.parametrize("fault", ["drop_after", "server_error_after", "not_json"])
def test_what_facebook_posted_without_telling_is_read_back_as_sent(world: World, fault: str, kind: str) -> None:
    one = written_to(world, "facebook", kind)
    world.networks.faults.add("facebook", Fault(fault))
    reply = world.answer(one.case, f"Posted, but nobody says so: {fault} {kind}")
    sent = ends(world, reply, ReplyState.SENT)
    (post,) = posts(world, reply.text)
    assert (sent.native_id, sent.attempt) == (post.id, 1)
    assert Fact.REPLY_UNKNOWN in world.facts(one.case)


def test_a_500_of_facebook_that_posted_nothing_stays_unknown_until_a_person_looks(world: World) -> None:
    one = written_to(world, "facebook", "comment")
    world.networks.faults.add("facebook", Fault("server_error"))
    reply = world.answer(one.case, "Nothing of this was posted at first")
    line = doubt(world, one.case)
    assert world.reply(reply.id).state is ReplyState.UNKNOWN
    assert posts(world, reply.text) == []
    world.press(line, MISSING, "ana")
    assert ends(world, reply, ReplyState.SENT).attempt == 2
    assert len(posts(world, reply.text)) == 1


def test_what_telegram_posted_without_telling_stays_unknown_until_a_person_has_seen_it(world: World) -> None:
    one = written_to(world, "telegram")
    world.networks.faults.add("telegram", Fault("drop_after"))
    reply = world.answer(one.case, "Telegram cannot be asked")
    line = doubt(world, one.case)
    assert world.reply(reply.id).state is ReplyState.UNKNOWN
    world.press(line, THERE, "ana")
    assert world.reply(reply.id).state is ReplyState.SENT
    assert len(posts(world, reply.text)) == 1
    assert world.reply(reply.id).attempt == 1


def test_a_receiver_that_knows_ids_is_simply_told_again(world: World) -> None:
    one = written_to(world, "standard_webhooks")
    world.networks.faults.add("standard_webhooks", Fault("drop_after"))
    reply = world.answer(one.case, "Said twice, heard once")
    ends(world, reply, ReplyState.SENT)
    assert len(posts(world, reply.text)) == 1


@contextmanager
def out_of_reach(world: World) -> Iterator[None]:
    """Nobody listens where the networks are; their addresses were read already."""
    kept = wired.vault.__dict__["_kept"]
    known = {name: one for name, one in kept.items() if name.startswith("hooks/")}
    kept.update({name: (read_at, {**hook, "api": "http://127.0.0.1:1"}) for name, (read_at, hook) in known.items()})
    yield
    kept.update(known)


def deferred(world: World, case: Case) -> list[TimelineEvent]:
    return [event for event in world.timeline(case) if event.fact is Fact.REPLY_DEFERRED]


def test_a_network_that_cannot_be_reached_is_asked_again_and_has_one_post_in_the_end(world: World) -> None:
    """Every network at once. That nothing was said is proven, so no person has to decide anything."""
    people = {name: written_to(world, name) for name in KINDS}
    for one in people.values():
        world.card(one.case)
    with out_of_reach(world):
        replies = {name: world.answer(one.case, f"Not at once, {name}") for name, one in people.items()}
        for name, one in people.items():
            told = eventually(partial(deferred, world, one.case))
            assert told[0].data["reason"] == "unreachable", name
        assert not any(posts(world, reply.text) for reply in replies.values())
    for name, reply in replies.items():
        eventually(partial(_sent, world, reply), 60)
        assert (len(posts(world, reply.text)), Fact.REPLY_UNKNOWN in world.facts(people[name].case)) == (1, False)


def _sent(world: World, reply: Reply) -> bool:
    return world.reply(reply.id).state is ReplyState.SENT
