"""Eight people at one case at once: in whatever order their commands end, its history tells them all and no others."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Answer, Assign, Command, Release, Reopen, Resolve, Take, Undo
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.message import Message
from chalicelib.domain.repeats import has_heard
from chalicelib.domain.reply import Mode
from chalicelib.domain.retention import Retention
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.audit import judged
from chalicelib.service.bus import Bus
from chalicelib.service.intake import Intake
from chalicelib.service.ports import Row, Store
from chalicelib.service.slack_inbox.words import BUSY
from chalicelib.service.writing import ATTEMPTS
from chalicelib.slack import buttons, modals
from tests.build import BRAND, NOON, config, event
from tests.fakes.channel import PlainChannel
from tests.fakes.memory_store import MemoryStore
from tests.service.floor import PRIVATELY, Floor
from tests.service.world import HOOK, World
from tests.storage.conftest import dynamodb, local_store

__all__ = ["dynamodb", "local_store"]

HANDS = 8
AGENTS = ("ana", "tom", "mia")
MIX: Mapping[type[Command], int] = {Take: 3, Release: 3, Assign: 1, AddNote: 2, Answer: 1, Resolve: 2, Reopen: 3}


class Crowded:
    """A store in which whoever has read lets the others go first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.overtaken: list[tuple[str, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def case(self, brand: str, case_id: str) -> Case | None:
        found = self._store.case(brand, case_id)
        time.sleep(0)
        return found

    def commit(self, *rows: Row) -> None:
        try:
            self._store.commit(*rows)
        except Conflict as conflict:
            self.overtaken.append(conflict.keys)
            raise


@dataclass
class Crowd:
    """One case and the bus. What was done, and what was refused, stands here by the command's id."""

    store: Any
    done: list[Command] = field(default_factory=list)
    nothing_new: list[tuple[Command, Case]] = field(default_factory=list)
    refused: list[Command] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        channel = PlainChannel()
        Intake(self.store, config(), channel).take(event(), HOOK, NOON)
        self.bus = Bus(self.store, config(), lambda name: channel)
        latest = self.store.contact(BRAND, ids.contact_id(BRAND, channel.name, event().author or ""))[1]
        self.case_id, self.conversation = latest.id, latest.thread().conversation_id

    def asks(self, command: Command) -> None:
        """Who was always overtaken is told to try again, and does."""
        while True:
            try:
                after = self.bus(command, NOON)
            except Conflict:
                self.gave_up.append(command.id)
                continue
            except Refusal:
                return self.refused.append(command)
            if has_heard(after, command.id):
                return self.done.append(command)
            return self.nothing_new.append((command, after))

    def works(self, hand: int, count: int) -> None:
        random = Random(hand)
        for number in range(count):
            agent = random.choice(AGENTS)
            about = (f"{hand}/{number}", BRAND, self.case_id, agent)
            for command in self._commands(random, about):
                self.asks(command)

    def _commands(self, random: Random, about: tuple[str, str, str, str]) -> Iterator[Command]:
        """One, or a note that is sent twice, or an answer that is taken back."""
        kind: Any = random.choices(list(MIX), list(MIX.values()))[0]
        if kind is Assign:
            yield Assign(*about, to=random.choice(AGENTS))
        elif kind is AddNote:
            yield from [AddNote(*about, "She calls us.")] * random.choice((1, 1, 2))
        elif kind is Answer:
            yield Answer(*about, "It is on its way.", Mode.PRIVATE, self.conversation)
            yield Undo(f"{about[0]}/undo", *about[1:], ids.reply_id(BRAND, about[0]))
        else:
            yield kind(*about)

    @property
    def case(self) -> Case:
        found: Case | None = self.store.case(BRAND, self.case_id)
        assert found is not None
        return found

    @property
    def history(self) -> list[TimelineEvent]:
        return [row for row in self.store.belongings(BRAND, self.case_id) if isinstance(row, TimelineEvent)]


SIZES = [
    ("memory", 60),
    pytest.param("dynamodb", 10, marks=pytest.mark.jvm),
    pytest.param("memory", 500, marks=pytest.mark.slow),
]
FACTS: Mapping[type[Command], frozenset[Fact]] = {
    Take: frozenset({Fact.CASE_TAKEN}),
    Release: frozenset({Fact.CASE_RELEASED}),
    Assign: frozenset({Fact.CASE_ASSIGNED}),
    AddNote: frozenset({Fact.NOTE_ADDED}),
    Answer: frozenset({Fact.REPLY_QUEUED}),
    Undo: frozenset({Fact.REPLY_UNDONE}),
    Resolve: frozenset({Fact.CASE_SOLVED, Fact.CASE_RESOLVING}),
    Reopen: frozenset({Fact.CASE_REOPENED}),
}

ALREADY: Mapping[type[Command], Callable[[Any, Case], bool]] = {
    Take: lambda command, case: case.assignee == command.agent,
    Assign: lambda command, case: case.assignee == command.to,
    Release: lambda command, case: case.assignee is None,
    Resolve: lambda command, case: not case.live or case.open_replies != (),
}
"""What commands have nothing to do for, because it is so."""


@pytest.mark.parametrize(("name", "count"), SIZES)
def test_eight_at_one_case_all_have_what_was_said_to_be_done_and_nobody_anything_else(
    request: pytest.FixtureRequest, record_property: Any, name: str, count: int
) -> None:
    crowd = Crowd(Crowded(MemoryStore() if name == "memory" else request.getfixturevalue(name).store))
    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(lambda hand: crowd.works(hand, count), range(HANDS)))
    record_property("conflicts", f"{len(crowd.store.overtaken)} of {HANDS} at once; {len(crowd.gave_up)} tried again")
    assert crowd.store.overtaken, "nobody was in anybody's way"
    assert [one.seq for one in crowd.history] == list(range(1, crowd.case.seq + 1)), "no number is missing or doubled"
    _everything_done_is_told_once(crowd)
    _every_note_is_there_once(crowd)
    assert _folded(crowd.history) == (crowd.case.assignee, crowd.case.live)
    assert judged(crowd.store, BRAND, crowd.case_id, Retention(), NOON).findings == ()


def _everything_done_is_told_once(crowd: Crowd) -> None:
    told = Counter((one.data["command"], one.fact) for one in crowd.history if "command" in one.data)
    done = {one.id: one for one in crowd.done}
    assert not [one for one in crowd.refused if isinstance(one, AddNote | Answer | Undo)], (
        "nothing speaks against these"
    )
    assert {id for id, _ in told} == set(done), "what was refused, or was so already, is not told"
    for id, command in done.items():
        assert sum(told[id, fact] for fact in FACTS[type(command)]) == 1, command
    assert set(told.values()) == {1}
    for command, case in crowd.nothing_new:
        assert command.id in done or ALREADY[type(command)](command, case), f"{command} was said to be done"


def _every_note_is_there_once(crowd: Crowd) -> None:
    written = [one.data["message_id"] for one in crowd.history if one.fact is Fact.NOTE_ADDED]
    assert sorted(written) == sorted({ids.note_id(BRAND, one.id) for one in crowd.done if isinstance(one, AddNote)})
    assert len(crowd.store.several(Message, BRAND, written)) == len(written)


def _folded(history: list[TimelineEvent]) -> tuple[str | None, bool]:
    """Whose the case is and whether it lives, by its facts; of two at once none has it."""
    owner: str | None = None
    live = True
    for one in history:
        if one.fact is Fact.CASE_TAKEN:
            assert owner is None, f"{one.seq}: taken from {owner}"
            owner = one.actor
        elif one.fact is Fact.CASE_ASSIGNED:
            assert one.data.get("from") == owner, f"{one.seq}: handed on by who did not have it"
            owner = one.data["to"]
        elif one.fact is Fact.CASE_RELEASED:
            assert one.data.get("from", one.actor) == owner, f"{one.seq}: given back by who did not have it"
            owner = None
        elif one.fact in (Fact.CASE_SOLVED, Fact.CASE_REOPENED):
            assert live is (one.fact is Fact.CASE_SOLVED), f"{one.seq}: {one.fact} twice"
            live = not live
    return owner, live


# -- who is always overtaken ------------------------------------------------------------------------------------------


class Rush(MemoryStore):
    """So many times more, somebody else has written to the case by the time that somebody writes."""

    more = 0

    def commit(self, *rows: Row) -> None:
        for row in rows if self.more else ():
            if isinstance(row, Case) and (quicker := self.case(row.brand, row.id)):
                self.more -= 1
                super().commit(quicker)
        super().commit(*rows)


def test_who_is_always_overtaken_has_to_try_again_and_nothing_of_it_was_done() -> None:
    store = Rush()
    world = World(store=store)
    world.take()
    before = world.case()
    store.more = ATTEMPTS
    note = AddNote("1", BRAND, before.id, "ana", "She calls us.")
    with pytest.raises(Conflict):
        world.bus(note, world.clock())
    assert store.more == 0 and replace(world.case(), version=before.version) == before, "nothing of it is there"
    assert store.message(BRAND, ids.note_id(BRAND, "1")) is None
    store.more = ATTEMPTS - 1
    world.bus(note, world.clock())
    assert world.facts().count(Fact.NOTE_ADDED) == 1


@pytest.mark.parametrize(
    ("button", "callback", "where"),
    [(buttons.REPLY, modals.REPLY_VIEW, {modals.WHERE: PRIVATELY}), (buttons.NOTE, modals.NOTE_VIEW, {})],
)
def test_words_from_a_window_that_were_always_overtaken_are_offered_again(
    button: str, callback: str, where: dict[str, str]
) -> None:
    store = Rush()
    floor = Floor(store=store)
    store.more = ATTEMPTS
    floor.submit(callback, "", values={modals.TEXT: "She calls us.", **where})
    assert floor.facts() == []
    assert BUSY in str((floor.slack.ephemeral, floor.slack.views))
    floor.moves_to(1)
    floor.click(button)
    assert "She calls us." in str(floor.view())
    floor.moves_to(2)
    floor.submit(callback, "", values={modals.TEXT: "She calls us.", **where}, view_id="V2")
    assert len(floor.facts()) >= 1


def test_words_in_a_thread_that_were_always_overtaken_come_again_and_are_kept_once() -> None:
    store = Rush()
    floor = Floor(store=store)
    store.more = ATTEMPTS
    with pytest.raises(Conflict):
        floor.said("She calls us.")
    assert floor.facts() == [] and floor.slack.ephemeral == []
    for _ in range(2):
        floor.errands.waiting.append(floor.last)
        floor.work()
    assert floor.facts() == [Fact.NOTE_ADDED] and floor.note() == "She calls us."
