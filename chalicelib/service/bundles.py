"""Alone or into a bundle: decided and recorded in one write, so that a repeat counts nothing twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from chalicelib.domain import bundling
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import FREE, Post
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.escalation import Way
from chalicelib.domain.instants import instant
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.writing import deciding

GATHERED = "gathered"
"""What stands in place of a ts for what a summary tells."""
Place = tuple[str, Way, str, str]
"""The queue, the way, the target and what it is about."""
_SPREAD = 8
_PROMISES = frozenset({Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED})


def taken_in(store: Store, seen: Post, place: Place, due_at: datetime | None, now: datetime) -> Post:
    """The record of a notice to this place; its ts is empty when it goes out by itself.

    Raises Later when too many come at once.
    """
    try:
        return deciding(lambda: _take_in(store, seen, place, due_at, now))
    except Conflict as conflict:
        spread = timedelta(seconds=1 + crc32(f"{seen.case_id}{seen.name}".encode()) % _SPREAD)
        raise Later(spread, "many are told at once") from conflict


def _take_in(store: Store, seen: Post, place: Place, due_at: datetime | None, now: datetime) -> Post:
    known = store.post(seen.brand, seen.case_id, seen.name)
    if known is not None:
        return known
    queue, way, target, what = place
    bundle = store.bundle(seen.brand, *place) or Bundle(seen.brand, queue, way, now, target, what=what)
    if bundle.quiet(now):
        bundle = bundling.first(bundle, now)
    else:
        bundle = bundling.gathered(bundle, seen.case_id, due_at, now)
        seen = replace(seen, ts=GATHERED)
    store.commit(bundle, seen)
    return replace(seen, version=1)


def aloud(store: Store, event: TimelineEvent, now: datetime) -> bool:
    """Whether the channel sees a line that calls for somebody, or only its thread does.

    A warning or breach goes out by itself, and those of the next minutes are summed up with whatever else the team is
    told. A chain that time has started calls by its steps.
    """
    if event.fact is Fact.CASE_ESCALATED:
        return event.actor != "system"
    if event.fact not in _PROMISES:
        return True
    due_at = instant(event.data["due_at"]) if event.data.get("due_at") else None
    seen = Post(event.brand, event.case_id, f"aloud-{event.seq}", FREE)
    return taken_in(store, seen, (event.queue, Way.TEAM, "", event.fact.value), due_at, now).ts != GATHERED
