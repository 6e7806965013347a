"""Slack's patience: every call takes its turn at a door that all workers share, so nobody asks before it is time.

Nothing sleeps here. A call whose turn has not come is refused with the time it was given, and its work goes back to the
queue until then.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain import turns
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict
from chalicelib.domain.turns import Door, Tempo
from chalicelib.service.ports import NoAnswer, NotSent, SlackApi, SlackBusy, Store
from chalicelib.service.writing import deciding

POST = "chat.postMessage"
POSTS = Tempo(timedelta(seconds=1), timedelta(seconds=2))
"""Slack takes one message a second and channel, and bears short bursts (docs.slack.dev, "Rate limits")."""
METHODS = Tempo(timedelta(seconds=1.2), timedelta(seconds=12))
"""Fifty a minute: what Slack's third tier takes at least. No method used here is in a lower one."""
CROWDED = timedelta(seconds=2)
FAILURES, AWAY = 2, timedelta(seconds=10)
"""After so many unanswered calls Slack counts as away for so long: ten records must not wait for ten timeouts."""
LONG_AGO = datetime.fromtimestamp(0, UTC)

Decide = Callable[[Door, datetime], tuple[Door, datetime | None]]
"""From a door and the time to the door as it is to be written, and when to come again."""


@dataclass(slots=True)
class Pace:
    """What one container knows. ``doors`` are as it wrote them last: a write that fails says that others came by.

    ``rate`` is for a Slack that takes more than one message a second.
    """

    store: Store
    clock: Callable[[], datetime]
    rate: float = 1.0
    doors: dict[tuple[str, str], Door] = field(default_factory=dict)
    failures: int = 0
    away_until: datetime | None = None

    def tempo(self, posts: bool) -> Tempo:
        tempo = POSTS if posts else METHODS
        return Tempo(tempo.spacing / self.rate, tempo.burst)

    def turn(self, key: tuple[str, str], rank: str, tempo: Tempo, *, waited: bool) -> datetime | None:
        """When to come again; None when it is this call's turn now, which it takes."""

        def decided(door: Door, now: datetime) -> tuple[Door, datetime | None]:
            after = turns.passed(door, rank, now, tempo, waited=waited)
            return (after, None) if after else turns.queued(door, rank, now, tempo)

        return self._written(key, decided)

    def closed(self, key: tuple[str, str], rank: str, tempo: Tempo, after: timedelta) -> datetime | None:
        """Slack asked to wait: nobody comes before that, and who was sent away gets a time."""
        return self._written(key, lambda door, now: turns.queued(turns.closed(door, now + after), rank, now, tempo))

    def _written(self, key: tuple[str, str], decide: Decide) -> datetime | None:
        def attempt() -> datetime | None:
            door = self.doors.pop(key, None) or self.store.door(*key) or Door(*key, LONG_AGO, LONG_AGO)
            after, at = decide(door, self.clock())
            self.store.commit(after)
            self.doors[key] = after.written
            return at

        try:
            return deciding(attempt)
        except Conflict as conflict:
            raise SlackBusy(CROWDED) from conflict

    def away(self) -> bool:
        return self.away_until is not None and self.clock() < self.away_until

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.away_until = self.clock() + AWAY

    def answered(self) -> None:
        self.failures, self.away_until = 0, None


@dataclass(slots=True)
class Turns:
    """The turns of one piece of work: how urgent it is, and the time it was given when it came before."""

    pace: Pace
    config: Config
    since: datetime | None = None
    rank: str = turns.PEOPLE
    _ahead: set[str] = field(default_factory=set)

    def ahead(self, channel: str) -> None:
        """Take the turn of the next post in this channel now, before anything is claimed for it."""
        if channel not in self._ahead:
            self.take(POST, channel)
            self._ahead.add(channel)

    def take(self, method: str, channel: str, team: str = "") -> None:
        """Raises SlackBusy with the time at which it is this call's turn."""
        if method == POST and channel in self._ahead:
            self._ahead.remove(channel)
            return
        now = self.pace.clock()
        posts = method == POST
        if posts and self.since is not None and self.since > now:
            raise SlackBusy(self.since - now, self.since)
        waited = self.since is not None and self.since <= now
        at = self.pace.turn(self._door(method, channel, team), self.rank, self.pace.tempo(posts), waited=waited)
        if at is not None:
            raise SlackBusy(at - now, at)
        self.since = None if posts else self.since

    def refused(self, busy: SlackBusy, method: str, channel: str, team: str = "") -> SlackBusy:
        """Slack asked to wait all the same: everybody does."""
        now = self.pace.clock()
        door, tempo = self._door(method, channel, team), self.pace.tempo(method == POST)
        at = self.pace.closed(door, self.rank, tempo, busy.after)
        return SlackBusy(at - now, at) if at else busy

    def _door(self, method: str, channel: str, team: str) -> tuple[str, str]:
        """Posts are counted by Slack channel, everything else by method."""
        workspace = self.config.workspace_at(channel)
        return team or (workspace.team if workspace else ""), channel if method == POST else method


@dataclass(frozen=True, slots=True)
class Paced:
    """Slack's Web API behind its doors. Raises what the port raises: SlackBusy and NotSent also without any call."""

    slack: SlackApi
    turns: Turns

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        pace = self.turns.pace
        if pace.away():
            raise NotSent("Slack was away a moment ago")
        door = method, str(arguments.get("channel", "")), str(arguments.get("team", ""))
        self.turns.take(*door)
        try:
            answer = self.slack.call(method, **arguments)
        except SlackBusy as busy:
            raise self.turns.refused(busy, *door) from busy
        except (NoAnswer, NotSent):
            pace.failed()
            raise
        pace.answered()
        return answer
