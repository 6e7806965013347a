"""A short story by seed: customers write, change their minds and fall silent; agents do what ``agents`` says."""

import json
from dataclasses import dataclass, field, replace
from random import Random

from infra.doubles.networks.people import Event
from tests.simulation.agents import Agents
from tests.simulation.aws import SETTINGS
from tests.simulation.network import Customer
from tests.simulation.world import World

LENGTH = 1500
POISON = "poison"
"""The group of letters that nobody could ever handle."""


@dataclass
class Words:
    """One message of a customer as it should end: what it says in the end, and None once it was taken back."""

    customer: Customer
    said: Event
    text: str | None


@dataclass
class Story:
    world: World
    words: list[Words] = field(default_factory=list)
    poison: int = 0

    def __post_init__(self) -> None:
        self.agents = Agents(self.world)

    def begin(self) -> None:
        random, scheduler = self.world.random, self.world.scheduler
        for _ in range(1 if random.random() < 0.7 else 2):
            customer = self.world.network.customer()
            for at in random.sample(range(LENGTH), random.randint(1, 2)):
                scheduler.after(at, lambda who=customer: self._writes(who))  # type: ignore[misc]
            if random.random() < 0.15:
                scheduler.between(60, LENGTH, lambda who=customer: self.world.network.colleague(who))  # type: ignore[misc]
        for _ in range(random.randint(2, 6)):
            scheduler.between(5, LENGTH + 400, self.agents.somebody)
        if random.random() < 0.05:
            self._poison()

    def _poison(self) -> None:
        self.poison += 1
        wire = {"channel": "facebook", "hook": "harbor-facebook", "received_at": "no time", "body": {"object": "page"}}
        queue = self.world.sqs.queues[SETTINGS.inbound_url.rpartition("/")[2]]
        named = {"MessageGroupId": POISON, "MessageDeduplicationId": POISON}
        self.world.scheduler.between(0, LENGTH, lambda: queue.send(json.dumps(wire), **named))  # type: ignore[arg-type]

    def _writes(self, customer: Customer) -> None:
        network, random = self.world.network, self.world.random
        angry = "this is a scandal" if random.random() < 0.2 else "where is it"
        said = customer.event(f"{angry} {len(self.words)}", network.at)
        words = Words(customer, said, said.text)
        self.words.append(words)
        network.tell(customer, said, "message")
        if customer.place.edit and random.random() < 0.3:
            self._edits(words, random)
        if customer.place.delete and random.random() < 0.25:
            self.world.scheduler.between(1, 200, lambda: self._deletes(words))

    def _edits(self, words: Words, random: Random) -> None:
        for number in range(random.randint(1, 2)):
            self.world.scheduler.between(2 + 60 * number, 60 + 60 * number, lambda v=number + 1: self._edit(words, v))  # type: ignore[misc]

    def _edit(self, words: Words, version: int) -> None:
        if words.text is not None:
            words.text = f"version {version} of {words.said.text}"
            self._changes(words, words.customer.place.edit, words.text, version)

    def _deletes(self, words: Words) -> None:
        words.text = None
        self._changes(words, words.customer.place.delete, "", 9)

    def _changes(self, words: Words, kind: str, text: str, version: int) -> None:
        network, said = self.world.network, words.said
        changed = replace(said, kind=kind, text=text, at=network.at, written=said.at, version=version)
        new_id = words.customer.ids.message(changed)
        network.tell(words.customer, replace(changed, new_id=new_id), kind)
