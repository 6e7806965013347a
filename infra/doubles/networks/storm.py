"""A storm of customers: a deterministic list of webhook requests in the order they are delivered.

Every customer writes one to three messages on one network, some in public first and then in private. Some edit or
take back what they wrote, some deliveries come twice with the same bytes, and some edits and deletes overtake the
message they are about.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.corpus import CORPUS, CORRECTIONS, FIRST_NAMES, LAST_NAMES
from infra.doubles.networks.native_ids import Ids
from infra.doubles.networks.people import Event, Person, WebhookRequest, build, fresh

TWISTS = {
    "plain": 62,
    "edit": 10,
    "delete": 7,
    "early_edit": 4,
    "early_delete": 3,
    "duplicate": 9,
    "reaction": 5,
}
SPREAD_SECONDS = 600


@dataclass(frozen=True)
class Expect:
    """What a store must hold in the end about the message `id`: `text` is None when it was deleted."""

    id: str
    author: str
    text: str | None
    public: bool

    @property
    def deleted(self) -> bool:
        return self.text is None


@dataclass(frozen=True)
class Planned:
    """One delivery at `at`. `what` is message, edit, delete, reaction or duplicate; a reaction expects nothing."""

    at: datetime
    network: str
    account_key: str
    what: str
    request: WebhookRequest
    expect: Expect | None
    person: Person


@dataclass(frozen=True)
class Place:
    """Where a customer can write: the kinds of the message, of its edit, delete and of a reaction; '' is none."""

    message: str
    edit: str = ""
    delete: str = ""
    reaction: str = ""
    public: bool = False

    def allows(self, twist: str) -> bool:
        needed = {"edit": self.edit, "delete": self.delete, "reaction": self.reaction}
        return needed.get(twist.removeprefix("early_"), "always") != ""


PLACES: Mapping[str, tuple[Place, ...]] = {
    "facebook": (
        Place("comment", "comment_edit", "comment_delete", "comment_reaction", public=True),
        Place("message", "edit", "delete", "reaction"),
    ),
    "instagram": (Place("comment", public=True), Place("message", "edit", "delete", "reaction")),
    "whatsapp": (Place("message", "edit", "delete", "reaction"),),
    "x": (Place("mention", "edit", reaction="reaction", public=True), Place("message")),
    "telegram": (Place("message", "edit", reaction="reaction"),),
    "standard_webhooks": (Place("comment", "edit", "delete", public=True), Place("message", "edit", "delete")),
}


def storm(
    customers: int, seed: int, accounts: Sequence[Account], start: datetime, *, first: int = 0, pace: float = 1.0
) -> list[Planned]:
    """The same arguments give the same bytes. `start` should be near the receiver's clock: some signatures age.

    `first` is the number of the first customer, so that more can come later; at `pace` 2 all takes half the time.
    """
    numbers = range(first, first + customers)
    planned = [one for number in numbers for one in _customer(number, seed, accounts, start, pace)]
    return sorted(planned, key=lambda one: one.at)


def _customer(number: int, seed: int, accounts: Sequence[Account], start: datetime, pace: float) -> Iterator[Planned]:
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a simulation
    account = chance.choice(accounts)
    ids = Ids(account, chance, number)
    person = _person(chance, ids)
    at = start + timedelta(seconds=chance.uniform(0, SPREAD_SECONDS) / pace)
    for place in _places(chance, account.network):
        yield from Story(account, chance, ids, person, place, pace).tell(at)
        at += timedelta(seconds=chance.uniform(20, 90) / pace)


def _places(chance: random.Random, network: str) -> list[Place]:
    """One to three messages. Who starts in public may go on in private, and nobody comes back."""
    count = chance.choices((1, 2, 3), (60, 28, 12))[0]
    visits = [chance.choice(PLACES[network]) for _ in range(count)]
    return sorted(visits, key=lambda place: not place.public)


def _person(chance: random.Random, ids: Ids) -> Person:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    language = chance.choices(tuple(CORRECTIONS), (40, 20, 15, 15, 10))[0]
    phone = ids.phone() if chance.random() < 0.85 else ""
    handle = f"{first}_{ids.customer}".lower().encode("ascii", "ignore").decode()
    return Person(ids.person(), f"{first} {last}", handle, phone, language, chance.randrange(5000))


@dataclass(frozen=True)
class Story:
    """One message and what becomes of it."""

    account: Account
    chance: random.Random
    ids: Ids
    person: Person
    place: Place
    pace: float

    def tell(self, at: datetime) -> Iterator[Planned]:
        twist = self.chance.choices(tuple(TWISTS), tuple(TWISTS.values()))[0]
        first = self._first(at)
        later = at + self._while(5, 40)
        if not self.place.allows(twist) or twist in ("plain", "duplicate"):
            yield from self._deliver(first, first, at, 2 if twist == "duplicate" else 1)
            return
        second = self._second(twist.removeprefix("early_"), first, later)
        sent = later + self._while(2, 9) if twist.startswith("early_") else at
        final = first if twist == "reaction" else second
        yield from self._deliver(first, final, sent)
        yield from self._deliver(second, final, later, what=twist.removeprefix("early_"))

    def _first(self, at: datetime) -> Event:
        text = self._text()
        message = Event(self.place.message, self.person, "", at, text, thread=self.ids.thread(self.place.public))
        return replace(message, id=self.ids.message(message))

    def _text(self) -> str:
        """The customer's language most of the time; X mentions name us at the end."""
        spoken = [line for line in CORPUS if line.language == self.person.language]
        line = self.chance.choice(spoken if self.chance.random() < 0.8 else CORPUS)
        return f"{line.text} @{self.account.handle}" if self.place.message == "mention" else line.text

    def _second(self, what: str, first: Event, at: datetime) -> Event:
        """The edit, the delete, or a reaction to something of ours."""
        later = replace(first, at=at, written=first.at, new_id=self.ids.message(replace(first, at=at)))
        if what == "edit":
            text = CORRECTIONS[self.person.language]
            named = f"{text} @{self.account.handle}" if self.place.message == "mention" else text
            return replace(later, kind=self.place.edit, text=named)
        if what == "delete":
            return replace(later, kind=self.place.delete, text="")
        return replace(later, kind=self.place.reaction, id=self.ids.ours(self.place.public), text="")

    def _deliver(
        self, event: Event, final: Event, at: datetime, times: int = 1, what: str = "message"
    ) -> Iterator[Planned]:
        sent = at + self._while(0.2, 1.5)
        request = fresh(self.account, build(self.account, event), sent)
        text = None if final.kind == self.place.delete else final.text
        expect = Expect(final.id, self.person.id, text, self.place.public) if what != "reaction" else None
        for turn in range(times):
            label = "duplicate" if turn else what
            yield Planned(sent, self.account.network, self.account.key, label, request, expect, self.person)
            sent += self._while(0.5, 30)

    def _while(self, shortest: float, longest: float) -> timedelta:
        return timedelta(seconds=self.chance.uniform(shortest, longest) / self.pace)
