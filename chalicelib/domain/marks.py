"""Small things that are remembered of a Slack workspace for a while: who was verified, what was done, what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WORKSPACE = "slack"
"""What stands in the place of a brand: these are no brand's."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``name`` is what it is about, ``text`` what is to be said of it, ``since`` when that began.

    A later one takes its place, and of one moment the one that comes last: Slack counts what happens within a second
    in millionths, of which we keep thousandths. ``expires_at`` is in seconds.
    """

    team: str
    name: str
    at: datetime
    expires_at: int
    text: str = ""
    since: datetime | None = None
    brand: str = WORKSPACE

    def current(self, now: datetime) -> bool:
        """DynamoDB takes its time to remove what has expired."""
        return now.timestamp() < self.expires_at


def mark(team: str, name: str, now: datetime, lasts: timedelta, text: str = "", since: datetime | None = None) -> Mark:
    return Mark(team, name, now, int((now + lasts).timestamp()), text, since)
