"""A legal hold on one person: nothing of theirs ends by its age, nor may it be erased, until it is released."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.domain import lifecycle, privacy
from chalicelib.domain.case import Case
from chalicelib.domain.draft import Draft
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.ports import Row, Store
from chalicelib.service.privacy import cases, contact
from chalicelib.service.writing import deciding

BATCH = 50
"""Rows of one transaction; each of them is read and written whole."""


def hold(store: Store, brand: str, contact_id: str, by: str, reason: str, now: datetime) -> int:
    """Keep everything of this person; returns the number of cases. Doing it again takes in what is new."""
    return _set(store, brand, contact_id, now, Fact.CASE_HELD, by, reason, now)


def release(store: Store, brand: str, contact_id: str, by: str, reason: str, now: datetime) -> int:
    """What was kept ends by its age again, which counts from now."""
    return _set(store, brand, contact_id, None, Fact.CASE_UNHELD, by, reason, now)


def _set(
    store: Store, brand: str, contact_id: str, held: datetime | None, fact: Fact, by: str, reason: str, now: datetime
) -> int:
    """The contact first: what is written from then on is held, or not, by itself."""
    person = contact(store, brand, contact_id)
    deciding(lambda: store.commit(replace(contact(store, brand, person.id), held_at=held)))
    found = list(cases(store, person))
    for case in found:
        deciding(partial(_rows, store, case, held))
        told = Happening(fact, now, by, {"reason": reason})
        deciding(partial(_case, store, case, held, told, now))
    return len(found)


def _case(store: Store, case: Case, held: datetime | None, told: Happening, now: datetime) -> None:
    known = store.case(case.brand, case.id)
    if known is not None:
        after, timeline = lifecycle.recorded(known, replace(known, held_at=held), [told], now)
        store.commit(after, *timeline)


def _rows(store: Store, case: Case, held: datetime | None) -> None:
    """Everything below the case, written again as it is, together with a case that says whether it is held.

    Drafts are left out: they end within days and are nobody's word yet.
    """
    belongings = store.belongings(case.brand, case.id)
    events = [row for row in belongings if isinstance(row, TimelineEvent)]
    messages = privacy.named_ids(events, "message_id")
    replies = [store.reply(case.brand, one) for one in privacy.named_ids(events, "reply_id")]
    conversations = [store.conversation(case.brand, one) for one in privacy.named_ids(events, "conversation_id")]
    rows: list[Row] = [row for row in belongings if not isinstance(row, Draft)]
    rows += [replace(reply, held_at=held) for reply in replies if reply]
    rows += [conversation for conversation in conversations if conversation]
    for start in range(0, len(messages), 100):
        found = store.messages(case.brand, messages[start : start + 100])
        rows += [replace(message, held_at=held) for message in found.values()]
    for start in range(0, len(rows), BATCH):
        known = store.case(case.brand, case.id) or case
        store.commit(replace(known, held_at=held), *rows[start : start + BATCH])
