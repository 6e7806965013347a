"""SIGKILL between the commit and its acknowledgement: nothing is lost, and no customer hears anything twice."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
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
LINES_OF_AN_ANSWER = 4
"""The message, who took the case, their answer, and that it was sent."""
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


def counted(times: Iterable[int]) -> str:
    """What should have come once, as the page tells it; in these tests nothing may be lost or doubled."""
    found = Counter(min(one, 2) for one in times)
    assert (found[0], found[2]) == (0, 0)
    return f"lost {found[0]}, doubled {found[2]}"


def each_once(scene: Scene, people: list[Customer], lines: int = 1) -> str:
    """Everybody's message is one message of one case, with one card and so many lines below it."""
    world = scene.world
    eventually(lambda: all(one.found() for one in people), 90)
    world.settle(600)
    seen = told(scene)
    assert {seen[one.case.id, False] for one in people} == {lines}
    assert {name: depth for name, depth in world.heed.depths().items() if depth} == {}
    received = [world.facts(one.case).count(Fact.MESSAGE_RECEIVED) for one in people]
    return counted([*received, *(seen[one.case.id, True] for one in people)])


@often
def test_intake_dies_after_its_commit(scene: Scene, deaths: int, record_property: Record) -> None:
    people: list[Customer] = []

    def few() -> list[Customer]:
        people.extend(arrive(scene, 5))
        return people[-5:]

    with scene.killing("intake", commits, deaths, "Inbound") as victim:
        until_dead(victim, few, lambda last: not scene.world.waiting("Inbound", ""))
        found = each_once(scene, people)
    record_property("kills_of_intake", f"{victim.deaths}, messages {len(people)}, {found}")
    assert victim.deaths == deaths


@often
def test_the_publisher_dies_after_an_effect(scene: Scene, deaths: int, record_property: Record) -> None:
    """After a card's news, a timer, the note that all is done; and after an answer was handed to its sender."""
    people: list[Customer] = []

    def few() -> list[Customer]:
        came = arrive(scene, 5)
        eventually(lambda: all(one.found() for one in came), 90)
        for one in came:
            answer(one, f"An answer for {one.person.id}")
        people.extend(came)
        return came

    with scene.killing("publisher", effects, deaths, each=3) as victim:
        until_dead(victim, few, lambda last: not any(scene.world.store.pending(wired.now())))
        eventually(lambda: all(ended(scene, one) for one in people), 120)
    found = each_once(scene, people, LINES_OF_AN_ANSWER)
    posted = Counter(post.text for post in scene.world.networks.posts())
    answers = counted(posted[f"An answer for {one.person.id}"] for one in people)
    record_property("kills_of_publisher", f"{victim.deaths}, messages {len(people)}, {found}; answers: {answers}")
    assert victim.deaths == deaths


def ended(scene: Scene, one: Customer) -> bool:
    return Fact.REPLY_SENT in scene.world.facts(one.case)


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
        facts = [scene.world.facts(one.case) for one in people]
    found = counted(each.count(fact) for each in facts for fact in (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED))
    record_property("kills_of_clock", f"{victim.deaths}, warnings and breaches {2 * len(people)}, {found}")
    assert victim.deaths == deaths


def answer(one: Customer, text: str) -> None:
    (thread,) = one.case.threads.values()
    wired.bus(Answer(text, BRAND, one.case.id, "ana", text, Mode.PRIVATE, thread.conversation_id), wired.now())


def replies_of(scene: Scene, one: Customer) -> list[str]:
    timeline = scene.world.store.timeline(BRAND, one.case.id, ALL)
    queued = [event for event in timeline if event.fact is Fact.REPLY_QUEUED]
    return [event.data["reply_id"] for event in queued]


def settle_after_the_lease(scene: Scene, replies: list[str]) -> None:
    """What its queue does with a reply that nobody finished, without the minute it waits for that.

    Each of them has an order there that waits: none is delivered here that would not have come by itself.
    """
    eventually(lambda: not scene.world.waiting("Outbound", "", "NotVisible"), 120)
    unfinished = [reply for reply in replies if scene.world.reply(reply).state not in SETTLED]
    assert scene.world.waiting("Outbound", "Delayed") >= len(unfinished)
    with scene.world.later(PAST_LEASE, here=True):
        for reply in unfinished:
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
    doubled = sum(posted[text] > 1 for text in texts)
    told = f"{victim.deaths}, replies {len(texts)}, for a person {unsure}, doubled {doubled}"
    record_property("kills_of_delivery", told)
    assert victim.deaths == deaths


def ready(scene: Scene) -> int:
    return scene.world.waiting("Outbound", "")
