"""The logbook of a brand: what operators did is entered, and words in it about somebody who was erased are let go."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from chalicelib.domain.audit import sealed
from chalicelib.domain.logbook import ID, Entry, Logbook, entered
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.writing import deciding

LOOKED_BACK = 100


def enter(store: Store, brand: str, entry: Entry, now: datetime) -> None:
    """Write one entry. One that has a code is entered once, as far as the latest hundred tell."""
    deciding(partial(_enter, store, brand, entry, now))


def _enter(store: Store, brand: str, entry: Entry, now: datetime) -> None:
    code = entry.data.get("code")
    latest = store.timeline(brand, ID, LOOKED_BACK) if code else []
    if not any((one.fact, one.data.get("code")) == (entry.fact, code) for one in latest):
        store.commit(*entered(store.logbook(brand) or Logbook(brand), entry, now))


def forget(store: Store, brand: str, contacts: Iterable[str]) -> None:
    """What was written freely about these people is replaced by its hash, once it was entered that they were erased."""
    gone = frozenset(contacts)
    entries = [row for row in store.belongings(brand, ID) if isinstance(row, TimelineEvent)]
    for entry in entries:
        about = gone & set(entry.data.get("contacts", ())) and entry.fact is not Fact.PERSON_ERASED
        if about and sealed(entry) != entry:
            store.commit(sealed(entry))
