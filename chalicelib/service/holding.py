"""A legal hold on one person: nothing of theirs ends by its age, nor may it be erased, until it is released.

What is kept is every case they have a part in, as a whole, also where others have one, too.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.draft import Draft
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.person import Contents, cases, contact, contents
from chalicelib.service.ports import Row, Store
from chalicelib.service.writing import deciding

BATCH = 50
"""Rows of one transaction; each of them is read and written whole."""


def hold(store: Store, brand: str, contact_id: str, by: str, reason: str, now: datetime) -> int:
    """Keep everything of this person; returns the number of cases. Doing it again takes in what is new."""
    return _set(store, brand, contact_id, now, Happening(Fact.CASE_HELD, now, by, {"reason": reason}))


def release(store: Store, brand: str, contact_id: str, by: str, reason: str, now: datetime) -> int:
    """What was kept ends by its age again, which counts from now."""
    return _set(store, brand, contact_id, None, Happening(Fact.CASE_UNHELD, now, by, {"reason": reason}))


def _set(store: Store, brand: str, contact_id: str, held: datetime | None, told: Happening) -> int:
    """The contact first, then each case: what is written from then on is held, or not, by itself."""
    person = contact(store, brand, contact_id)
    deciding(lambda: store.commit(replace(contact(store, brand, contact_id), held_at=held)))
    count = 0
    for case in cases(store, person):
        if held is None and _held_for_others(store, contents(store, case), contact_id):
            continue
        deciding(partial(_case, store, case, held, told))
        deciding(partial(_rows, store, case, held))
        count += 1
    return count


def _held_for_others(store: Store, found: Contents, contact_id: str) -> bool:
    others = (store.contact(found.case.brand, one)[0] for one in sorted(found.people() - {contact_id}))
    return any(one is not None and one.held_at is not None for one in others)


def _case(store: Store, case: Case, held: datetime | None, told: Happening) -> None:
    known = store.case(case.brand, case.id)
    if known is not None:
        after, timeline = lifecycle.recorded(known, replace(known, held_at=held), [told], told.at)
        store.commit(after, *timeline)


def _rows(store: Store, case: Case, held: datetime | None) -> None:
    """Everything below the case, written again as it is, together with the case, which says whether it is held.

    Drafts are left out: they end within days and are nobody's word yet.
    """
    found = contents(store, case)
    kept: list[Any] = [*found.messages, *found.replies, *found.actions]
    rows: list[Row] = [row for row in found.belongings if not isinstance(row, Draft)]
    rows += [*found.conversations, *(replace(row, held_at=held) for row in kept)]
    for start in range(0, len(rows), BATCH):
        known = store.case(case.brand, case.id)
        if known is not None:
            store.commit(known, *rows[start : start + BATCH])
