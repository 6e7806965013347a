"""A long day of a store, drawn from a seed.

What comes next is drawn, and what it is about is looked up in a memory store on which the day was played so far. So
most writes carry the version that is stored, and some another one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from random import Random
from typing import Any

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import CardPlace
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import NOTE, Draft
from chalicelib.domain.ids import case_id, digest
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Act, Action
from chalicelib.domain.presence import AgentState, Presence, writing
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.service.ports import Row
from tests.fakes.memory_store import MemoryStore
from tests.storage import samples
from tests.storage.samples import LATER, NOON, minutes
from tests.storage.test_store_contract import read
from tests.storage.trace import MILLISECOND, PROBES, Outcome, Step, play

BRANDS = (*["acme"] * 9, "other")
PEOPLE = tuple(digest("person", str(number)) for number in range(6))
QUEUES = (*["care"] * 4, "vip", "Rückfragen 🐦")
AGENTS = ("ana", "tom", "zoë", "𝔢ve")
TEAMS = ("T1", "T2")
MARKS, DOORS = ("trouble/C1", "trouble/C2", "member/U1"), ("C1", "C2")
MANY, HOUR = 8, minutes(60)
NO_BRANDS = ("Acme", "", "a#contact")
NO_CASES = ("nonsense", "", f"{PEOPLE[0]}-01")


_NAMED: Sequence[tuple[type, Sequence[str]]] = (
    *((kind, [f"{prefix}{n}" for n in range(MANY)]) for kind, prefix in ((Message, "m"), (Reply, "r"), (Action, "a"))),
    *((Conversation, ["conversation-1"]), (Contact, PEOPLE)),
)


class Day:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.model = MemoryStore()
        self.now = NOON

    def played(self, length: int) -> Iterator[tuple[Step, Outcome]]:
        """Each step with what the memory store made of it. At the end all is looked at, and then come the probes."""
        for _ in range(length):
            step = self.step()
            yield step, play(self.model, step)
        for step in (*_everything(), *PROBES):
            yield step, play(self.model, step)

    def step(self) -> Step:
        self.now += self.random.randrange(1, 40_000) * MILLISECOND
        kinds = {self._work: 25, self._row: 30, self._mistake: 3, self._done: 7, self._look: 35}
        return self.random.choices(list(kinds), list(kinds.values()))[0]()

    def one(self, several: Sequence[Any]) -> Any:
        return self.random.choice(several)

    def name(self, prefix: str) -> str:
        return f"{prefix}{self.random.randrange(MANY)}"

    def any_case(self) -> str:
        return case_id(self.one(PEOPLE), self.random.randint(1, 3))

    def near(self) -> str:
        """One of the two that most is written about."""
        return case_id(PEOPLE[0], self.random.randint(1, 2))

    def moment(self) -> datetime:
        """Of the last hours or the next."""
        return self.now + self.random.randrange(-7_200_000, 3_600_000) * MILLISECOND

    def hour(self) -> datetime:
        """This one or the last; many things happen at that very moment."""
        return NOON + ((self.now - NOON) // HOUR - self.random.randint(0, 1)) * HOUR

    # -- writing --------------------------------------------------------------------------------------------------

    def _work(self) -> Step:
        """A case as something happens to it, with its events and perhaps another row."""
        brand, person, number = self.one(BRANDS), self.one(PEOPLE), self.random.randint(1, 3)
        before = self.model.case(brand, case_id(person, number)) or samples.case(person, number, brand=brand)
        count = self.random.randint(1, 3)
        after = replace(before, seq=before.seq + count, **self._state())
        events = [self._event(after, before.seq + place) for place in range(1, count + 1)]
        more = [self._versioned(self.row())] if self.random.random() < 0.3 else []
        return Step("commit", (*map(self._versioned, (after, *events)), *more))

    def _state(self) -> dict[str, Any]:
        clocks = (self._clock(Metric.FIRST_RESPONSE), self._clock(Metric.RESOLUTION))
        return {
            "status": self.one((*[Status.NEW, Status.OPEN] * 2, *Status)),
            "queue": self.one(QUEUES),
            "priority": self.one(list(Priority)),
            "assignee": self.one((*[None] * 5, *AGENTS)),
            "clocks": clocks[: self.random.randint(0, 2)],
            "opened_at": self.moment(),
            "snoozed_until": self.one((None, self.moment())),
        }

    def _clock(self, metric: Metric) -> Any:
        clock = samples.clock(self.moment() + minutes(300) - NOON, metric)
        return self.one((clock, clock, clock.met(self.now)))

    def _event(self, case: Case, seq: int) -> TimelineEvent:
        self.now += MILLISECOND
        more = {"brand": case.brand, "queue": case.queue, "recorded_at": self.now, "fact": self.one(list(Fact))}
        more |= {"data": {"n": seq, "words": "grüß dich"}, "pending": self.random.random() < 0.8}
        return samples.event(seq, case.id, **more)

    def _row(self) -> Step:
        return Step("commit", (self._versioned(self.row()),))

    def row(self) -> Row:
        made: Row = self.one(self.one((_VERSIONED, _OTHERWISE)))(self)
        return made

    def _versioned(self, row: Any) -> Any:
        """Mostly the version that is stored, sometimes one that is not."""
        if not hasattr(row, "version"):
            return row
        stored = read(self.model, row)
        known = getattr(stored, "version", 0)
        wrong = self.one((0, known + 1, max(known - 1, 0)))
        return replace(row, version=wrong if self.random.random() < 0.1 else known)

    def _mistake(self) -> Step:
        row = self._versioned(self.row())
        call = self.one(("message", "case", "timeline", "queue", "assigned", "bundles", "belongings", "writers"))
        arguments = (self.one(NO_BRANDS), "x")[: 1 if call == "bundles" else 2]
        commits = ((row, row), (replace(row, brand=self.one(NO_BRANDS)),), ())
        made: Step = self.one((*(Step("commit", rows) for rows in commits), Step(call, arguments)))
        return made

    def _done(self) -> Step:
        """Of an event that owes something, one of a case, or none."""
        owing = list(self.model.pending(LATER))
        place = self.one((self.one(owing or [(self.one(BRANDS), self.near(), 1)]), (self.one(BRANDS), self.near(), 5)))
        event = self.model.event(*place) or samples.event(99)
        part = (event, ["arm", "disarm"][: self.random.randint(0, 2)])
        broke = (self.one(BRANDS), self.one(QUEUES), self.moment(), self.name("e"))
        made: Step = self.one((Step("delivered", (event,)), Step("delivered_in_part", part), Step("broke", broke)))
        return made

    # -- looking --------------------------------------------------------------------------------------------------

    def _look(self) -> Step:
        call = self.one((*LOOKS, *_LISTS, *_LISTS))
        return Step(call, LOOKS[call](self))

    def several(self) -> tuple[Any, ...]:
        """Known ones, more than once, and at times more than a hundred."""
        kind, known = self.one(_NAMED)
        absent = [f"absent-{number}" for number in range(self.one((0, 110)))]
        return kind, self.one(BRANDS), [self.one(known) for _ in range(self.one((0, 1, 9)))] + absent


_VERSIONED: Sequence[Callable[[Day], Row]] = (
    lambda day: samples.contact(day.one(PEOPLE), brand=day.one(BRANDS), tags=day.one(((), ("vip",)))),
    lambda day: samples.message(day.name("m"), brand=day.one(BRANDS), text=day.one((None, "hi", "grüß dich"))),
    lambda day: samples.card(brand=day.one(BRANDS), case_id=day.near(), ts=day.one(("1.1", "2.2"))),
    lambda day: samples.post(day.one(("card", "1", "2")), brand=day.one(BRANDS), case_id=day.near()),
    lambda day: AgentState(day.one(BRANDS), day.one(AGENTS), day.one(list(Presence)), day.moment()),
    lambda day: Door(day.one(TEAMS), day.one(DOORS), day.moment(), day.moment(), {"1": day.moment()}),
    lambda day: Bundle(day.one(BRANDS), day.one(QUEUES), "team", day.moment(), day.one(("", "x"))),
    lambda day: Logbook(day.one(BRANDS), day.random.randrange(9), "head"),
    lambda day: Reply(
        *(day.name("r"), day.one(BRANDS), day.near(), "v1", "x", "acme-x", day.one(list(Mode)), "words"),
        *({"to": "1"}, "ana", day.moment()),
    ),
    lambda day: Action(
        *(day.name("a"), day.one(BRANDS), day.near(), "m1", "x", "acme-x", day.one(list(Act)), "ana"), day.moment()
    ),
)
_OTHERWISE: Sequence[Callable[[Day], Row]] = (
    lambda day: samples.conversation(day.one(PEOPLE[:2]), brand=day.one(BRANDS)),
    lambda day: CardPlace(day.one(TEAMS), "C1", day.name("1."), day.one(BRANDS), day.near()),
    lambda day: Draft(
        *(day.one(BRANDS), day.near(), AGENTS[0], day.hour(), 1_800_000_000, day.one(("", "Hello"))),
        *(day.one(("", NOTE)), "", "", day.one(("", "V1", "V2")), day.one((True, False, False))),
    ),
    lambda day: writing(day.one(BRANDS), day.near(), day.one(AGENTS[:2]), day.hour()),
    lambda day: mark(day.one(TEAMS), day.one(MARKS), day.hour(), minutes(9), day.one(("", "is_archived"))),
)
"""Rows whose condition is another than a version, which are drawn as often as all others."""

Draw = Callable[[Day], tuple[Any, ...]]


def _brand(day: Day) -> tuple[Any, ...]:
    return (day.one(BRANDS),)


def _case(day: Day) -> tuple[Any, ...]:
    return day.one(BRANDS), day.any_case()


def _near(day: Day) -> tuple[Any, ...]:
    return day.one(BRANDS), day.near()


def _list_of(names: Sequence[str], *limits: int) -> Draw:
    return lambda day: (day.one(BRANDS), day.one(names), day.one(limits))


_LISTS = ("queue", "waiting", "live", "assigned")
LOOKS: Mapping[str, Draw] = {
    "contact": lambda day: (day.one(BRANDS), day.one(PEOPLE)),
    "case": lambda day: (day.one(BRANDS), day.one((*NO_CASES, *(day.any_case() for _ in range(9))))),
    "message": lambda day: (day.one(BRANDS), day.name("m")),
    "messages": lambda day: (day.one(BRANDS), [day.name("m") for _ in range(day.one((0, 1, 90)))]),
    "several": lambda day: day.several(),
    "reply": lambda day: (day.one(BRANDS), day.name("r")),
    "action": lambda day: (day.one(BRANDS), day.name("a")),
    "conversation": lambda day: (day.one(BRANDS), "conversation-1"),
    "timeline": lambda day: (*_case(day), day.one((0, 1, 3, 50))),
    "event": lambda day: (*_near(day), day.random.randint(1, 12)),
    "card": _near,
    "post": lambda day: (*_near(day), day.one(("card", "1", "2"))),
    "card_place": lambda day: (day.one(TEAMS), "C1", day.name("1.")),
    "door": lambda day: (day.one(TEAMS), day.one(DOORS)),
    "draft": lambda day: (*_near(day), AGENTS[0], day.one(("", NOTE))),
    "writers": _near,
    "mark": lambda day: (day.one(TEAMS), day.one(MARKS)),
    "marks": lambda day: (day.one(TEAMS), day.one(("", "trouble/", "nothing"))),
    "agent_state": lambda day: (day.one(BRANDS), day.one(AGENTS)),
    "agent_states": _brand,
    "belongings": _near,
    "logbook": _brand,
    "bundle": lambda day: (day.one(BRANDS), day.one(QUEUES), "team", day.one(("", "x"))),
    "bundles": _brand,
    "broken": lambda day: (day.one(BRANDS), day.one(QUEUES), day.now, minutes(day.one((5, 600))), day.one((1, 9))),
    "pending": lambda day: (day.one((NOON, day.moment(), LATER)),),
    "checkpoints": lambda day: (day.one((NOON, day.moment(), LATER)),),
    "queue": _list_of(QUEUES, 0, 1, 3, 50),
    "waiting": _list_of(QUEUES, 0, 1, 2, 50),
    "live": _list_of(QUEUES, 1, 3, 50),
    "assigned": _list_of(AGENTS, 0, 1, 3, 50),
}


def _everything() -> Iterator[Step]:
    yield from (Step("pending", (LATER,)), Step("checkpoints", (LATER,)))
    for brand in sorted(set(BRANDS)):
        for queue, limit in product(sorted(set(QUEUES)), (2, 50)):
            yield from (Step("queue", (brand, queue, limit)), Step("waiting", (brand, queue, limit)))
        for person, number in product(PEOPLE, (1, 2, 3)):
            about = (brand, case_id(person, number))
            yield from (Step("case", about), Step("timeline", (*about, 999)), Step("belongings", about))
