"""How long each kind of row is kept, and that a legal hold keeps it longer. See ``docs/privacy.md``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.contact import SEEN_AGAIN, Contact
from chalicelib.domain.logbook import ID as LOGBOOK
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.timeline import TimelineEvent

STUB = timedelta(days=7)
"""For what was told about a message that never came: longer than any network goes on trying to tell."""


@dataclass(frozen=True, slots=True)
class Retention:
    """From when a row was written last, and for a case from its end. What is older is neither read nor kept."""

    messages: timedelta = timedelta(days=400)
    notes: timedelta = timedelta(days=400)
    cases: timedelta = timedelta(days=1100)
    contacts: timedelta = timedelta(days=1100)
    audit: timedelta = timedelta(days=1100)
    raw: timedelta = timedelta(days=90)

    def of(self, row: object) -> timedelta | None:
        """How long this row is kept from now; None for as long as it stays as it is."""
        if isinstance(row, Case):
            return None if row.live else self.cases
        if isinstance(row, Contact):
            # written anew once a month at most, and still kept so long after the last message
            return None if row.erased_at else self.contacts + SEEN_AGAIN
        if isinstance(row, TimelineEvent):
            return None if row.case_id == LOGBOOK else self.audit
        if isinstance(row, Message):
            return self._of_message(row)
        return getattr(self, _OTHERS.get(type(row).__name__, ""), None)

    def _of_message(self, message: Message) -> timedelta:
        if message.direction is None:
            return STUB
        return self.notes if message.direction is Direction.NOTE else self.messages


_OTHERS = {
    "Reply": "messages",
    "Action": "messages",
    "Conversation": "contacts",
    "Card": "cases",
    "Post": "cases",
    "CardPlace": "cases",
}


def load_retention(data: Mapping[str, Any]) -> Retention:
    """The classes from compiled JSON, in seconds; what is not named has its default."""
    return Retention(**{name: timedelta(seconds=value) for name, value in data.items()})


def names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Retention))


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a store asks about time: when rows are over, and what time it is."""

    clock: Callable[[], datetime]
    policy: Callable[[], Retention] = Retention

    def now(self) -> int:
        return int(self.clock().timestamp())

    def until(self, rows: Iterable[object]) -> list[int | None]:
        """When each row of one write is over, in seconds; never while a contact or case among them is held."""
        every = list(rows)
        if any(getattr(row, "held_at", None) for row in every):
            return [None] * len(every)
        now, policy = self.clock(), self.policy()
        spans = [policy.of(row) for row in every]
        return [None if span is None else int((now + span).timestamp()) for span in spans]
