"""What stands in Slack for a case, and the record that keeps a post from being made twice."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Card:
    """The card of a case: where it stands and which state of the case (its ``seq``) it shows."""

    brand: str
    case_id: str
    slack_channel: str
    ts: str
    shows: int
    version: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One thing we post in Slack, claimed before it is posted. ``ts`` is empty until Slack has answered.

    ``name`` is ``card`` or the seq of the timeline event the line in the thread tells.
    """

    brand: str
    case_id: str
    name: str
    claimed_at: datetime
    ts: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class CardPlace:
    """The way back: which case the Slack thread (``team``, ``slack_channel``, ``ts``) belongs to."""

    team: str
    slack_channel: str
    ts: str
    brand: str
    case_id: str
