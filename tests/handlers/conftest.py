"""Doors with in-memory parts behind them."""

from collections.abc import Iterator

import pytest

from chalicelib.channels.base import Credentials
from chalicelib.service.edge import Edge
from chalicelib.service.reapply import Reapply
from chalicelib.wiring import wired
from tests.aws.conftest import aws, settings
from tests.build import config
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import (
    CountingMeter,
    DictVault,
    HandClock,
    MemoryArchive,
    MemoryBookmark,
    MemoryErrands,
    RecordingEffects,
    RecordingFragments,
)

__all__ = ["aws"]


class Parts:
    """What the doors are wired to in a test."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.fragments = RecordingFragments()
        self.archive = MemoryArchive()
        self.meter = CountingMeter()
        self.effects = RecordingEffects()
        self.bookmark = MemoryBookmark()
        self.clock = HandClock()
        self.errands = MemoryErrands()
        self.vault = SlackVault({("telegram", "harbor-telegram"): Credentials(secrets=("tg-secret",), token="1:t")})


class SlackVault(DictVault):
    def slack(self, name: str = "slack") -> dict[str, object]:
        return {"signing_secrets": ["slack-secret"], "token": "xoxb-test"}


@pytest.fixture
def parts() -> Iterator[Parts]:
    made = Parts()
    wired.forget()
    wired.__dict__.update(
        settings=settings(code_version="v1"),
        store=made.store,
        archive=made.archive,
        meter=made.meter,
        effects=made.effects,
        vault=made.vault,
        errands=made.errands,
        reapply=Reapply(made.store, made.bookmark, made.meter),
        edge=Edge(made.vault, made.fragments, made.archive, made.meter),
        now=made.clock,
    )
    wired.use(config())
    yield made
    wired.forget()
