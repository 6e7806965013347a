"""All of Heed in one process: its real handlers, wired to parts in memory, each call of which is a place to die at."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from types import SimpleNamespace
from typing import Any, NoReturn, TypeVar

import app
from chalicelib import channels
from chalicelib.aws import clients
from chalicelib.aws.effects import AwsEffects
from chalicelib.aws.pager import SnsPager
from chalicelib.domain.errors import Later
from chalicelib.handlers import clock, delivery, desk, inbox, intake, privacy, publisher, sweeps, worker
from chalicelib.service.delivery import Delivery
from chalicelib.service.edge import Edge
from chalicelib.service.intake import Intake
from chalicelib.service.outbox import Owed
from chalicelib.service.reapply import Reapply
from chalicelib.wiring import wired
from tests.fakes.ports import CountingMeter, DictVault, MemoryArchive, MemoryBookmark
from tests.simulation.aws import SETTINGS, Sns, Sqs, States, Template
from tests.simulation.faults import INJECTED, Crash, Faults, Throttled, excused
from tests.simulation.gateway import proxied
from tests.simulation.network import CREDENTIALS, Network
from tests.simulation.policy import CONFIG
from tests.simulation.ports import Port
from tests.simulation.queues import Fifo, Queue, Stream
from tests.simulation.scheduler import Scheduler, moment
from tests.simulation.slack import SECRET, Slack
from tests.simulation.store import SimStore

T = TypeVar("T")
Door = Callable[[Any, Any], Any]

MINUTE = 60
LIFE = 16
"""A doomed worker dies at one of this many first boundaries."""
CALM = 8
"""Every so many seeds one is without faults: then the sweeper and the auditor must find nothing to do."""
TEMPLATE = Template(sorted(CONFIG.queues))
TOKEN = "xoxb-sim"
DOORS: Mapping[str, Door] = {
    "intake": intake.intake,
    "publisher": publisher.publisher,
    "clock": clock.clock,
    "delivery": delivery.delivery,
    "desk": desk.desk,
    "inbox": inbox.inbox,
    "sweeper": sweeps.sweeper,
    "auditor": sweeps.auditor,
    "herald": sweeps.herald,
    "eraser": privacy.eraser,
}
"""The functions as Lambda calls them."""


@dataclass(frozen=True)
class Parts:
    """What a run is made of. A planted bug is one of these, broken. ``doors`` are put in the place of real ones."""

    store: type[SimStore] = SimStore
    queue: type[Queue] = Queue
    edge: type[Edge] = Edge
    intake: type[Intake] = Intake
    delivery: type[Delivery] = Delivery
    slack: Callable[[Any], Any] = lambda port: port
    pager: type[SnsPager] = SnsPager
    doors: Mapping[str, Door] = field(default_factory=dict)
    punctual: bool = True
    """Whether all comes in time when nothing fails."""


@dataclass(frozen=True)
class Blow:
    """Which port call of a run the process dies at: the n-th, before or after it took effect."""

    call: int
    after: bool


@dataclass
class Tally:
    """What a run found out about itself."""

    calls: list[str] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    """The numbers of calls that were not made, or ended with an error."""
    own_errors: list[str] = field(default_factory=list)
    crashes: Counter[str] = field(default_factory=Counter)
    redone: int = 0
    """Records of the stream that came again with one that failed, or with their function; some had been done."""
    agent_asked: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)


class Vault(DictVault):
    def slack(self, name: str = "slack") -> dict[str, object]:
        return {"signing_secrets": [SECRET], "token": TOKEN}


class World:
    def __init__(self, seed: int, parts: Parts, blow: Blow | None = None, *, calm: bool | None = None) -> None:
        self.random = Random(seed)
        self.faults = Faults(self.random, calm=seed % CALM == 0 if calm is None else calm)
        self.calm = not self.faults.on and blow is None and parts.punctual
        self.parts = parts
        self.scheduler = Scheduler(self.random)
        self.tally = Tally()
        self.meter = CountingMeter()
        self.archive = MemoryArchive()
        self.doors = {**DOORS, **parts.doors}
        self.blown = blow is not None
        self._blow = blow
        self._worker = ""
        self._depth = self._skew = self._doom = self._comes = 0
        self._rival: Callable[[], object] | None = None
        self._dead = ""
        self.stream_off = self.faults.fires("stream off")
        self.network_skew = self.random.randint(-60, 60) if self.faults.fires("network clock") else 0
        self.texts: dict[str, str] = {}
        self.written: dict[tuple[str, int], datetime] = {}
        self._wire()

    def _wire(self) -> None:
        """Hands the container its parts. There is one container, so there is one world at a time."""
        wired.forget()
        self.slack = Slack(self)
        self.network = Network(self)
        self.sqs = Sqs()
        kind = self.parts.queue
        fifo = type("PlantedFifo", (Fifo,), {"acks_first": kind.acks_first, "partial": kind.partial})
        for name, (function, batch) in TEMPLATE.batches.items():
            properties = next(one for one in TEMPLATE.queues.values() if one["QueueName"] == name)
            door = self.doors[function.lower()]
            made = (fifo if name.endswith(".fifo") else kind)(self, properties, function.lower(), door, batch)
            self.sqs.queues[name] = made
        self.sns = Sns(self.sqs, TEMPLATE.subscriptions)
        self.states = States(self, self.sqs.queues[SETTINGS.timers_url.rpartition("/")[2]])
        self.truth = self.parts.store(Stream(self, TEMPLATE.stream).inserted)
        parts = {"sqs": self.sqs, "sns": self.sns, "stepfunctions": self.states}
        clients.given.update({name: Port(name, one, self) for name, one in parts.items()})
        store, meter, vault = Port("store", self.truth, self), Port("meter", self.meter, self), Vault(CREDENTIALS)
        slack = self.parts.slack(Port("slack", self.slack, self))
        wired.__dict__.update(
            settings=SETTINGS,
            store=store,
            meter=meter,
            archive=Port("archive", self.archive, self),
            vault=Port("vault", vault, self),
            http=Port("network", self.network, self),
            effects=AwsEffects(SETTINGS, lambda: float(self.scheduler.now)),
            hands=SimpleNamespace(map=map),
            reapply=Reapply(store, MemoryBookmark(), meter),
            connect=lambda token: slack,
            pager=self.parts.pager(SETTINGS.escalations_arn),
            intake=lambda channel: self.parts.intake(store, CONFIG, channel),
            now=self.now,
        )
        wired.__dict__["edge"] = self.parts.edge(wired.vault, wired.edge.fragments, wired.archive, meter)
        wired.use(CONFIG)
        about = (store, channels.load, wired.accounts, wired.http, meter, self.now)
        wired.__dict__["delivery"] = self.parts.delivery(*about, lambda: CONFIG, wired.archive)
        _LOG.world = self

    def now(self) -> datetime:
        """What the clock of the running worker shows."""
        return moment(self.scheduler.now + self._skew)

    # -- running something that may die ---------------------------------------------------------------------------

    def run(self, name: str, act: Callable[[], object], rival: Callable[[], object] | None = None) -> bool:
        """One worker's life. Returns whether it lived to the end of it; an injected error ends it like a crash.

        A ``rival`` lives all of its own in the middle of it.
        """
        before = self._worker, self._depth, self._skew, self._doom, self._rival, self._comes, self._dead
        self._rival, self._comes, self._dead = rival, self.random.randint(1, LIFE) if rival else 0, ""
        self._worker, self._depth = name, self._depth + 1
        self._doom = self.random.randint(1, LIFE) if self.faults.fires(f"{name} crashes") else 0
        self._skew = self.random.randint(-2, 2) if self.faults.fires(f"{name} clock") else 0
        try:
            act()
        except Crash as crash:
            self.tally.crashes[str(crash)] += 1
        except Exception as error:
            if not injected(error):
                self.tally.own_errors.append(f"{name}: {type(error).__name__}: {error}")
        else:
            return True
        finally:
            self._worker, self._depth, self._skew, self._doom, self._rival, self._comes, self._dead = before
        return False

    def failed(self, error: str) -> None:
        """A worker logs what its work died of. Faults kill; an error of its own is a finding."""
        if not excused(self._worker, error):
            self.tally.own_errors.append(f"{self._worker}: {error}")

    def call(self, name: str, act: Callable[[], T]) -> T:
        """Every port call comes by here, twice."""
        site = f"{self._worker} {name}"
        self.tally.calls.append(site)
        number = len(self.tally.calls)
        self.tally.unanswered.add(number)
        self._boundary(name, site, number, after=False)
        done = act()
        self.tally.unanswered.discard(number)
        self._boundary(name, site, number, after=True)
        return done

    def _boundary(self, name: str, site: str, number: int, *, after: bool) -> None:
        where = f"{site} {'after' if after else 'before'}"
        if self._dead:
            raise Crash(self._dead)
        if self._blow is not None and self._blow == Blow(number, after):
            self._dies(where)
        if not self.faults.on:
            return
        self._comes -= 1
        if self._rival and self._comes == 0:
            self._rival()
        self._doom -= 1
        if self._doom == 0:
            self._dies(where)
        if self._depth == 1 and name in _OVERTAKEN and self.faults.fires(f"{site} overtaken"):
            self.scheduler.another(within=15)

    def _dies(self, where: str) -> NoReturn:
        """Nothing that is called from here on, as in a ``finally``, is done by a process that is gone."""
        self._dead = where
        raise Crash(where)

    def fail(self, name: str) -> None:
        if self.faults.fires(f"{self._worker} {name} throttled"):
            raise Throttled(name)

    def lose(self, name: str) -> bool:
        return self.faults.fires(f"{self._worker} {name} answer lost")

    # -- the doors ------------------------------------------------------------------------------------------------

    def posted(self, name: str, path: str, headers: Mapping[str, str], body: str) -> str | None:
        """What the app answers a request that a worker of this name serves; None where there was no 200."""
        answers: list[dict[str, Any]] = []
        self.run(name, lambda: answers.append(app.app(proxied(path, headers, body), None)))
        return next((str(answer["body"]) for answer in answers if answer["statusCode"] == 200), None)

    def every_minute(self) -> None:
        if self.truth.owing:
            self.run("sweeper", lambda: self.doors["sweeper"](EVENT, None))
        if any(self.truth.checkpoints(self.now())):
            self.run("auditor", lambda: self.doors["auditor"](EVENT, None))
        if self.truth.gathered:
            self.run("herald", lambda: self.doors["herald"](EVENT, None))

    def reply_saying(self, text: str) -> str:
        return self.texts.get(text, f"nobody's: {text}")


_FIELDS = ("version", "account", "region", "detail", "detail-type", "source", "time", "id", "resources")
EVENT: Mapping[str, Any] = dict.fromkeys(_FIELDS, "")
"""A tick of the schedule."""
_OVERTAKEN = frozenset({"store.commit", "network.send", "slack.call"})


def injected(error: BaseException) -> bool:
    if isinstance(error, ExceptionGroup):
        return all(injected(one) for one in error.exceptions)
    return isinstance(error.__cause__ if isinstance(error, Owed) else error, (*INJECTED, Later))


class _Log(logging.Handler):
    """The workers' log lines: what a record died of stands nowhere else."""

    world: World

    def emit(self, record: logging.LogRecord) -> None:
        error = getattr(record, "error", None)
        if record.getMessage() == "will try again" and error:
            self.world.failed(error)


def _listening() -> _Log:
    """Instead of writing lines of JSON to the terminal."""
    log = _Log()
    worker.logger().setLevel(logging.INFO)
    for name in ("heed", app.app.log.name):
        logging.getLogger(name).handlers[:] = [log]
        logging.getLogger(name).propagate = False
    return log


_LOG = _listening()
