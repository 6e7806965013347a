"""Slack's patience, remembered by a warm worker: whoever was asked to wait does not ask again before it is time.

Nothing sleeps here. A call that would come too early is refused at once, and its work goes back to the queue.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.service.ports import NoAnswer, NotSent, SlackApi, SlackBusy

SPACING = timedelta(seconds=1)
"""Slack takes about one message a second and channel (docs.slack.dev, "Rate limits")."""
LONGEST = timedelta(minutes=15)
"""A queue cannot delay longer."""
FAILURES, AWAY = 2, timedelta(seconds=10)
"""After so many unanswered calls Slack counts as away for so long: ten records must not wait for ten timeouts."""


@dataclass(slots=True)
class Pace:
    """What one container knows. ``opens_at``: when each door may be tried again; ``waiting``: who was sent off."""

    opens_at: dict[str, datetime] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    away_until: datetime | None = None

    def wait(self, door: str, now: datetime, urgent: bool) -> timedelta:
        """How long until this call may be made; nothing when it may be made now. The urgent come first at the door."""
        opens_at = self.opens_at.get(door)
        if opens_at is None or now >= opens_at:
            self.opens_at.pop(door, None)
            self.waiting.pop(door, None)
            return timedelta()
        if urgent:
            return opens_at - now
        place = self.waiting[door] = self.waiting.get(door, 0) + 1
        return min(opens_at - now + place * SPACING, LONGEST)

    def closed(self, door: str, after: timedelta, now: datetime) -> None:
        self.opens_at[door] = max(now + after, self.opens_at.get(door, now))

    def away(self, now: datetime) -> bool:
        return self.away_until is not None and now < self.away_until

    def failed(self, now: datetime) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.away_until = now + AWAY

    def answered(self) -> None:
        self.failures, self.away_until = 0, None


@dataclass(frozen=True, slots=True)
class Paced:
    """Slack's Web API behind a pace. Raises what the port raises: SlackBusy and NotSent also without any call."""

    slack: SlackApi
    pace: Pace
    now: Callable[[], datetime]
    urgent: bool = False

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        door = _door(method, arguments)
        if self.pace.away(self.now()):
            raise NotSent("Slack was away a moment ago")
        if wait := self.pace.wait(door, self.now(), self.urgent):
            raise SlackBusy(wait)
        return self._called(door, method, arguments)

    def _called(self, door: str, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self.slack.call(method, **arguments)
        except SlackBusy as busy:
            self.pace.closed(door, busy.after, self.now())
            raise
        except (NoAnswer, NotSent):
            self.pace.failed(self.now())
            raise
        self.pace.answered()
        return answer


def _door(method: str, arguments: dict[str, Any]) -> str:
    """Posts are counted by Slack channel, everything else by method."""
    return f"{method} {arguments.get('channel')}" if method == "chat.postMessage" else method
