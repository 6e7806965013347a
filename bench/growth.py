"""Whether anything costs more when there is more: long lives of one person, many open cases.

Everything is done on an engine that holds all the rows, through the doors and services of production. Calls and units
are those of the first time; CPU is this process's own while the same is done again in turns at every size.

The engine is DynamoDB Local. MiniStack looks at every row of an index: while it does, this process waits and its caches
are lost to others, which is told as CPU of ours.
"""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from zlib import crc32

from bench.bodies import ACCOUNT, BRAND, item, queue_event, schedule_event
from bench.counts import Count
from bench.growing import Told, answer, comment, lived, message, open_cases, reply
from bench.measure import Effort, Judged, Result, Table, Timing, alternate, ratio
from bench.presses import AGENT, Presses
from bench.story import Network
from bench.wire import Wire
from bench.world import SLACK, heed_app, on_dynamodb_local, on_ministack, silent
from chalicelib.aws.clients import session
from chalicelib.channels.base import Credentials
from chalicelib.domain.case import RESTS_KEPT, THREADS_KEPT, Case
from chalicelib.domain.commands import AddNote, Answer
from chalicelib.domain.ids import contact_id, reply_id
from chalicelib.domain.instants import iso
from chalicelib.domain.presence import AgentState, Presence
from chalicelib.domain.reply import Mode
from chalicelib.handlers import desk, inbox, intake, sweeps
from chalicelib.service.clocks import audit
from chalicelib.service.outbox import publish
from chalicelib.storage import DynamoStore
from chalicelib.wiring import wired
from infra.local.clients import clients
from infra.template.table import table_definition
from tests.build import NOON, config_data
from tests.fakes.ports import DictVault, MemoryArchive, RecordingEffects
from tests.fakes.slack_api import FakeSlack

CALLS, CPU = 1.1, 1.2
PAGE = 5
TURN = timedelta(seconds=3)
RUNS = 11
"""Fewer and shorter than elsewhere: what is measured grows by being measured."""

PAGES, FULL = frozenset({"Home tab", "herald"}), 500
"""What looks at a page of fifty is compared from where that page is full in all four shards of an agent's half."""

Act = Callable[[], object]

_TURNS = (NOON + TURN * number for number in count(1))
"""When each note is written: Slack's channels take a line a second, its workspaces an edit in a little more."""


@dataclass(slots=True)
class Sample:
    """One thing done at one size."""

    size: int
    act: Act
    count: Count = field(default_factory=Count)


class Vault(DictVault):
    """Slack is connected, and the network."""

    def slack(self, name: str = "slack") -> dict[str, Any]:
        return SLACK


class AtOnce:
    """What is done in Slack is carried out without waiting in its queue."""

    def send(self, group: str, dedupe: str, body: str) -> None:
        inbox.carry_out(json.loads(body))


def run(effort: Effort) -> Result:
    result = Result(
        "growth",
        "Growth: the same work when there is more of everything",
        "Calls, capacity units and CPU (us) of the same work at different sizes. A person's life was made by intake "
        "itself, each thing they said answered by a colleague; it lies in DynamoDB Local with all its rows. "
        "Pools of open cases of as many people were laid there in bulk, each size in a table of its own. Queues, "
        "topics and Slack stand in memory.",
    )
    lives = {"one conversation": (message, answer), "below many posts": (comment, reply)}
    for what, told in lives.items():
        _measured(partial(_lives, what, effort, *told), effort, result)
    _measured(partial(_pools, effort), effort, result)
    result.notes.append(
        f"A case remembers its last {THREADS_KEPT} threads and {RESTS_KEPT} times of waiting for the customer. Both "
        "are full at the smallest size; until then it grows by some 300 bytes with each thread and 80 with each wait."
    )
    result.notes.append(
        f"A page is the first {PAGE} cases, found through four shards of at most {PAGE} keys each. The Home tab and "
        f"the herald look at the first fifty, so they are compared from {FULL} on; the herald finds nobody with room."
    )
    return result


def _measured(make: Callable[[], dict[str, list[Sample]]], effort: Effort, result: Result) -> None:
    """Each part on an engine of its own: one that holds hundreds of thousands of rows answers others too late."""
    with on_ministack(_policy()) if effort.smoke else on_dynamodb_local(_policy()):
        _equip()
        _judge_all(make(), effort, result)


def _policy() -> dict[str, Any]:
    """With one team whose cases are given out."""
    data = config_data()
    data["queues"]["messages"]["assign"] = "auto"
    return data


def _equip() -> None:
    """Everything but the table stands in memory."""
    wired.__dict__.update(
        effects=RecordingEffects(),
        archive=MemoryArchive(),
        errands=AtOnce(),
        http=Network(),
        vault=Vault({("facebook", ACCOUNT): Credentials(secrets=("s",), token="t", api="http://127.0.0.1:9")}),
    )
    slack = FakeSlack(NOON.timestamp())
    slack.knows(wired.config.agents.values())
    wired._slack["slack"] = (str(SLACK["token"]), slack)
    wired.store.commit(AgentState(BRAND, AGENT, Presence.ONLINE, NOON))


class Life:
    """One person's case; each act can be done again."""

    def __init__(self, author: str, told: Told) -> None:
        self._author, self._told = author, told
        self._id = f"{contact_id(BRAND, 'facebook', author)}-1"
        self._turn = count(1)

    @property
    def case(self) -> Case:
        found = wired.store.case(BRAND, self._id)
        assert found is not None
        return found

    def _command(self) -> str:
        return f"{self._author}-{next(self._turn)}"

    def message(self) -> None:
        taken(self._told(-next(self._turn), self._author))

    def edit(self) -> None:
        """Of what they said first."""
        told = {"mid": f"m_{self._author}_0", "text": "Where is my order 4712?", "num_edit": next(self._turn)}
        body = message(0, self._author)
        body["entry"][0]["messaging"] = [{**item("", self._author), "message_edit": told, "message": None}]
        taken(body)

    def note(self) -> None:
        """Written, published, and shown in Slack, each when the channel takes it."""
        now = next(_TURNS)
        case = wired.bus(AddNote(self._command(), BRAND, self._id, AGENT, "Calls us weekly."), now)
        event = wired.store.event(BRAND, case.id, case.seq)
        assert event is not None
        publish(event, wired.store, wired.effects, now)
        wired.now = lambda: now
        try:
            desk.tell({"brand": BRAND, "case_id": case.id, "seq": case.seq})
        finally:
            wired.now = lambda: NOON

    def answer(self) -> None:
        """Asked for and sent."""
        name, thread = self._command(), self.case.thread()
        assert thread is not None
        mode = Mode.PUBLIC if thread.public else Mode.PRIVATE
        wired.bus(Answer(name, BRAND, self._id, AGENT, "It leaves today.", mode, thread.conversation_id), NOON)
        wired.delivery.deliver(BRAND, reply_id(BRAND, name))


def taken(body: Any) -> None:
    told = {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(NOON), "body": body}
    assert not intake.intake(queue_event("heed-local-inbound.fifo", json.dumps(told)), None)["batchItemFailures"]


def _lives(what: str, effort: Effort, said: Told, answered: Told) -> dict[str, list[Sample]]:
    """Every act at every size; the first note stands the card up, which is done before anything is counted."""
    found: dict[str, list[Sample]] = {}
    for number, size in enumerate(_sizes(effort, (3, 9), (10, 1_000), 100_000)):
        author = f"7245{crc32(what.encode()):010d}{number:02d}"
        lived(author, size, said, answered)
        life = Life(author, said)
        acts = {"message": life.message, "note, shown in Slack": life.note, "answer": life.answer}
        if said is message:
            acts["edit"] = life.edit
        with silent():
            life.note()
        for name, act in acts.items():
            found.setdefault(f"{what}: {name}", []).append(_sample(size, act, wired.store))
    return found


def _pools(effort: Effort) -> dict[str, list[Sample]]:
    """Every act at every size, each size in a table of its own."""
    turn = count(1)
    agent = Presses(FakeSlack(NOON.timestamp()), wired.config)
    acts: dict[str, Act] = {
        "message of a new contact": lambda: taken(message(0, f"9{next(turn):014d}")),
        "page of a queue": lambda: wired.store.queue(BRAND, "messages", PAGE),
        "page of an agent": lambda: wired.store.assigned(BRAND, AGENT, PAGE),
        "Home tab": lambda: heed_app()(agent.home(NOON), None),
        "auditor": lambda: audit(wired.store, wired.meter, NOON, wired.config),
        "sweeper": lambda: sweeps.sweeper(schedule_event(NOON), None),
        "herald": lambda: wired.assigning.sweep(NOON),
    }
    found: dict[str, list[Sample]] = {name: [] for name in acts}
    for size in _sizes(effort, (4, FULL), (10, FULL, 10_000), 1_000_000):
        store = _pool(size)
        for name, act in acts.items():
            if name not in PAGES or size >= FULL:
                found[name].append(_sample(size, partial(_inside, store, act), store))
    return {f"pool: {name}": one for name, one in found.items()}


def _pool(size: int) -> DynamoStore:
    """Nobody reads its stream, which would keep every row a second time."""
    table = f"{wired.settings.table}-{size}"
    definition = table_definition(table)
    del definition["StreamSpecification"]
    clients()("dynamodb").create_table(**definition)
    store = DynamoStore(table, session(), wired.store.keeping)
    _inside(store, lambda: open_cases(size))
    store.commit(AgentState(BRAND, AGENT, Presence.ONLINE, NOON))
    return store


def _inside(store: DynamoStore, act: Act) -> None:
    """With that table in the place of Heed's own."""
    wired.__dict__["store"], before = store, wired.store
    try:
        act()
    finally:
        wired.__dict__["store"] = before


def _sizes(effort: Effort, small: tuple[int, ...], usual: tuple[int, ...], large: int) -> tuple[int, ...]:
    return small if effort.smoke else (*usual, large) if effort.slow else usual


def _sample(size: int, act: Act, store: DynamoStore) -> Sample:
    """Do it once, for its calls."""
    sample = Sample(size, act)
    with closing(Wire(store)) as wire, silent(), wire.counting() as sample.count:
        act()
    return sample


def _judge_all(samples: dict[str, list[Sample]], effort: Effort, result: Result) -> None:
    short = replace(effort, runs=min(effort.runs, RUNS), seconds=min(effort.seconds, 0.02))
    for name, found in samples.items():
        with silent():
            timings = alternate({str(one.size): one.act for one in found}, short)
        _judge(name, found, [timings[str(one.size)] for one in found], result)


def _judge(name: str, samples: list[Sample], timings: list[Timing], result: Result) -> None:
    rows = [
        [f"{one.size:,}", one.count.calls.total(), one.count.rru, one.count.wru, *timing.cells()]
        for one, timing in zip(samples, timings, strict=True)
    ]
    columns = ["size", "calls", "RRU", "WRU", "CPU median", "best", "worst", "wall"]
    result.tables.append(Table(name, columns, rows))
    least, most = samples[0].count, samples[-1].count
    units = (most.rru + most.wru) / (least.rru + least.wru)
    result.judged += [
        Judged(f"{name}: calls, largest / smallest", round(most.calls.total() / least.calls.total(), 3), CALLS),
        Judged(f"{name}: units, largest / smallest", round(units, 3), CALLS),
        Judged(f"{name}: CPU, largest / smallest", ratio(timings[-1], timings[0]), CPU),
    ]
