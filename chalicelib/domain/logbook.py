"""What operators do with a brand's data and policy: a history of its own, chained as a case's is.

A brand has one logbook. Its row holds the end of the chain, so that each entry is decided in the write that adds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.audit import linked
from chalicelib.domain.ids import digest
from chalicelib.domain.timeline import Fact, TimelineEvent

ID = "operators"
"""What stands in place of a case in its entries."""


@dataclass(frozen=True, slots=True)
class Logbook:
    brand: str
    seq: int = 0
    head: str = ""
    version: int = 0

    @property
    def id(self) -> str:
        return ID


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what and why. ``by`` is an agent's key, or whom AWS takes them for; ``changed`` is before and after."""

    fact: Fact
    by: str
    data: Mapping[str, Any]
    changed: Mapping[str, Any] = field(default_factory=dict)


def entered(book: Logbook, entry: Entry, now: datetime) -> tuple[Logbook, TimelineEvent]:
    """The logbook one entry on. It owes no effect to anybody."""
    event = TimelineEvent(
        brand=book.brand,
        case_id=ID,
        seq=book.seq + 1,
        fact=entry.fact,
        at=now,
        recorded_at=now,
        actor=entry.by,
        queue=ID,
        priority="-",
        channel="-",
        revision=0,
        data=entry.data,
        pending=False,
    )
    event = linked(event, dict(entry.changed), book.head)
    return replace(book, seq=event.seq, head=event.hash), event


def policy_mark(compiled: str) -> str:
    """A policy file in one word, without what each push gives it."""
    return digest("policy", compiled)
