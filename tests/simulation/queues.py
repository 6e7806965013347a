"""SQS, the table's stream and the timers, with the promises they really make and the habits they really have."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.channels.base import Malformed
from chalicelib.domain.effects import CASE_EVENTS, Arm, Deliver, Disarm, Publish, Pursue
from chalicelib.domain.errors import Later
from chalicelib.domain.timeline import TimelineEvent
from tests.simulation.scheduler import seconds

if TYPE_CHECKING:
    from datetime import datetime

    from tests.simulation.world import World

RECEIVES = 5
STREAM_RETRIES = 10
DEDUPED_FOR = 300
POISON = "poison"
"""The group of letters that nobody could ever handle."""


@dataclass(slots=True, eq=False)
class Letter:
    body: Any
    group: str = ""
    receives: int = 0
    gone: bool = False


@dataclass(slots=True)
class Dead:
    """A letter that nobody could handle, and what its last receiver died of."""

    queue: "Queue"
    letter: Letter
    error: Exception | None

    @property
    def poison(self) -> bool:
        return self.letter.group == POISON


class Queue:
    """At least once, in any order; what is received and not deleted comes again, at most five times."""

    acks_first = False
    doubles = False
    """Delivers every letter twice, as it well may."""

    def __init__(self, world: "World", name: str, handle: Callable[[Any], None], visibility: int) -> None:
        self.world = world
        self.name = name
        self.visibility = visibility
        self._handle = handle

    def send(self, body: Any, delay: int = 0) -> None:
        self._offer(Letter(body), delay)

    def again(self, letter: Letter) -> None:
        """An operator redrives a dead letter."""
        self._offer(Letter(letter.body, letter.group), 0)

    def _offer(self, letter: Letter, delay: int) -> None:
        slow = 20 if self.world.faults.fires(f"{self.name} reorders") else 1
        self.world.scheduler.between(delay, delay + slow, lambda: self._receive(letter))
        if self.doubles or self.world.faults.fires(f"{self.name} delivers twice"):
            # Most copies come at once, when the first one is still being worked on.
            late = self.world.random.choice((1, 1, 200))
            self.world.scheduler.between(delay, delay + late, lambda: self._receive(letter))

    def _receive(self, letter: Letter) -> None:
        if letter.gone:
            return
        letter.receives += 1
        if letter.receives > RECEIVES:
            self._bury(letter, None)
            return
        self.world.scheduler.after(self.visibility, lambda: self._receive(letter))
        self.world.run(self.name, lambda: self._work(letter))

    def _work(self, letter: Letter) -> None:
        """As ``handlers/worker.py`` does it."""
        if self.acks_first:
            self._delete(letter)
        try:
            self._handle(letter.body)
        except Later as later:
            delay = min(int(later.delay.total_seconds() + 0.999), 900)
            self.world.call("again", lambda: self.send(letter.body, delay))
        except (Malformed, ValueError, KeyError, TypeError) as error:
            self._give_up(letter, error)
        except Exception as error:
            if letter.receives < RECEIVES:
                self.world.died(self.name, error)
                return
            self._give_up(letter, error)
        self.world.call("delete", lambda: self._delete(letter))

    def _give_up(self, letter: Letter, error: Exception) -> None:
        self.world.call("bury", lambda: self._bury(letter, error))

    def _bury(self, letter: Letter, error: Exception | None) -> None:
        self.world.dead.append(Dead(self, letter, error))
        self._delete(letter)

    def _delete(self, letter: Letter) -> None:
        letter.gone = True


class Fifo(Queue):
    """In order within a group: while one letter of it is neither handled nor dead, the next ones wait."""

    def __init__(self, world: "World", name: str, handle: Callable[[Any], None], visibility: int) -> None:
        super().__init__(world, name, handle, visibility)
        self._groups: dict[str, deque[Letter]] = {}
        self._seen: dict[tuple[str, str], int] = {}

    def post(self, group: str, dedupe: str, body: Any) -> None:
        now = self.world.scheduler.now
        if now - self._seen.get((group, dedupe), -DEDUPED_FOR) < DEDUPED_FOR:
            return
        self._seen[group, dedupe] = now
        self._offer(Letter(body, group), 0)

    def _offer(self, letter: Letter, delay: int) -> None:
        waiting = self._groups.setdefault(letter.group, deque())
        waiting.append(letter)
        if waiting[0] is letter:
            self.world.scheduler.between(0, 1, lambda: self._receive(letter))

    def _delete(self, letter: Letter) -> None:
        if letter.gone:
            return
        super()._delete(letter)
        waiting = self._groups[letter.group]
        waiting.remove(letter)
        if waiting:
            head = waiting[0]
            self.world.scheduler.between(0, 1, lambda: self._receive(head))


@dataclass
class Stream:
    """New timeline rows, in order for each case. It may be off for a whole story, lose records or tell them twice."""

    world: "World"
    _shards: dict[str, deque[TimelineEvent]] = field(default_factory=dict)

    def inserted(self, event: TimelineEvent) -> None:
        faults = self.world.faults
        if self.world.stream_off or faults.fires("stream loses"):
            return
        shard = self._shards.setdefault(event.case_id, deque())
        shard.append(event)
        if faults.fires("stream tells twice"):
            shard.append(event)
        if len(shard) == 1:
            self._next(event.case_id, 0)

    def _next(self, case_id: str, tries: int) -> None:
        self.world.scheduler.between(0, 2, lambda: self._publish(case_id, tries))

    def _publish(self, case_id: str, tries: int) -> None:
        shard = self._shards[case_id]
        done = self.world.run("publisher", lambda: self.world.publish(shard[0]))
        if not done and tries < STREAM_RETRIES:
            self._next(case_id, tries + 1)
            return
        shard.popleft()
        if shard:
            self._next(case_id, 0)


class Outside:
    """The effects port: topics, timers and the outbound queue."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._started: set[str] = set()
        self._stopped: set[str] = set()
        self.told: dict[str, Counter[tuple[str, int]]] = {}

    def publish(self, effect: Publish) -> None:
        event = effect.event
        self.told.setdefault(effect.topic, Counter())[event.case_id, event.seq] += 1
        if effect.topic == CASE_EVENTS:
            self._world.team.send((event.brand, event.case_id, event.seq))

    def arm(self, effect: Arm) -> None:
        faults, scheduler = self._world.faults, self._world.scheduler
        if effect.name in self._started:
            return
        self._started.add(effect.name)
        if faults.fires("timer never fires"):
            return
        wait = seconds(effect.at) - scheduler.now
        late = 240 if faults.fires("timer late") else 0
        early = 2 if faults.fires("timer early") else 0
        for _ in range(2 if faults.fires("timer fires twice") else 1):
            scheduler.between(wait - early, wait - early + late, lambda: self._ring(effect))

    def disarm(self, effect: Disarm) -> None:
        if effect.name in self._started:
            self._stopped.add(effect.name)

    def _ring(self, effect: Arm) -> None:
        if effect.name not in self._stopped:
            self._world.timers.send((effect.brand, effect.case_id))

    def deliver(self, effect: Deliver, now: "datetime") -> None:
        delay = min(int(effect.delay(now).total_seconds() + 0.999), 900)
        self._world.outbound.send((effect.brand, effect.reply_id), delay)

    def pursue(self, effect: Pursue) -> None:
        self._world.timers.send((effect.brand, effect.case_id))
