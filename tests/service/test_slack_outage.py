"""Slack away for an hour, in a queue that passes time: then every card stands, nothing is lost, nothing is twice."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.errors import Later
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.desk import show
from chalicelib.service.pace import Pace, Paced
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.slack_outage import about
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter
from tests.fakes.slack_api import FakeSlack
from tests.slack.samples import CONFIG, NOW, contact, message, network, opened, thread

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CUSTOMERS, WORDS = 6, 12
Trouble = Callable[[int], Exception | None]


@dataclass
class Away:
    """Slack that is in trouble for an hour. With ``done`` it does what it is asked and its answer gets lost."""

    slack: FakeSlack
    clock: Callable[[], datetime]
    trouble: Trouble
    done: bool = False
    asked: Counter[str] = field(default_factory=Counter)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.slack.now = self.clock().timestamp()
        within = NOW + MINUTE < self.clock() < NOW + MINUTE + HOUR
        self.asked[method] += 1
        error = self.trouble(sum(self.asked.values())) if within else None
        if error is None:
            return self.slack.call(method, **arguments)
        if self.done:
            self.slack.call(method, **arguments)
        raise error


@dataclass
class Street:
    """The desk's queue with its delays, and people who go on writing."""

    trouble: Trouble
    done: bool = False
    now: datetime = NOW
    store: MemoryStore = field(default_factory=MemoryStore)
    meter: CountingMeter = field(default_factory=CountingMeter)
    pace: Pace = field(default_factory=Pace)
    queue: list[tuple[datetime, int, TimelineEvent]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    handled: int = 0

    def __post_init__(self) -> None:
        self.slack = FakeSlack(NOW.timestamp())
        self.door = Away(self.slack, lambda: self.now, self.trouble, self.done)
        self.cases = [self._opens(key) for key in range(CUSTOMERS)]
        for at in range(WORDS):
            for case_id in self.cases:
                self._writes(case_id, f"{case_id[-6:]} word {at}.", NOW + at * 6 * MINUTE)

    def _opens(self, key: int) -> str:
        person = replace(contact(), id=ids.contact_id("acme", "facebook", f"{key}"))
        case, events = opened(thread(f"{key}"))
        case_id = ids.case_id(person.id, 1)
        case = replace(case, id=case_id, contact_id=person.id)
        first = message("hello", id=thread(f"{key}").last_message_id)
        self.store.commit(case, first, *(replace(one, case_id=case_id) for one in events))
        for event in events:
            self._queued(replace(event, case_id=case_id), NOW)
        return case_id

    def _writes(self, case_id: str, text: str, at: datetime) -> None:
        case = self.store.case("acme", case_id)
        assert case is not None
        said = message(text, id=ids.digest(text))
        told = [Happening(Fact.MESSAGE_RECEIVED, at, "system", {"message_id": said.id})]
        after, events = lifecycle.recorded(case, case, told, at)
        self.store.commit(after, said, *events)
        for event in events:
            self._queued(event, at)

    def _queued(self, event: TimelineEvent, at: datetime) -> None:
        heapq.heappush(self.queue, (at, next(self.numbers), event))

    def works(self) -> datetime:
        """Work everything off, waiting as the queue is told to wait. Returns when that was done."""
        while self.queue:
            at, _, event = heapq.heappop(self.queue)
            self.now = max(self.now, at)
            self.handled += 1
            try:
                self._shows(event)
            except Later as later:
                self._queued(event, self.now + max(later.delay, timedelta(seconds=1)))
        return self.now

    def _shows(self, event: TimelineEvent) -> None:
        show(
            event,
            store=self.store,
            slack=Paced(self.door, self.pace, lambda: self.now),
            config=CONFIG,
            channel=network,
            meter=self.meter,
            now=self.now,
        )

    def told(self, text: str) -> int:
        lines = [str(one["blocks"]) for one in self.slack.lines()]
        return sum(text in one for one in lines)


def refused(error: str) -> Trouble:
    return lambda _: SlackRefused(error)


TROUBLES: dict[str, tuple[Trouble, bool]] = {
    "no way there": (lambda _: NotSent("refused"), False),
    "no answers": (lambda _: NoAnswer("timeout"), False),
    "answers get lost": (lambda _: NoAnswer("timeout"), True),
    "every other answer gets lost": (lambda at: NoAnswer("timeout") if at % 2 else None, True),
    "asks to wait": (lambda _: SlackBusy(timedelta(seconds=30)), False),
    "one in three may pass": (lambda at: SlackBusy(timedelta(seconds=20)) if at % 3 else None, False),
    "bot removed": (refused("not_in_channel"), False),
    "channel archived": (refused("is_archived"), False),
    "channel gone and back": (refused("channel_not_found"), False),
    "token revoked": (refused("token_revoked"), False),
    "app removed": (refused("account_inactive"), False),
}


@pytest.mark.parametrize("what", list(TROUBLES))
def test_after_an_hour_every_card_stands_nothing_is_lost_and_nothing_is_twice(what: str) -> None:
    street = Street(*TROUBLES[what])
    done = street.works()
    assert done < NOW + HOUR + 25 * MINUTE, "the desk has caught up soon after"
    cards = [street.store.card("acme", case_id) for case_id in street.cases]
    assert sorted(one["ts"] for one in street.slack.roots()) == sorted(card.ts for card in cards if card)
    assert len(street.slack.roots()) == CUSTOMERS
    for case_id, card in zip(street.cases, cards, strict=True):
        case = street.store.case("acme", case_id)
        assert case is not None and card is not None and card.shows == case.seq
        for at in range(WORDS):
            assert street.told(f"{case_id[-6:]} word {at}.") == 1, at


def test_slack_that_asks_to_wait_is_hardly_asked() -> None:
    """GIVEN half a minute's patience for an hour THEN one call per half minute and method, however many cases wait."""
    street = Street(*TROUBLES["asks to wait"])
    street.works()
    healthy = Street(lambda _: None)
    healthy.works()
    extra = street.door.asked.total() - healthy.door.asked.total()
    assert extra <= 2 * 60 * 60 / 30 + CUSTOMERS


def test_slack_that_does_not_answer_is_hardly_asked() -> None:
    """A worker must not spend its time on one timeout after the other."""
    street = Street(*TROUBLES["no way there"])
    street.works()
    assert street.door.asked.total() < street.handled / 2


def test_a_refusal_is_counted_under_its_word() -> None:
    street = Street(*TROUBLES["bot removed"])
    street.works()
    assert street.meter.counts["slack_refused"] > 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [("token_revoked", "token"), ("not_in_channel", "channel"), ("invalid_blocks", "message"), ("new", "message")],
)
def test_a_refusal_is_about_the_token_the_channel_or_the_message(error: str, kind: str) -> None:
    assert about(error) == kind
