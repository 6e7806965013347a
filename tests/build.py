"""Short ways to say what a test is about: everything not named has a plain default."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.case import Case, Priority, Thread
from chalicelib.domain.config import Config, load_config
from chalicelib.domain.contact import Contact, new_contact
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.policy import Traits
from chalicelib.domain.target import Metric, Target

BRAND = "harbor"
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ACCOUNTS = {
    "facebook": "104552811223344",
    "instagram": "17841405822300001",
    "whatsapp": "106540352242922",
    "x": "1455001122334455667",
    "telegram": "7000000001",
    "standard_webhooks": "forum",
}
PEOPLE = [
    ("ana", "agent", "U0ANA"),
    ("tom", "agent", "U0TOM"),
    ("mia", "supervisor", "U0MIA"),
    ("odo", "auditor", "U0ODO"),
]

FIRST_RESPONSE = Target(Metric.FIRST_RESPONSE, timedelta(minutes=60), timedelta(minutes=15))
RESOLUTION = Target(Metric.RESOLUTION, timedelta(hours=8), timedelta(hours=1))


def config_data(**changes: Any) -> dict[str, Any]:
    """A compiled policy file: one brand, one account a channel, two queues, one rule, two agents and an auditor."""
    data: dict[str, Any] = {
        "version": 1,
        "brands": {BRAND: {"name": "Harbor & Hill", "queue": "messages", "reopen_within": 604_800, "evidence": "none"}},
        "accounts": {
            f"harbor-{channel.split('_')[0]}": {
                "brand": BRAND,
                "channel": channel,
                "native_id": native,
                "name": "Harbor",
            }
            for channel, native in ACCOUNTS.items()
        },
        "queues": {
            "messages": {"name": "Messages", "slack": "C0MESSAGES"},
            "escalations": {"name": "Escalations", "slack": "C0ESCALATE"},
        },
        "rules": [
            {"because": "angry words", "keywords": ["refund", "scandal"], "queue": "escalations", "priority": "high"}
        ],
        "promises": [
            {
                "targets": [
                    {"metric": "first_response", "within": 3600, "warn_before": 900},
                    {"metric": "resolution", "within": 28_800, "warn_before": 3600},
                ]
            }
        ],
        "agents": {
            name: {
                "name": name.title(),
                "email": f"{name}@example.com",
                "role": role,
                "brands": [BRAND],
                "slack": slack,
            }
            for name, role, slack in PEOPLE
        },
        "slack": {"team": "T0HEED", "app": "A0HEED"},
    }
    return {**data, **changes}


def config(**changes: Any) -> Config:
    return load_config(config_data(**changes))


def targets(config: Config, queue: str, priority: Priority) -> tuple[Target, ...]:
    """What the config promises to a plain case of that queue and priority."""
    policy = config.policy(Traits(BRAND, queue, priority))
    return policy.targets if policy else ()


def event(kind: Kind = Kind.MESSAGE, **changes: Any) -> Event:
    """A private Messenger message of Ana's at noon."""
    facts: dict[str, Any] = {
        "channel": "facebook",
        "account": "104552811223344",
        "id": "mid-1" if kind in (Kind.MESSAGE, Kind.COMMENT, Kind.POST, Kind.MENTION, Kind.ECHO) else None,
        "at": NOON,
        "author": "7245118832190456",
        "name": "Ana B",
        "text": "Where is my order?",
        "conversation": "104552811223344:7245118832190456",
    }
    return Event(kind=kind, **{**facts, **changes})


def contact(**changes: Any) -> Contact:
    return new_contact("c" * 20, BRAND, event(**changes), NOON)


def thread(message_id: str = "m1", at: datetime = NOON, **changes: Any) -> Thread:
    facts: Mapping[str, Any] = {
        "conversation_id": "v1",
        "channel": "facebook",
        "account": "harbor-facebook",
        "public": False,
        "address": {"psid": "7245118832190456"},
        "last_inbound_at": at,
        "last_message_id": message_id,
        "capabilities": ("reply",),
    }
    return Thread(**{**facts, **changes})


def case(**changes: Any) -> Case:
    """A fresh case without clocks or threads."""
    facts: dict[str, Any] = {
        "id": f"{'c' * 20}-1",
        "brand": BRAND,
        "contact_id": "c" * 20,
        "contact_name": "Ana B",
        "queue": "messages",
        "priority": Priority.NORMAL,
        "reasons": ("no rule matched",),
        "opened_at": NOON,
        "targets": (FIRST_RESPONSE, RESOLUTION),
    }
    return Case(**{**facts, **changes})
