"""All we have of one person, in one document, for that person. Nobody else's words are in it."""

from typing import Any

from chalicelib.domain import ids, privacy
from chalicelib.domain.audit import plain
from chalicelib.domain.case import Case
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.privacy import cases, contact

SCHEMA = "heed.person/1"


def dossier(store: Store, brand: str, contact_id: str, *, notes: bool = True) -> dict[str, Any]:
    """The person's data. ``notes`` are what colleagues wrote among themselves about their cases."""
    person = contact(store, brand, contact_id)
    return {
        "schema": SCHEMA,
        "contact": plain(person),
        "cases": [_case(store, case, notes) for case in cases(store, person)],
    }


def _case(store: Store, case: Case, notes: bool) -> dict[str, Any]:
    events = [row for row in store.belongings(case.brand, case.id) if isinstance(row, TimelineEvent)]
    named = {name: privacy.named_ids(events, f"{name}_id") for name in ("message", "reply", "conversation")}
    replies = [one for one in (store.reply(case.brand, reply_id) for reply_id in named["reply"]) if one]
    ours = [ids.message_id(case.brand, one.account, one.native_id) for one in replies if one.native_id]
    conversations = [store.conversation(case.brand, one) for one in named["conversation"]]
    messages = [one for one in _messages(store, case.brand, [*named["message"], *ours]) if notes or not _note(one)]
    return {
        "case": plain(case),
        "messages": [plain(one) for one in messages],
        "replies": [plain(one) for one in replies],
        "conversations": [plain(one) for one in conversations if one],
        "timeline": [plain(one) for one in events],
    }


def _note(message: Message) -> bool:
    return message.direction is Direction.NOTE


def _messages(store: Store, brand: str, wanted: list[str]) -> list[Message]:
    found: dict[str, Message] = {}
    for start in range(0, len(wanted), 100):
        found |= store.messages(brand, wanted[start : start + 100])
    return [found[one] for one in dict.fromkeys(wanted) if one in found]
