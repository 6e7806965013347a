"""The real services over ports in memory; each port call is a place to crash, to fail or to be overtaken at."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from chalicelib import channels
from chalicelib.channels.base import Channel, Inbound
from chalicelib.domain.config import load_config
from chalicelib.domain.instants import instant
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service import clocks, desk, outbox
from chalicelib.service.bus import Bus
from chalicelib.service.delivery import Delivery
from chalicelib.service.edge import Edge
from chalicelib.service.intake import Intake
from tests.build import config_data
from tests.fakes.ports import CountingMeter, DictVault, MemoryArchive
from tests.simulation.faults import INJECTED, Crash, Faults, Throttled
from tests.simulation.languages import LANGUAGES, Language
from tests.simulation.network import Network
from tests.simulation.ports import Fragments, Port
from tests.simulation.queues import Dead, Fifo, Outside, Queue, Stream
from tests.simulation.scheduler import Scheduler, moment
from tests.simulation.slack import Slack
from tests.simulation.store import SimStore

T = TypeVar("T")

TARGETS = {Metric.FIRST_RESPONSE: (600, 180), Metric.RESOLUTION: (1800, 600)}
"""Seconds within which, and how many before that the warning comes."""
_TARGETS = [{"metric": one, "within": within, "warn_before": before} for one, (within, before) in TARGETS.items()]
CONFIG = load_config(config_data(promises=[{"targets": _TARGETS}]))
VAULT = DictVault({(one.channel, one.account): one.credentials for one in LANGUAGES})
MINUTE = 60
LIFE = 16
"""A doomed worker dies at one of this many first boundaries."""
CALM = 8
"""Every so many seeds one is without faults: then the sweeper and the auditor must find nothing to do."""


@dataclass(frozen=True)
class Parts:
    """What a run is made of. A planted bug is one of these, broken."""

    store: type[SimStore] = SimStore
    queue: type[Queue] = Queue
    edge: type[Edge] = Edge
    intake: type[Intake] = Intake
    delivery: type[Delivery] = Delivery
    slack: Callable[[Any], Any] = lambda port: port
    channel: Callable[[str], Channel] = channels.load
    publish: Callable[..., None] = outbox.publish
    sweep: Callable[..., int] = outbox.sweep
    wake: Callable[..., int] = clocks.wake
    audit: Callable[..., int] = clocks.audit


@dataclass(frozen=True)
class Blow:
    """Which port call of a run the process dies at: the n-th, before or after it took effect."""

    call: int
    after: bool


NO_BLOW = Blow(0, after=False)
"""Dies nowhere, but is not expected to be as punctual as a run without faults."""


@dataclass
class Tally:
    """What a run found out about itself."""

    calls: list[str] = field(default_factory=list)
    own_errors: list[str] = field(default_factory=list)
    crashes: int = 0
    swept: int = 0
    audited: int = 0
    agent_asked: Counter[str] = field(default_factory=Counter)
    refusals: int = 0


class World:
    def __init__(self, seed: int, parts: Parts, blow: Blow | None = None, *, calm: bool | None = None) -> None:
        self.random = Random(seed)
        self.faults = Faults(self.random, calm=seed % CALM == 0 if calm is None else calm)
        self.calm = not self.faults.on and blow is None
        self.parts = parts
        self.scheduler = Scheduler(self.random)
        self.tally = Tally()
        self.dead: list[Dead] = []
        self.meter = CountingMeter()
        self._blow = blow
        self.blown = blow is not None
        self._worker = ""
        self._depth = 0
        self._skew = 0
        self._doom = 0
        self.stream_off = self.faults.fires("stream off")
        self.network_skew = self.random.randint(-60, 60) if self.faults.fires("network clock") else 0
        self._wire()

    def _wire(self) -> None:
        parts = self.parts
        self.slack = Slack(self)
        self.network = Network(self)
        self.outside = Outside(self)
        self.inbound = _fifo(parts.queue)(self, "intake", self._intake, 180)
        self.outbound = parts.queue(self, "delivery", self._deliver, 360)
        self.timers = parts.queue(self, "clock", self._ring, 180)
        self.team = parts.queue(self, "desk", self._show, 180)
        self.truth = parts.store(Stream(self).inserted)
        self.store = Port("store", self.truth, self)
        self.effects = Port("effects", self.outside, self)
        self.http = Port("network", self.network, self)
        slack = parts.slack(Port("slack", self.slack, self))
        self._slack = slack
        self.bus = Bus(self.store, CONFIG, parts.channel)
        fragments = Port("fragments", Fragments(self.inbound), self)
        self.edge = parts.edge(VAULT, fragments, MemoryArchive(), self.meter)
        about = (self.store, parts.channel, VAULT, self.http, self.meter, self.now)
        self.delivery = parts.delivery(*about, lambda: CONFIG)

    def now(self) -> datetime:
        """What the clock of the running worker shows."""
        return moment(self.scheduler.now + self._skew)

    # -- running something that may die ---------------------------------------------------------------------------

    def run(self, worker: str, act: Callable[[], object]) -> bool:
        """One worker's life. Returns whether it lived to the end of it; an injected error ends it like a crash."""
        before = self._worker, self._depth, self._skew, self._doom
        self._worker, self._depth = worker, self._depth + 1
        self._doom = self.random.randint(1, LIFE) if self.faults.fires(f"{worker} crashes") else 0
        self._skew = self.random.randint(-2, 2) if self.faults.fires(f"{worker} clock") else 0
        try:
            act()
        except Crash:
            self.tally.crashes += 1
        except Exception as error:
            self.died(worker, error)
        else:
            return True
        finally:
            self._worker, self._depth, self._skew, self._doom = before
        return False

    def died(self, worker: str, error: Exception) -> None:
        """Faults kill workers; an error of their own is a finding."""
        if not _injected(error):
            self.tally.own_errors.append(f"{worker}: {type(error).__name__}: {error}")

    def call(self, name: str, act: Callable[[], T]) -> T:
        """Every port call comes by here, twice."""
        site = f"{self._worker} {name}"
        self.tally.calls.append(site)
        number = len(self.tally.calls)
        self._boundary(name, site, Blow(number, after=False))
        done = act()
        self._boundary(name, site, Blow(number, after=True))
        return done

    def _boundary(self, name: str, site: str, here: Blow) -> None:
        if self._blow is not None and self._blow == here:
            raise Crash(site)
        if not self.faults.on:
            return
        self._doom -= 1
        if self._doom == 0:
            raise Crash(site)
        if self._depth == 1 and name in _OVERTAKEN and self.faults.fires(f"{site} overtaken"):
            self.scheduler.another(within=15)

    def fail(self, name: str) -> None:
        if self.faults.fires(f"{self._worker} {name} throttled"):
            raise Throttled(name)

    def lose(self, name: str) -> bool:
        return self.faults.fires(f"{self._worker} {name} answer lost")

    # -- the workers, as the handlers do it -----------------------------------------------------------------------

    def receive(self, language: Language, request: Inbound) -> int:
        channel = self.parts.channel(language.channel)
        return self.edge.receive(channel, language.account, request, self.now()).status

    def _intake(self, text: str) -> None:
        fragment = json.loads(text)
        channel = self.parts.channel(fragment["channel"])
        service = self.parts.intake(self.store, CONFIG, channel)
        for event in channel.read(fragment["body"]):
            service.take(event, fragment["hook"], instant(fragment["received_at"]))

    def _deliver(self, order: tuple[str, str]) -> None:
        self.delivery.deliver(*order)

    def _ring(self, timer: tuple[str, str]) -> None:
        self.parts.wake(self.store, *timer, self.now())

    def _show(self, news: tuple[str, str, int]) -> None:
        event = self.store.event(*news)
        if event is not None:
            desk.show(
                event,
                store=self.store,
                slack=self._slack,
                config=CONFIG,
                channel=self.parts.channel,
                meter=self.meter,
                now=self.now(),
            )

    def publish(self, event: TimelineEvent) -> None:
        try:
            self.parts.publish(event, self.store, self.effects, self.now())
        except outbox.Owed as owed:
            if not _injected(owed):
                raise

    # -- the schedules --------------------------------------------------------------------------------------------

    def every_minute(self) -> None:
        if self.truth.owing:
            self.run("sweeper", self._sweep)
        if any(self.truth.checkpoints(self.now())):
            self.run("auditor", self._audit)

    def _sweep(self) -> None:
        self.tally.swept += self.parts.sweep(self.store, self.effects, self.meter, self.now())

    def _audit(self) -> None:
        self.tally.audited += self.parts.audit(self.store, self.meter, self.now())


_OVERTAKEN = frozenset({"store.commit", "network.send", "slack.call"})


def _injected(error: BaseException) -> bool:
    if isinstance(error, ExceptionGroup):
        return all(_injected(one) for one in error.exceptions)
    return isinstance(error.__cause__ if isinstance(error, outbox.Owed) else error, INJECTED)


def _fifo(queue: type[Queue]) -> type[Fifo]:
    """The FIFO queue with the same habits as the standard ones."""
    return Fifo if queue is Queue else type("PlantedFifo", (Fifo,), {"acks_first": queue.acks_first})
