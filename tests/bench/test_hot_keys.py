"""A viral post: ten thousand people below it in ten seconds. What is written, by key and second, in write units."""

from collections import Counter
from datetime import timedelta
from math import ceil

import pytest

from bench.bodies import ACCOUNT, comments
from bench.wire import Image, size
from chalicelib import channels
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.intake import Intake, Taken
from chalicelib.service.ports import Row
from chalicelib.storage.codec import image_of
from chalicelib.storage.indexes import INDEXES
from tests.build import NOON, config
from tests.fakes.memory_store import MemoryStore

RATE = 1000
MOST = 800
"""A partition takes 1,000 units a second, and its keys are not spread evenly."""


class CountedStore(MemoryStore):
    """Counts what DynamoDB would bill to each partition of the table and of its indexes."""

    def __init__(self) -> None:
        super().__init__()
        self.units: Counter[tuple[str, int]] = Counter()
        self.now = NOON
        self._written_items: dict[tuple[str, str], Image] = {}

    def commit(self, *rows: Row) -> None:
        super().commit(*rows)
        for row in rows:
            self._written(image_of(row), 2 if len(rows) > 1 else 1)

    def delivered(self, event: TimelineEvent) -> None:
        super().delivered(event)
        image = image_of(event)
        self._written({name: one for name, one in image.items() if not name.startswith("pending_")}, 1)

    def _written(self, image: Image, factor: int) -> None:
        key = image["pk"]["S"], image["sk"]["S"]
        before = self._written_items.get(key, {})
        self._written_items[key] = image
        self._count(key[0], factor * ceil(max(size(image), size(before)) / 1024))
        for index in INDEXES:
            places = [(one.get(index.partition), one.get(index.sort)) for one in (before, image)]
            if places[0] != places[1]:
                for partition, _ in places:
                    if partition:
                        self._count(f"{index.name} {partition['S']}", 1)

    def _count(self, key: str, units: int) -> None:
        self.units[key, int((self.now - NOON).total_seconds())] += units


def stormed(seconds: int, rate: int = RATE) -> CountedStore:
    """Every comment becomes a case, and every event of it is published, in the second it came."""
    store, channel = CountedStore(), channels.load("facebook")
    service = Intake(store, config(), channel)
    for number, event in enumerate(channel.read(comments(seconds * rate))):
        store.now = NOON + timedelta(seconds=number / rate)
        assert service.take(event, ACCOUNT, store.now) is Taken.RECORDED
        owed = [found for key in store.pending(store.now + timedelta(seconds=1)) if (found := store.event(*key))]
        assert len(owed) == 2
        for one in owed:
            store.delivered(one)
    return store


def _no_key_is_hot(store: CountedStore, record_property: pytest.FixtureRequest) -> None:
    (key, _), most = store.units.most_common(1)[0]
    record_property("hottest", f"{key}: {most} write units a second")  # type: ignore[operator]
    assert most <= MOST, key


def test_no_key_of_a_viral_post_is_hot(record_property: pytest.FixtureRequest) -> None:
    _no_key_is_hot(stormed(1), record_property)


@pytest.mark.slow
def test_no_key_of_a_viral_post_is_hot_for_ten_seconds(record_property: pytest.FixtureRequest) -> None:
    _no_key_is_hot(stormed(10), record_property)
