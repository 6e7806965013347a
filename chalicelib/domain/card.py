"""What stands in Slack for a case, and the record that keeps a post from being made twice."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

FIRST = "card"
FREE = datetime.fromtimestamp(0, UTC)
"""The ``claimed_at`` of a claim given back: Slack had surely posted nothing."""


@dataclass(frozen=True, slots=True)
class Card:
    """The card of a case: where it stands and which state of the case (its ``seq``) it shows.

    ``moves`` counts how often it was put up anew; ``left`` are places where it stood before and that do not say so yet,
    ``begun`` the names under which somebody began to put it up elsewhere and did not say what came of it.
    """

    brand: str
    case_id: str
    slack_channel: str
    ts: str
    shows: int
    team: str = ""
    moves: int = 0
    left: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    edited_at: datetime | None = None
    version: int = 0

    @property
    def name(self) -> str:
        """Under which name it was posted once."""
        return post_name(self.moves, self.slack_channel)

    @property
    def place(self) -> str:
        return f"{self.team}/{self.slack_channel}/{self.ts}"

    @property
    def written(self) -> "Card":
        """As it is read after its commit."""
        return replace(self, version=self.version + 1)


def post_name(moves: int, slack_channel: str) -> str:
    """A card that moves back and forth is a new post each time."""
    return f"{FIRST}-{moves}-{slack_channel}" if moves else FIRST


@dataclass(frozen=True, slots=True)
class Post:
    """One thing we post in Slack, claimed before it is posted. ``ts`` is empty until Slack has answered.

    ``name`` is ``card`` or the seq of the timeline event the line in the thread tells. ``slack_channel`` is where
    it was to stand when it was claimed, then where Slack says that it stands: of a direct message that is not whom it
    was sent to. ``thread_ts`` is the thread for which it was claimed, if any. ``retold`` are the deletions, by
    ``case/seq``, since which it does not say any more what was deleted.
    """

    brand: str
    case_id: str
    name: str
    claimed_at: datetime
    ts: str | None = None
    slack_channel: str | None = None
    thread_ts: str | None = None
    retold: tuple[str, ...] = ()
    version: int = 0

    @property
    def is_card(self) -> bool:
        return self.name == FIRST or self.name.startswith(f"{FIRST}-")

    @property
    def stands(self) -> bool:
        """Whether there is something in Slack. Other words than a ts say why there is nothing."""
        return bool(self.ts) and str(self.ts).replace(".", "", 1).isdecimal()

    @property
    def unsettled(self) -> bool:
        """Claimed, and not recorded: whoever claimed it is at it, or has died over it, and it may stand in Slack."""
        return self.ts is None and self.claimed_at != FREE

    def begun(self, now: datetime, lease: timedelta) -> bool:
        """Whether somebody may be posting it right now."""
        return self.unsettled and now - self.claimed_at < lease


@dataclass(frozen=True, slots=True)
class CardPlace:
    """The way back: which case the Slack thread (``team``, ``slack_channel``, ``ts``) belongs to."""

    team: str
    slack_channel: str
    ts: str
    brand: str
    case_id: str
