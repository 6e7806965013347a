"""One Instagram message told five times, before, between and after its edit and its unsend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, permutations

import pytest

from chalicelib.aws.fragments import SqsFragments
from chalicelib.domain.timeline import Fact
from chalicelib.service.edge import Edge
from chalicelib.wiring import wired
from infra.doubles.networks.people import WebhookRequest
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import World

COPIES = 5
ORDERS = sorted(set(permutations(("message",) * COPIES + ("edit", "delete"))))[::2]


@pytest.fixture(scope="module")
def rate_limit() -> None:
    """At a message a second the lines of all these people take minutes, and nothing here is about them."""


@dataclass
class ForgetfulQueue:
    """The queue to intake once its five minutes of remembering what it has seen are over."""

    queue: SqsFragments
    numbers: Iterator[int]

    def send(self, entries: Sequence[tuple[str, str, str]]) -> None:
        self.queue.send([(group, f"{dedupe}-{next(self.numbers)}", body) for group, dedupe, body in entries])


@pytest.fixture
def forgetful(world: World) -> Iterator[None]:
    fragments = ForgetfulQueue(SqsFragments(wired.settings.inbound_url), count())
    wired.edge = Edge(wired.vault, fragments, wired.archive, wired.meter)
    yield
    del wired.edge


def story(author: Customer) -> dict[str, WebhookRequest]:
    """The three things Instagram has to tell, each always in the same bytes."""
    message = author.event("I hate your coffee")
    edit = replace(message, kind="edit", text="I love your coffee", at=message.at + timedelta(milliseconds=10))
    delete = replace(message, kind="delete", at=message.at + timedelta(milliseconds=20))
    return {event.kind: author.request(event) for event in (message, edit, delete)}


def tell(world: World, order: Sequence[str]) -> Customer:
    author = customer(world, "instagram")
    requests = story(author)
    assert [world.hook(requests[what]) for what in order] == [200] * len(order)
    return author


def check(world: World, author: Customer) -> None:
    case = author.case
    assert case.id.endswith("-1")
    assert world.facts(case).count(Fact.MESSAGE_RECEIVED) == 1
    (told,) = [one for one in world.timeline(case) if one.fact is Fact.MESSAGE_RECEIVED]
    message = world.store.message(BRAND, told.data["message_id"])
    assert message is not None and message.deleted_at is not None
    assert (message.words, message.text, message.edit) == (None, None, None)
    assert len(world.cards(case)) == 1
    assert "taken back by its author" in str(world.card(case)["blocks"])
    assert "coffee" not in str(world.card(case))


def test_it_is_one_message_of_one_case_in_its_last_state_whatever_the_order(world: World, forgetful: None) -> None:
    """Every second one of the 42 orders there are, each copy handed to intake."""
    assert len(ORDERS) == 21
    authors = [tell(world, order) for order in ORDERS]
    world.settle(60)
    for author in authors:
        check(world, author)
    assert world.heed.depths()["InboundDead"] == 0


def test_copies_that_come_within_minutes_do_not_even_reach_intake(world: World) -> None:
    before = world.heed.meter.counts["events"]
    author = tell(world, ("message",) * COPIES + ("edit", "delete"))
    world.settle()
    check(world, author)
    assert world.heed.meter.counts["events"] == before + 3


def test_an_edit_of_what_stays_is_shown_on_the_card(world: World) -> None:
    author = customer(world, "instagram")
    requests = story(author)
    for what in ("edit", "message", "message", "edit"):
        world.hook(requests[what])
    eventually(lambda: "I love your coffee" in str(world.card(author.case)["blocks"]))
    world.settle()
    assert len(world.cards(author.case)) == 1
    assert world.facts(author.case).count(Fact.MESSAGE_RECEIVED) == 1
