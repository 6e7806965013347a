"""SIGKILL between the commit and its acknowledgement: nothing is lost, and no customer hears anything twice."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.commands import Answer
from chalicelib.domain.reply import Mode, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.wiring import wired
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.kills.conftest import Scene
from tests.kills.executioner import Executioner, commits, effects
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import HURRY

MANY = int(os.environ.get("HEED_KILLS", "1000"))
ALL = 100_000
QUESTION = "Where is my order?"
PAST_LEASE = timedelta(seconds=61)
SETTLED = (ReplyState.SENT, ReplyState.UNKNOWN)

Record = Callable[[str, object], None]

FEW, OFTEN = pytest.param(6, id="few"), pytest.param(MANY, id="often", marks=pytest.mark.slow)
often = pytest.mark.parametrize("deaths", [FEW, OFTEN])


def arrive(scene: Scene, number: int, words: str = QUESTION) -> list[Customer]:
    people = [customer(scene.world, "facebook") for _ in range(number)]
    for one in people:
        one.says(words)
    return people


def until_dead(victim: Executioner, arriving: Callable[[], list[Customer]], taken: Callable[[Customer], object]) -> int:
    """Customers write until the worker has died as often as it was to."""
    number = 0
    while not victim.done:
        people = arriving()
        number += len(people)
        last = people[-1]
        eventually(lambda: victim.done or taken(last), 90)  # noqa: B023 - called before the next round
    return number


def told(scene: Scene) -> Counter[tuple[str, bool]]:
    """How often Slack shows each case's card, and lines below it."""
    bodies = [one.body for one in list(scene.world.slack.workspace.messages) if not one.gone]
    about = [(body.get("metadata") or {}).get("event_payload", {}) for body in bodies]
    return Counter((one["case_id"], one["post"] == "card") for one in about if "case_id" in one)


def check_each_once(scene: Scene, people: list[Customer]) -> None:
    world = scene.world
    eventually(lambda: all(one.found() for one in people), 90)
    world.settle(600)
    seen = told(scene)
    for one in people:
        assert world.facts(one.case).count(Fact.MESSAGE_RECEIVED) == 1
        assert (seen[one.case.id, True], seen[one.case.id, False]) == (1, 1)
    assert {name: depth for name, depth in world.heed.depths().items() if depth} == {}


@often
def test_intake_dies_after_its_commit(scene: Scene, deaths: int, record_property: Record) -> None:
    people: list[Customer] = []

    def few() -> list[Customer]:
        people.extend(arrive(scene, 5))
        return people[-5:]

    with scene.killing("intake", commits, deaths, "Inbound") as victim:
        until_dead(victim, few, lambda last: not scene.world.waiting("Inbound", ""))
        check_each_once(scene, people)
    record_property("kills_of_intake", f"{victim.deaths}, messages {len(people)}, lost 0, doubled 0")
    assert victim.deaths == deaths


@often
def test_the_publisher_dies_after_an_effect(scene: Scene, deaths: int, record_property: Record) -> None:
    people: list[Customer] = []

    def few() -> list[Customer]:
        people.extend(arrive(scene, 5))
        return people[-5:]

    with scene.killing("publisher", effects, deaths, each=3) as victim:
        until_dead(victim, few, lambda last: last.found() and not scene.world.waiting("Inbound"))
        check_each_once(scene, people)
    record_property("kills_of_publisher", f"{victim.deaths}, messages {len(people)}, lost 0, doubled 0")
    assert victim.deaths == deaths


@often
def test_the_clock_dies_after_its_commit(scene: Scene, deaths: int, record_property: Record) -> None:
    people: list[Customer] = []

    def breached(one: Customer) -> bool:
        return Fact.CLOCK_BREACHED in scene.world.facts(one.case)

    def hasty() -> list[Customer]:
        people.extend(arrive(scene, 20, f"I need it {HURRY}"))
        return people[-20:]

    with scene.killing("clock", commits, deaths, "Timers") as victim:
        until_dead(victim, hasty, breached)
        eventually(lambda: all(breached(one) for one in people), 120)
        scene.world.settle(600)
        for one in people:
            facts = scene.world.facts(one.case)
            assert (facts.count(Fact.CLOCK_WARNED), facts.count(Fact.CLOCK_BREACHED)) == (1, 1)
    record_property("kills_of_clock", f"{victim.deaths}, breaches {len(people)}, lost 0, doubled 0")
    assert victim.deaths == deaths


def answer(one: Customer, text: str) -> None:
    (thread,) = one.case.threads.values()
    wired.bus(Answer(text, BRAND, one.case.id, "ana", text, Mode.PRIVATE, thread.conversation_id), wired.now())


def replies_of(scene: Scene, one: Customer) -> list[str]:
    timeline = scene.world.store.timeline(BRAND, one.case.id, ALL)
    queued = [event for event in timeline if event.fact is Fact.REPLY_QUEUED]
    return [event.data["reply_id"] for event in queued]


def settle_after_the_lease(scene: Scene, replies: list[str]) -> None:
    """What its queue does with a reply that nobody finished, without the minute it waits for that."""
    eventually(lambda: not scene.world.waiting("Outbound", "", "NotVisible"), 120)
    with scene.world.later(PAST_LEASE):
        for reply in replies:
            if scene.world.reply(reply).state not in SETTLED:
                wired.delivery.deliver(BRAND, reply)


@often
def test_delivery_dies_after_its_claim_its_post_or_its_record(
    scene: Scene, deaths: int, record_property: Record
) -> None:
    world = scene.world
    people = arrive(scene, 10)
    eventually(lambda: all(one.found() for one in people), 60)
    world.settle(60)
    texts: list[str] = []

    def answered() -> list[Customer]:
        for one in people:
            texts.append(f"Answer {deaths}/{len(texts)} for you")
            answer(one, texts[-1])
        return people

    with scene.killing("delivery", commits, deaths, "Outbound", each=3) as victim:
        until_dead(victim, answered, lambda last: not any(world.store.pending(wired.now())) and not ready(scene))
    replies = [reply for one in people for reply in replies_of(scene, one)]
    settle_after_the_lease(scene, replies)
    ended = [world.reply(one) for one in replies]
    posted = Counter(post.text for post in world.networks.posts())
    assert len(replies) == len(texts)
    assert {one.state for one in ended} <= set(SETTLED)
    assert [text for text in texts if posted[text] > 1] == []
    assert [one.text for one in ended if one.state is ReplyState.SENT and posted[one.text] != 1] == []
    unsure = sum(one.state is ReplyState.UNKNOWN for one in ended)
    assert world.heed.depths()["OutboundDead"] == 0
    record_property("kills_of_delivery", f"{victim.deaths}, replies {len(texts)}, for a person {unsure}, doubled 0")
    assert victim.deaths == deaths


def ready(scene: Scene) -> int:
    return scene.world.waiting("Outbound", "")
