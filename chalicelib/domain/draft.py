"""Words of an agent that were not sent yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=7)
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent wrote last about a case; empty once it was sent. ``kind`` is empty for an answer, or ``note``.

    ``at`` is when it was typed, ``view`` the window it was typed in, ``sent`` whether that one was sent. ``where`` is
    the place that was chosen for the words, ``public`` what was to be said in public beside them. ``expires_at`` is in
    seconds.
    """

    brand: str
    case_id: str
    agent: str
    at: datetime
    expires_at: int
    text: str = ""
    kind: str = ""
    where: str = ""
    public: str = ""
    view: str = ""
    sent: bool = False

    def usable(self, now: datetime) -> bool:
        """DynamoDB takes its time to remove what has expired."""
        return bool(self.text.strip()) and now.timestamp() < self.expires_at

    def follows(self, stored: "Draft") -> bool:
        """Whether it takes the place of the stored one: the later words do, but none of a window that was sent."""
        same = bool(self.view) and self.view == stored.view
        if self.sent and same:
            return True
        return stored.at < self.at and not (stored.sent and same)


def expiry(at: datetime) -> int:
    return int((at + KEPT).timestamp())
