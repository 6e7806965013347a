"""Where each row stands: one table, and keys that lead with the brand. Pure. See ``docs/data-model.md``."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.ids import case_id, split_case_id
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.service.ports import Row

CONTACT_SK = "CONTACT"
EVENT_PREFIX = "EVENT#"
BUNDLE_PREFIX = "BUNDLE#"
WRITING_PREFIX = "WRITING#"
AGENT_PREFIX = "AGENT#"
MARK_PREFIX = "MARK#"

_BRAND = re.compile(r"[a-z0-9_-]+")


class Key(NamedTuple):
    pk: str
    sk: str


def checked(brand: str) -> str:
    """The brand, which leads every key. Raises ValueError for one that could pose as more than one part of a key."""
    if not _BRAND.fullmatch(brand):
        raise ValueError(f"{brand!r} is not a brand: use lower-case letters, digits, - and _")
    return brand


def contact_key(brand: str, contact_id: str) -> Key:
    return Key(f"{checked(brand)}#contact#{contact_id}", CONTACT_SK)


def case_key(brand: str, case: str) -> Key:
    """Raises ValueError for anything but a case id in its one spelling: ``-01`` must not lead to case ``-1``."""
    contact, number = split_case_id(case)
    if case_id(contact, number) != case:
        raise ValueError(f"{case!r} is not a case id")
    return Key(contact_key(brand, contact).pk, f"CASE#{number:08d}")


def find_case_key(brand: str, case: str) -> Key | None:
    """The key of what people name as a case; None when it cannot be one."""
    checked(brand)
    try:
        return case_key(brand, case)
    except ValueError:
        return None


def case_at(key: Key) -> tuple[str, str]:
    """The brand and case id that :func:`case_key` made this key of."""
    brand, _, contact = key.pk.split("#", 2)
    return brand, case_id(contact, int(key.sk.removeprefix("CASE#")))


def conversation_key(brand: str, conversation_id: str) -> Key:
    return Key(f"{checked(brand)}#conversation#{conversation_id}", "CONVERSATION")


def message_key(brand: str, message_id: str) -> Key:
    return Key(f"{checked(brand)}#message#{message_id}", "MESSAGE")


def reply_key(brand: str, reply_id: str) -> Key:
    return Key(f"{checked(brand)}#reply#{reply_id}", "REPLY")


def action_key(brand: str, action_id: str) -> Key:
    return Key(f"{checked(brand)}#action#{action_id}", "ACTION")


def timeline_pk(brand: str, case: str) -> str:
    """What belongs to a case but is written apart from it: its events, its card and its posts."""
    return f"{checked(brand)}#case#{case}"


def event_key(brand: str, case: str, seq: int) -> Key:
    return Key(timeline_pk(brand, case), f"{EVENT_PREFIX}{seq:08d}")


def event_at(key: Key) -> tuple[str, str, int]:
    """The brand, case id and number that :func:`event_key` made this key of."""
    brand, _, case = key.pk.split("#", 2)
    return brand, case, int(key.sk.removeprefix(EVENT_PREFIX))


def card_key(brand: str, case: str) -> Key:
    return Key(timeline_pk(brand, case), "CARD")


def post_key(brand: str, case: str, name: str) -> Key:
    return Key(timeline_pk(brand, case), f"POST#{name}")


def draft_key(brand: str, case: str, agent: str, kind: str = "") -> Key:
    return Key(timeline_pk(brand, case), f"DRAFT#{agent}" + (f"#{kind}" if kind else ""))


def writing_key(brand: str, case: str, agent: str) -> Key:
    return Key(timeline_pk(brand, case), f"{WRITING_PREFIX}{agent}")


def agent_state_key(brand: str, agent: str) -> Key:
    return Key(agents_pk(brand), f"{AGENT_PREFIX}{agent}")


def agents_pk(brand: str) -> str:
    return f"{checked(brand)}#agents"


def logbook_key(brand: str) -> Key:
    return Key(f"{checked(brand)}#logbook", "LOGBOOK")


def bundle_key(brand: str, queue: str, way: str, target: str, what: str) -> Key:
    return Key(bundles_pk(brand), f"{BUNDLE_PREFIX}{queue}#{way}#{target}" + (f"#{what}" if what else ""))


def bundles_pk(brand: str) -> str:
    return f"{checked(brand)}#bundles"


def broken_key(brand: str, queue: str, name: str) -> Key:
    """One broken promise; the name begins with its minute."""
    return Key(f"{checked(brand)}#broken#{queue}", name)


def card_place_key(team: str, slack_channel: str, ts: str) -> Key:
    return Key(f"slack#{team}#{slack_channel}#{ts}", "CARD")


def door_key(team: str, name: str) -> Key:
    return Key(f"slack#{team}#{name}", "DOOR")


def mark_key(team: str, name: str) -> Key:
    return Key(marks_pk(team), f"{MARK_PREFIX}{name}")


def marks_pk(team: str) -> str:
    return f"slack#{team}#marks"


BY_ID: Mapping[type, Callable[[str, str], Key]] = {
    Contact: contact_key,
    Conversation: conversation_key,
    Message: message_key,
    Reply: reply_key,
    Action: action_key,
}

_KEYS: Mapping[type, Callable[[Any], Key]] = {
    Contact: lambda row: contact_key(row.brand, row.id),
    Case: lambda row: case_key(row.brand, row.id),
    Conversation: lambda row: conversation_key(row.brand, row.id),
    Message: lambda row: message_key(row.brand, row.id),
    Reply: lambda row: reply_key(row.brand, row.id),
    Action: lambda row: action_key(row.brand, row.id),
    TimelineEvent: lambda row: event_key(row.brand, row.case_id, row.seq),
    Card: lambda row: card_key(row.brand, row.case_id),
    Post: lambda row: post_key(row.brand, row.case_id, row.name),
    CardPlace: lambda row: card_place_key(row.team, row.slack_channel, row.ts),
    Bundle: lambda row: bundle_key(row.brand, row.queue, row.way, row.target, row.what),
    Draft: lambda row: draft_key(row.brand, row.case_id, row.agent, row.kind),
    Writing: lambda row: writing_key(row.brand, row.case_id, row.agent),
    AgentState: lambda row: agent_state_key(row.brand, row.agent),
    Door: lambda row: door_key(row.team, row.name),
    Mark: lambda row: mark_key(row.team, row.name),
    Logbook: lambda row: logbook_key(row.brand),
}

_NAMES: Mapping[type, Callable[[Any], str]] = {
    TimelineEvent: lambda row: f"{row.case_id}/{row.seq}",
    Card: lambda row: f"{row.case_id}/card",
    Post: lambda row: f"{row.case_id}/post/{row.name}",
    Bundle: lambda row: row.name,
    CardPlace: lambda row: f"{row.team}/{row.slack_channel}/{row.ts}",
    Draft: lambda row: f"{row.case_id}/draft/{row.agent}",
    Writing: lambda row: f"{row.case_id}/writing/{row.agent}",
    AgentState: lambda row: f"agent/{row.agent}",
    Door: lambda row: f"{row.team}/{row.name}",
    Mark: lambda row: f"{row.team}/mark/{row.name}",
}


_ID: Callable[[Any], str] = attrgetter("id")


def key_of(row: Row) -> Key:
    checked(row.brand)
    return _KEYS[type(row)](row)


def keys_of(rows: Sequence[Row]) -> list[Key]:
    """The keys of one commit. Raises ValueError when a row is given twice: a transaction cannot order the two."""
    keys = [key_of(row) for row in rows]
    if len(set(keys)) < len(keys):
        raise ValueError("the same row twice in one commit")
    return keys


def name_of(row: Row) -> str:
    """How Conflict calls the row: its id, or for rows without one its place in the case."""
    return _NAMES.get(type(row), _ID)(row)
