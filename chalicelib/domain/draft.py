"""Words of an agent that were not sent yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent wrote last in the reply window of a case; empty once it was sent.

    A later one takes its place, an earlier one that comes late does not. ``expires_at`` is in seconds.
    """

    brand: str
    case_id: str
    agent: str
    at: datetime
    expires_at: int
    text: str = ""

    def usable(self, now: datetime) -> bool:
        """DynamoDB takes its time to remove what has expired."""
        return bool(self.text.strip()) and now.timestamp() < self.expires_at


def draft(brand: str, case_id: str, agent: str, text: str, now: datetime) -> Draft:
    return Draft(brand, case_id, agent, now, int((now + KEPT).timestamp()), text)
