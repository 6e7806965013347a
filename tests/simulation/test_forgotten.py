"""Meta asks for one of two customers to be forgotten, in the middle of a story with faults: nothing of them stays, and
nothing of the other one goes.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.service.privacy import OPEN, requests
from tests.handlers.test_privacy import signed
from tests.simulation import check_audit, check_desk, checker
from tests.simulation.network import OURS, Customer
from tests.simulation.run import CORRECT, FAULTS_END, drain, play
from tests.simulation.runs import FIRST
from tests.simulation.story import Story, Words
from tests.simulation.world import EVENT, World

STORIES, SLICES = 100, 4
WORDS = "kestrel"
AGAIN, EVERY = 60, 300
[PAGE] = (one for one in OURS if one.network == "facebook")


class Forgetting(Story):
    """``leaves`` writes no more once they have asked to be forgotten; ``stays`` goes on."""

    def begin(self) -> None:
        random, scheduler = self.world.random, self.world.scheduler
        self.leaves, self.stays = (self.world.network.customer(PAGE) for _ in range(2))
        asks = random.randint(300, 1200)
        for _ in range(random.randint(1, 3)):
            scheduler.between(0, asks, lambda: self._says(self.leaves, WORDS))
            scheduler.between(0, FAULTS_END, lambda: self._says(self.stays, "sparrow"))
        for _ in range(random.randint(2, 6)):
            scheduler.between(5, FAULTS_END, self.agents.somebody)
        payload = {"algorithm": "HMAC-SHA256", "user_id": self.leaves.person.id}
        self.body = urlencode({"signed_request": signed(payload, PAGE.secret)})
        scheduler.after(asks, self._asks)
        for at in range(EVERY, FAULTS_END, EVERY):
            scheduler.after(at, self.erases)

    def _says(self, customer: Customer, words: str) -> None:
        said = customer.event(f"{words} {len(self.words)}", self.world.network.at)
        if customer is self.stays:
            self.words.append(Words(customer, said, said.text))
        self.world.network.tell(customer, said, "message")

    def _asks(self) -> None:
        """Until there is an answer."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.world.posted("privacy", f"/privacy/meta/{PAGE.key}", form, self.body) is None:
            self.world.scheduler.after(AGAIN, self._asks)

    def erases(self) -> None:
        self.world.run("eraser", lambda: self.world.doors["eraser"](EVENT, None))

    def findings(self) -> Iterator[str]:
        world = self.world
        there = {name: repr(one) for name, one in self._stores().items()}
        for sign in (WORDS, self.leaves.person.id, self.leaves.person.name):
            yield from (f"{sign} stands in the {name} still" for name, text in there.items() if sign in text)
        stored, gone = {one.id: one.words for one in world.truth.all_messages}, checker.deleted(world)
        for words in self.words:
            if (name := checker.named(words)) not in gone and stored.get(name) != words.text:
                yield f"lost: {words.said.text}"
        if not world.scheduler.idle:
            yield "never quiet"
        yield from check_desk.cards(world)
        yield from check_audit.findings(world)
        yield from (f"dead letter: {one}" for one in world.sqs.letters)
        yield from (f"still open: {one.code}" for one in requests(world.archive, OPEN))

    def _stores(self) -> dict[str, object]:
        world = self.world
        return {"table": world.truth.rows, "archive": world.archive.kept, "Slack": world.slack.messages}


def forgotten(seed: int) -> list[str]:
    story = Forgetting(World(seed, CORRECT))
    play(story)
    for _ in range(2):
        story.erases()
        drain(story.world)
    return list(story.findings())


@pytest.mark.parametrize("slice", range(SLICES))
def test_who_asked_is_forgotten_and_nobody_else(slice: int, record_property: Any) -> None:
    first = FIRST + slice * STORIES
    found = {seed: found for seed in range(first, first + STORIES) if (found := forgotten(seed))}
    assert found == {}
    record_property("stories of two", f"{STORIES} with one forgotten, 0 words left")
