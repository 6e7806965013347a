"""Bytes in the archive that name a person: found among what waits there, and not kept in the first place."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain import ids, privacy
from chalicelib.domain.contact import Contact
from chalicelib.service.ports import Shelf, Store

PREFIXES = ("inbound", "stranger", "unknown")
"""Where such bytes wait, in the order of their names."""
MOST_IDS = 500
_ID = re.compile(r"[\w.:@+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """People of one brand, and the channels on which they were known."""

    brand: str
    contacts: frozenset[str]
    channels: frozenset[str]

    def named_in(self, told: Any) -> bool:
        return any(privacy.speaks_of(told, self.brand, channel, self.contacts) for channel in self.channels)


def drop(shelf: Shelf, wanted: Sequence[Wanted], after: str, looked: Callable[[str], None]) -> int:
    """Delete whatever names one of them, from a key on; returns how many. ``looked`` hears each key, and may raise."""
    count = 0
    for key in _keys(shelf, after):
        body = shelf.find(key)
        if body is not None and any(one.named_in(_json(body)) for one in wanted):
            shelf.drop(key)
            count += 1
        looked(key)
    return count


def _keys(shelf: Shelf, after: str) -> Iterator[str]:
    for prefix in PREFIXES:
        yield from shelf.names(prefix, after)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def names_erased(store: Store, brand: str, channel: str, told: Any) -> bool:
    """Whether it names somebody who was erased and has not written since. Costs one read for a hundred names."""
    wanted = [ids.contact_id(brand, channel, one) for one in _ids(told)]
    return any(_away(one) for one in store.several(Contact, brand, wanted).values())


def _away(contact: Contact) -> bool:
    return contact.erased_at is not None and not any(one.native_id for one in contact.identities)


def _ids(told: Any) -> Iterable[str]:
    """What could be a network's id of somebody."""
    found = (str(one) for one in privacy.leaves(told))
    return list(dict.fromkeys(one for one in found if _ID.fullmatch(one)))[:MOST_IDS]
