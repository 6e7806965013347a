"""A reply ends sent, failed or unknown, and is never said twice."""

import json
from datetime import timedelta

import pytest

from chalicelib.channels.base import Credentials, Response
from chalicelib.domain.commands import Settle
from chalicelib.domain.errors import Conflict, Later, Refusal
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.delivery import LEASE
from chalicelib.service.ports import NoAnswer, NotSent
from tests.build import BRAND, NOON
from tests.service.world import HOOK, World


def answered() -> tuple[World, Reply]:
    world = World()
    world.take()
    return world, world.answer()


def posted(world: World) -> int:
    return sum(request.method == "POST" for request in world.http.asked)


def test_a_reply_is_sent_once_and_meets_the_clock() -> None:
    world, reply = answered()
    assert [world.delivery.deliver(BRAND, reply.id) for _ in range(3)] == [ReplyState.SENT] * 3
    assert posted(world) == 1
    assert (world.facts()[-1], world.clock_steps()[-1]) == (Fact.REPLY_SENT, "first_response-0 fulfil")
    assert world.case().open_replies == ()
    ours = world.message("native-1")
    assert ours and ours.reply_id == reply.id


def test_an_order_for_a_reply_that_never_was_is_harmless() -> None:
    assert World().delivery.deliver(BRAND, "nothing") is None


@pytest.mark.parametrize(
    ("answer", "expected", "fact"),
    [
        (Response(400), ReplyState.FAILED, Fact.REPLY_FAILED),
        (Response(500), ReplyState.UNKNOWN, Fact.REPLY_UNKNOWN),
        (Response(200, {}, b"<html>"), ReplyState.UNKNOWN, Fact.REPLY_UNKNOWN),
        (Response(429, {"retry-after": "7"}), ReplyState.QUEUED, Fact.REPLY_DEFERRED),
        (NotSent("refused"), ReplyState.QUEUED, Fact.REPLY_DEFERRED),
        (NoAnswer("timeout"), ReplyState.UNKNOWN, Fact.REPLY_UNKNOWN),
    ],
)
def test_only_what_is_proven_is_believed(answer: Response | Exception, expected: ReplyState, fact: Fact) -> None:
    world, reply = answered()
    world.http.script = [answer, Response(200, {}, b"[]")]
    assert world.delivery.deliver(BRAND, reply.id) is expected
    assert world.facts()[-1] is fact
    assert posted(world) == 1


def test_429_then_500_then_a_look_that_finds_it_says_it_once() -> None:
    world, reply = answered()
    world.http.script = [Response(429, {"retry-after": "7"})]
    world.delivery.deliver(BRAND, reply.id)
    with pytest.raises(Later):
        world.delivery.deliver(BRAND, reply.id)
    world.clock.pass_by(timedelta(seconds=7))
    there = json.dumps([{"id": "native-9", "text": reply.text}]).encode()
    world.http.script = [Response(500), Response(200, {}, there)]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.SENT
    assert world.reply(reply.id).native_id == "native-9"
    assert not world.meter.counts["replies_unknown"], "nobody has to decide anything"


def test_an_unknown_reply_is_never_sent_again_by_itself() -> None:
    world, reply = answered()
    world.http.script = [NoAnswer("reset"), Response(200, {}, b"[]")]
    for _ in range(5):
        world.delivery.deliver(BRAND, reply.id)
        world.clock.pass_by(timedelta(minutes=5))
    assert posted(world) == 1
    assert world.reply(reply.id).state is ReplyState.UNKNOWN


def test_a_look_that_fails_leaves_it_unknown() -> None:
    world, reply = answered()
    world.http.script = [NoAnswer("reset"), NoAnswer("again")]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
    assert world.meter.counts["replies_unknown"] == 1


def test_a_crash_between_sending_and_recording_ends_unknown_and_is_looked_up() -> None:
    world, reply = answered()
    world.http.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.delivery.deliver(BRAND, reply.id)
    with pytest.raises(Later):
        world.delivery.deliver(BRAND, reply.id)
    world.clock.pass_by(LEASE)
    world.http.script = [Response(200, {}, b"[]")]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.UNKNOWN
    assert posted(world) == 1


def test_the_echo_of_an_unknown_reply_proves_it_was_sent() -> None:
    world, reply = answered()
    world.http.script = [NoAnswer("reset"), Response(200, {}, b"[]")]
    world.delivery.deliver(BRAND, reply.id)
    world.take(Kind.ECHO, id="native-7", author=None, recipient="7245118832190456", own=True, text=reply.text)
    assert world.reply(reply.id).state is ReplyState.SENT
    assert world.facts().count(Fact.REPLY_SENT) == 1


def test_the_one_reply_in_doubt_is_proven_even_if_the_network_tidied_its_words() -> None:
    world, reply = answered()
    world.http.script = [NoAnswer("reset"), Response(200, {}, b"[]")]
    world.delivery.deliver(BRAND, reply.id)
    echo = {"id": "native-7", "author": None, "recipient": "7245118832190456", "text": "tidied"}
    world.take(Kind.ECHO, own=True, **echo)
    assert world.reply(reply.id).state is ReplyState.SENT


@pytest.mark.parametrize(
    ("kind", "state", "native"),
    [(Kind.DELIVERED, ReplyState.SENT, "native-9"), (Kind.FAILED, ReplyState.FAILED, None)],
)
def test_a_receipt_that_carries_our_own_id_settles_a_reply_in_doubt(
    kind: Kind, state: ReplyState, native: str | None
) -> None:
    world, reply = answered()
    world.http.script = [NoAnswer("reset"), Response(200, {}, b"[]")]
    world.delivery.deliver(BRAND, reply.id)
    world.take(kind, id=None, of="native-9", extra={"callback_data": reply.id})
    assert (world.reply(reply.id).state, world.reply(reply.id).native_id) == (state, native)


def test_an_echo_that_overtakes_the_answer_counts_once() -> None:
    world, reply = answered()

    class Overtaking:
        def send(self, request: object, timeout: timedelta) -> Response:
            echo = {"id": "native-1", "author": None, "recipient": "7245118832190456", "own": True}
            world.take(Kind.ECHO, text=reply.text, **echo)
            return Response(200, {}, b'{"id":"native-1"}')

    world.http = Overtaking()  # type: ignore[assignment]
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.SENT
    assert world.facts().count(Fact.REPLY_SENT) == 1


def test_two_workers_at_once_send_once() -> None:
    world, reply = answered()
    store = world.store
    world.store.commit(store.reply(BRAND, reply.id).claimed(NOON))  # type: ignore[union-attr]
    with pytest.raises(Later):
        world.delivery.deliver(BRAND, reply.id)
    assert posted(world) == 0


def test_losing_the_race_for_the_claim_sends_nothing() -> None:
    world, reply = answered()

    class Losing:
        def __getattr__(self, name: str) -> object:
            return getattr(world.store, name)

        def commit(self, *rows: object) -> None:
            raise Conflict((reply.id,))

    delivery = world.delivery
    object.__setattr__(delivery, "store", Losing())
    with pytest.raises(Later):
        delivery.deliver(BRAND, reply.id)
    assert posted(world) == 0


@pytest.mark.parametrize("lost", [None, Credentials()])
def test_without_credentials_it_fails_and_says_so(lost: Credentials | None) -> None:
    world, reply = answered()
    world.vault.hooks = {("facebook", HOOK): lost} if lost else {}
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.FAILED
    assert world.reply(reply.id).reason == "not_connected"
    assert posted(world) == 0


def test_after_the_networks_window_nothing_is_sent() -> None:
    world, reply = answered()
    world.clock.pass_by(timedelta(hours=25))
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.FAILED
    assert world.reply(reply.id).reason == "outside_window"
    assert posted(world) == 0


def test_a_failure_the_network_tells_of_later_reaches_the_case() -> None:
    world, reply = answered()
    world.delivery.deliver(BRAND, reply.id)
    assert world.take(Kind.DELIVERED, id=None, of="native-1")
    world.take(Kind.FAILED, id=None, of="native-1", reason="outside window")
    assert (world.reply(reply.id).state, world.reply(reply.id).reason) == (ReplyState.FAILED, "outside_window")
    assert world.facts()[-1] is Fact.REPLY_FAILED
    world.take(Kind.FAILED, id=None, of="native-1", reason="outside window")
    assert world.facts().count(Fact.REPLY_FAILED) == 1


def test_a_person_settles_what_nobody_can_prove() -> None:
    for there, end in ((True, ReplyState.SENT), (False, ReplyState.QUEUED)):
        world, reply = answered()
        world.http.script = [NoAnswer("reset"), Response(200, {}, b"[]")]
        world.delivery.deliver(BRAND, reply.id)
        world.bus(Settle("s1", BRAND, world.case().id, "ana", reply.id, there), world.clock())
        assert world.reply(reply.id).state is end
    world.http.script = []
    assert world.delivery.deliver(BRAND, reply.id) is ReplyState.SENT
    with pytest.raises(Refusal, match="nothing to settle"):
        world.bus(Settle("s2", BRAND, world.case().id, "ana", reply.id, True), world.clock())
