"""Plain rows for the tests that need a certain one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case, Priority
from chalicelib.domain.clock import Clock, start
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.ids import case_id, digest
from chalicelib.domain.message import Message
from chalicelib.domain.target import AlwaysOpen, Metric, Target
from chalicelib.domain.timeline import Fact, TimelineEvent

BRAND = "acme"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=365)
ANN = digest("ann")
BOB = digest("bob")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def contact(contact_id: str = ANN, **more: Any) -> Contact:
    known: dict[str, Any] = {"brand": BRAND, "identities": (Identity("messenger", "1"),), "first_seen_at": NOON}
    return Contact(id=contact_id, **{**known, **more})


def case(contact_id: str = ANN, number: int = 1, **more: Any) -> Case:
    known: dict[str, Any] = {
        "brand": BRAND,
        "contact_id": contact_id,
        "contact_name": "Ann",
        "queue": "care",
        "priority": Priority.NORMAL,
        "reasons": ("no rule matched",),
        "opened_at": NOON,
        "targets": (),
    }
    return Case(id=case_id(contact_id, number), **{**known, **more})


def clock(due_in: timedelta, metric: Metric = Metric.FIRST_RESPONSE) -> Clock:
    """A running clock that warns a minute before it is due."""
    return start(Target(metric, due_in, minutes(1)), NOON, 1, AlwaysOpen())


def event(seq: int = 1, case: str = case_id(ANN, 1), **more: Any) -> TimelineEvent:
    known: dict[str, Any] = {
        "brand": BRAND,
        "fact": Fact.CASE_OPENED,
        "at": NOON,
        "recorded_at": NOON,
        "actor": "heed",
        "queue": "care",
        "priority": "normal",
        "channel": "messenger",
        "revision": 0,
    }
    return TimelineEvent(case_id=case, seq=seq, **{**known, **more})


def conversation(contact_id: str = ANN, **more: Any) -> Conversation:
    known: dict[str, Any] = {
        "brand": BRAND,
        "channel": "messenger",
        "account": "acme-fb",
        "native_id": "t1",
        "public": False,
        "case_id": case_id(contact_id, 1),
    }
    return Conversation(id="conversation-1", contact_id=contact_id, **{**known, **more})


def message(message_id: str = "m1", **more: Any) -> Message:
    return Message(id=message_id, channel="messenger", **{"brand": BRAND, **more})


def card(**more: Any) -> Card:
    return Card(**{"brand": BRAND, "case_id": case_id(ANN, 1), "slack_channel": "C1", "ts": "1.1", "shows": 1, **more})


def post(name: str = "card", **more: Any) -> Post:
    return Post(**{"brand": BRAND, "case_id": case_id(ANN, 1), "name": name, "claimed_at": NOON, **more})


def draft(text: str = "We are looking.", at: datetime = NOON, case: str = case_id(ANN, 1)) -> Draft:
    return Draft(BRAND, case, "eve", at, 1_800_000_000, text)


def place(case: str = case_id(ANN, 1)) -> CardPlace:
    return CardPlace("T1", "C1", "1.1", BRAND, case)
