"""A worker is killed at the worst moment: nothing is lost, and nothing is said twice."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.commands import Settle
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.wiring import wired
from infra.doubles.networks.faults import Fault
from infra.doubles.networks.ledger import Post
from infra.local.clients import clients
from infra.local.heed import PROJECT
from infra.local.invoke import SubprocessInvoker, WorkerKilledError
from infra.local.pumps.base import Invoke
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import World

BATCH = 10
VISIBLE_AGAIN = {"Inbound": 5, "Outbound": 3}
PAST_LEASE = timedelta(seconds=61)
NO_RECORDS: dict[str, Any] = {"Records": []}


@pytest.fixture
def workers(world: World) -> Iterator[SubprocessInvoker]:
    """Processes that run the project's own handlers and can be killed; what a dead one held comes back in seconds."""
    for queue, seconds in VISIBLE_AGAIN.items():
        url = world.heed.stack.physical_id(queue)
        clients()("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
    invoker = SubprocessInvoker(world.heed.stack, PROJECT, os.environ, isolated=False)
    for function in ("intake", "delivery"):
        invoker(function, NO_RECORDS)
    yield invoker
    invoker.close()


@contextmanager
def moved(world: World, function: str, invoke: Invoke) -> Iterator[None]:
    world.run_elsewhere(function, invoke)
    try:
        yield
    finally:
        world.run_here(function)


@contextmanager
def killed_when(happened: Callable[[], object], workers: SubprocessInvoker, function: str) -> Iterator[None]:
    """SIGKILL for the function's workers at that moment; on leaving it has happened."""

    def strike() -> None:
        eventually(happened, 20)
        workers.kill(function)

    with ThreadPoolExecutor(1) as pool:
        struck = pool.submit(strike)
        yield
        struck.result()


def dies_after_its_work(workers: SubprocessInvoker) -> Invoke:
    """Everything is committed, but the first worker never says so."""
    deaths: list[str] = []

    def invoke(name: str, event: Any) -> Any:
        answer = workers(name, event)
        if not deaths:
            deaths.append(name)
            workers.kill(name)
            raise WorkerKilledError(name)
        return answer

    return invoke


def written(world: World) -> list[Customer]:
    """Ten messages that wait to be taken as one batch."""
    world.runtime.pause("intake")
    people = [customer(world, "facebook") for _ in range(BATCH)]
    for one in people:
        one.says("Where is my order?")
    return people


def taken(people: list[Customer]) -> int:
    return sum(one.found() is not None for one in people)


def check_each_once(world: World, people: list[Customer]) -> None:
    eventually(lambda: not world.waiting("Inbound"), 20)
    world.settle()
    for one in people:
        assert world.facts(one.case).count(Fact.MESSAGE_RECEIVED) == 1
        assert one.case.id.endswith("-1")
        assert len(world.cards(one.case)) == 1
        assert len(world.lines(one.case)) == 1
    assert world.heed.depths()["InboundDead"] == 0


def test_intake_killed_in_the_middle_of_its_batch_takes_every_message_once(
    world: World, workers: SubprocessInvoker
) -> None:
    people = written(world)
    with moved(world, "intake", workers):
        with killed_when(people[0].found, workers, "intake"):
            world.runtime.resume("intake")
        assert 0 < taken(people) < BATCH
        assert world.waiting("Inbound", "NotVisible") == BATCH
        check_each_once(world, people)


def test_intake_killed_between_its_last_commit_and_the_delete_takes_every_message_once(
    world: World, workers: SubprocessInvoker
) -> None:
    people = written(world)
    with moved(world, "intake", dies_after_its_work(workers)):
        world.runtime.resume("intake")
        eventually(lambda: taken(people) == BATCH, 20)
        assert world.waiting("Inbound", "NotVisible") == BATCH
        check_each_once(world, people)


def posts(world: World, reply: Reply) -> list[Post]:
    return [post for post in world.networks.posts() if post.text == reply.text]


def killed_while_sending(world: World, workers: SubprocessInvoker, network: str) -> Reply:
    """The network has the answer, and the worker dies before it is told so."""
    one = customer(world, network)
    one.says("Where is my order?")
    world.card(one.case)
    before = len(world.networks.posts())
    world.networks.faults.add(network, Fault("slow", seconds=3))
    with (
        moved(world, "delivery", workers),
        killed_when(lambda: len(world.networks.posts()) > before, workers, "delivery"),
    ):
        reply = world.answer(one.case, f"It arrives tomorrow, says {network}")
    assert world.reply(reply.id).state is ReplyState.SENDING
    return reply


def comes_back(world: World, reply: Reply, state: ReplyState) -> None:
    """The queue offers the reply again, and its lease is over."""
    with world.later(PAST_LEASE):
        eventually(lambda: world.reply(reply.id).state is state, 20)


def test_a_reply_whose_sender_died_is_read_back_from_facebook_as_sent(world: World, workers: SubprocessInvoker) -> None:
    reply = killed_while_sending(world, workers, "facebook")
    comes_back(world, reply, ReplyState.SENT)
    (post,) = posts(world, reply)
    assert world.reply(reply.id).native_id == post.id


def test_a_reply_whose_sender_died_stays_unknown_on_telegram_until_an_agent_settles_it(
    world: World, workers: SubprocessInvoker
) -> None:
    reply = killed_while_sending(world, workers, "telegram")
    comes_back(world, reply, ReplyState.UNKNOWN)
    assert len(posts(world, reply)) == 1
    settled = Settle("seen-it", reply.brand, reply.case_id, "ana", reply.id, posted=True)
    case = wired.bus(settled, wired.now())
    assert world.reply(reply.id).state is ReplyState.SENT
    assert case.open_replies == ()
    assert len(posts(world, reply)) == 1
