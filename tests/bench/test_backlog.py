"""After a stop: two hours of events that nobody published, and of promises that nobody watched, are made good.

Oldest first, each once, and in memory that does not depend on how much there is.
"""

import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bench.bodies import ACCOUNT, messages
from chalicelib import channels
from chalicelib.domain.case import Case
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, Pursue
from chalicelib.service.clocks import audit
from chalicelib.service.intake import Intake
from chalicelib.service.outbox import sweep
from tests.build import NOON, config
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter

STOPPED = timedelta(hours=2)
MEMORY = 0.05
"""Of what the store holds, how much more may be needed to work it off."""


class Backlog(MemoryStore):
    """As lean as an index: a list gives keys and copies no rows. Remembers which cases were looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at: list[str] = []

    def pending(self, before: datetime) -> Iterator[tuple[str, str, int]]:
        owing = (event for event in self._owing.values() if event.recorded_at < before)
        found = sorted((event.recorded_at, event.brand, event.case_id, event.seq) for event in owing)
        return ((brand, case_id, seq) for _, brand, case_id, seq in found)

    def case(self, brand: str, case_id: str) -> Case | None:
        self.looked_at.append(case_id)
        return super().case(brand, case_id)


class InOrder:
    """Takes every effect, and sees that none is older than the one before it."""

    def __init__(self) -> None:
        self.last, self.told = NOON, 0

    def publish(self, effect: Publish) -> None:
        assert effect.event.recorded_at >= self.last
        self.last = effect.event.recorded_at
        self.told += 1

    def arm(self, effect: Arm) -> None: ...

    def disarm(self, effect: Disarm) -> None: ...

    def deliver(self, effect: Deliver, now: datetime) -> None: ...

    def pursue(self, effect: Pursue) -> None: ...


def stopped(people: int) -> Backlog:
    """So many people wrote while everything behind intake stood still. Two events each."""
    store, channel = Backlog(), channels.load("facebook")
    service = Intake(store, config(), channel)
    for number in range(people):
        at = NOON + STOPPED * (number / people)
        body = messages(1, number)
        body["entry"][0]["messaging"][0]["timestamp"] = int(at.timestamp() * 1000)
        for event in channel.read(body):
            service.take(event, ACCOUNT, at)
    return store


def _is_drained(people: int, record_property: pytest.FixtureRequest) -> None:
    tracemalloc.start()
    try:
        store, effects, meter = stopped(people), InOrder(), CountingMeter()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert sweep(store, effects, meter, NOON + STOPPED + timedelta(hours=1)) == 2 * people
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert effects.told == 2 * people
    assert list(store.pending(NOON + 2 * STOPPED)) == []
    record_property("memory", f"{people * 2} events drained with {(peak - held) / held:.1%} more memory")  # type: ignore[operator]
    assert peak - held < MEMORY * held + 1_000_000


def test_what_was_owed_for_two_hours_is_told_oldest_first_and_once(record_property: pytest.FixtureRequest) -> None:
    _is_drained(1_000, record_property)


@pytest.mark.slow
def test_fifty_thousand_events_after_two_hours(record_property: pytest.FixtureRequest) -> None:
    _is_drained(25_000, record_property)


def test_promises_that_broke_meanwhile_are_found_by_when_they_were_due() -> None:
    store, meter = stopped(300), CountingMeter()
    due = {case_id: at for _, case_id, at in store.checkpoints(NOON + 2 * STOPPED)}
    store.looked_at.clear()
    found = audit(store, meter, NOON + STOPPED, config())
    assert found > 0
    looked_at = [due[case_id] for case_id in dict.fromkeys(store.looked_at)]
    assert looked_at == sorted(looked_at)
    assert len(looked_at) == sum(at < NOON + STOPPED - timedelta(seconds=10) for at in due.values())
