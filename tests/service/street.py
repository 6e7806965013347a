"""The desk's queue in virtual time: several workers that know of each other by the store alone, and nobody sleeps."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, cycle
from typing import Any

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Later
from chalicelib.domain.message import Message
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.desk import show
from chalicelib.service.pace import Pace, Paced, Turns
from chalicelib.service.ports import SlackApi, SlackBusy
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter
from tests.fakes.slack_api import FakeSlack
from tests.slack.samples import CONFIG, NOW, contact, message, network, opened, thread

LONGEST_DELAY = 900
TAKES = timedelta(milliseconds=15)
"""How long all workers together are busy with one piece of work."""

Letter = tuple[datetime, int, TimelineEvent, datetime | None]


@dataclass
class Street:
    """``door`` is Slack as the workers reach it; ``slack`` is what stands there."""

    config: Config = CONFIG
    workers: int = 4
    now: datetime = NOW
    store: MemoryStore = field(default_factory=MemoryStore)
    meter: CountingMeter = field(default_factory=CountingMeter)
    slack: FakeSlack = field(default_factory=lambda: FakeSlack(NOW.timestamp()))
    door: SlackApi = field(init=False)
    queue: list[Letter] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    handled: int = 0

    def __post_init__(self) -> None:
        self.door = self.slack
        self.paces = cycle([Pace(self.store, lambda: self.now) for _ in range(self.workers)])

    # -- what happens ---------------------------------------------------------------------------------------------

    def opens(self, key: str, at: datetime = NOW, text: str = "hello", **more: Any) -> str:
        """Somebody new writes. ``more`` is what their case is like."""
        person = replace(contact(), id=ids.contact_id("acme", "facebook", key))
        case, events = opened(thread(key), name=f"Customer {key}")
        case_id = ids.case_id(person.id, 1)
        case = replace(case, id=case_id, contact_id=person.id, **more)
        first = message(text, id=thread(key).last_message_id)
        self.tells(case, [replace(one, case_id=case_id) for one in events], at, first)
        return case_id

    def writes(self, case_id: str, text: str, at: datetime, **more: Any) -> None:
        """``more`` is what the message is like."""
        said = message(text, id=ids.digest(text), **more)
        case = replace(self.case(case_id), last_message_id=said.id)
        self.happens(case, Happening(Fact.MESSAGE_RECEIVED, at, "customer", {"message_id": said.id}), at, said)

    def happens(self, case: Case, what: Happening, at: datetime, *rows: Message) -> None:
        after, events = lifecycle.recorded(case, case, [what], at)
        self.tells(after, events, at, *rows)

    def tells(self, case: Case, events: list[TimelineEvent], at: datetime, *rows: Message) -> None:
        self.store.commit(case, *rows, *events)
        for event in events:
            self.offered(event, at)

    def offered(self, event: TimelineEvent, at: datetime, turn: datetime | None = None) -> None:
        heapq.heappush(self.queue, (at, next(self.numbers), event, turn))

    # -- the desk works -------------------------------------------------------------------------------------------

    def works(self, until: datetime | None = None, each: Callable[[], None] = lambda: None) -> datetime:
        """Work everything off, waiting as the queue is told to wait; ``each`` is done after every piece of work."""
        while self.queue and (until is None or self.queue[0][0] <= until):
            at, _, event, turn = heapq.heappop(self.queue)
            self.now = max(self.now, at)
            self.slack.now = self.now.timestamp()
            self.handled += 1
            self._work(event, turn)
            self.now += TAKES
            each()
        return self.now

    def _work(self, event: TimelineEvent, turn: datetime | None) -> None:
        """As handlers/desk.py and handlers/worker.py do it."""
        try:
            self.shows(event, turn)
        except Later as later:
            given = later.__cause__.turn if isinstance(later.__cause__, SlackBusy) else None
            delay = min(max(int(later.delay.total_seconds() + 0.999), 1), LONGEST_DELAY)
            self.offered(event, self.now + timedelta(seconds=delay), given or turn)

    def shows(self, event: TimelineEvent, turn: datetime | None = None) -> None:
        turns = self.turns(turn)
        show(
            event,
            store=self.store,
            slack=Paced(self.door, turns),
            config=self.config,
            channel=network,
            meter=self.meter,
            now=self.now,
            turns=turns,
        )

    def turns(self, since: datetime | None = None) -> Turns:
        return Turns(next(self.paces), self.config, since)

    # -- what can be seen -----------------------------------------------------------------------------------------

    def case(self, case_id: str) -> Case:
        found = self.store.case("acme", case_id)
        assert found is not None
        return found

    def told(self, text: str) -> int:
        """In how many lines these words stand."""
        lines = [str(one["blocks"]) for one in self.slack.lines()]
        return sum(text in one for one in lines)
