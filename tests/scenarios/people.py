"""A customer nobody else in the test run is: what they do arrives as the network's own signed webhook."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from infra.doubles.networks.accounts import Account
from infra.doubles.networks.native_ids import Ids
from infra.doubles.networks.people import Event, Person, WebhookRequest, build
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.scenarios.world import World


@dataclass
class Customer:
    world: World
    account: Account
    person: Person
    ids: Ids

    def event(self, text: str, kind: str = "message", **facts: Any) -> Event:
        """Something new they do now."""
        thread = self.ids.thread(kind == "comment")
        event = Event(kind, self.person, "", datetime.now(UTC), text, thread=thread, **facts)
        return replace(event, id=self.ids.message(event))

    def request(self, event: Event) -> WebhookRequest:
        return build(self.account, event)

    def tells(self, event: Event) -> None:
        assert self.world.hook(self.request(event)) == 200

    def says(self, text: str, kind: str = "message") -> Event:
        event = self.event(text, kind)
        self.tells(event)
        return event

    def found(self) -> Case | None:
        """Their latest case."""
        return self.world.store.contact(BRAND, ids.contact_id(BRAND, self.account.network, self.person.id))[1]

    @property
    def case(self) -> Case:
        case = eventually(self.found)
        assert case is not None
        return case

    def message_id(self, event: Event) -> str:
        return ids.message_id(BRAND, self.account.key, event.id)


def customer(world: World, network: str) -> Customer:
    account, number = world.account(network), next(world.numbers)
    made = Ids(account, random.Random(number), number)
    return Customer(world, account, Person(made.person(), f"Customer {number}", phone=made.phone()), made)
