"""Who is there, and who is writing: what agents say of themselves, and what they have open."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

WRITING = timedelta(minutes=2)
"""How long a reply window counts as open; Slack does not say when one is left."""
LAG = timedelta(seconds=30)
"""How long the list of an agent's cases may trail behind what was given to them."""
GIVEN_KEPT = 50


class Presence(StrEnum):
    ONLINE = "online"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent in one of their brands. ``given`` are the cases Heed gave them lately, newest last.

    Giving a case writes this row too, so that of two who give at once one decides anew, and nobody gets too many.
    """

    brand: str
    agent: str
    presence: Presence = Presence.AWAY
    since: datetime | None = None
    given: tuple[str, ...] = ()
    given_at: datetime | None = None
    version: int = 0

    @property
    def online(self) -> bool:
        return self.presence is Presence.ONLINE

    def turned(self, presence: Presence, now: datetime) -> "AgentState":
        """As they say they are; said twice, it stands since the first time."""
        return self if self.presence is presence else replace(self, presence=presence, since=now)

    def lately(self, now: datetime) -> tuple[str, ...]:
        """What was given so short a time ago that lists may not show it yet."""
        return self.given if self.given_at is not None and now - self.given_at < LAG else ()

    def gave(self, case_id: str, now: datetime) -> "AgentState":
        return replace(self, given=(*self.lately(now), case_id)[-GIVEN_KEPT:], given_at=now)


@dataclass(frozen=True, slots=True)
class Writing:
    """An agent has the reply window of a case open since ``at``. ``expires_at`` is in seconds."""

    brand: str
    case_id: str
    agent: str
    at: datetime
    expires_at: int

    def current(self, now: datetime) -> bool:
        """DynamoDB takes its time to remove what has expired."""
        return now - self.at < WRITING


def writing(brand: str, case_id: str, agent: str, now: datetime) -> Writing:
    return Writing(brand, case_id, agent, now, int((now + WRITING).timestamp()))
