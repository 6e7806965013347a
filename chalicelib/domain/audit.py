"""The audit trail: a case's events are a chain of hashes, each over the event and the hash of the one before it.

The case carries the hash of its last event, so that the chain is decided in the write that lengthens it. What is
hashed is written down in ``docs/audit.md``, so that anybody can check an export without Heed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from hashlib import sha256
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import TimelineEvent

Record = Mapping[str, Any]
"""An event in the words of an export: text, whole numbers, lists and maps alone."""

STATE = (
    *("status", "assignee", "queue", "priority", "tags", "links", "snoozed_until", "merged_into", "revision"),
    *("held_at", "erased_at", "escalation", "promises"),
)
"""What of a case counts as its state: each change of it says what it was before and is after."""

WORDS = ("note", "reason", "added", "removed", "tags")
"""What people wrote freely into an event. It counts by its own hash, so that the words can go and the chain holds."""

SEAL = "sha256:"

_LOOSE = frozenset({"pending", "done", "version", "hash"})
"""What of an event may still change, or cannot be in its own hash."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a case says of its own history: how many events, the hash of the last, and the state they led to."""

    brand: str
    case_id: str
    seq: int
    head: str
    state: Mapping[str, Any]
    known: bool = True
    """Whether there is a case at all."""


def chained(before: Case | None, after: Case, events: Sequence[TimelineEvent]) -> tuple[Case, list[TimelineEvent]]:
    """The events as links of the case's chain, and the case that counts them and holds its end.

    One of them says what changed.
    """
    teller = next((place for place, event in enumerate(events) if not event.fact.startswith("clock.")), 0)
    links: list[TimelineEvent] = []
    head = after.head
    for place, event in enumerate(events):
        links.append(linked(event, changes(before, after) if place == teller else {}, head))
        head = links[-1].hash
    return replace(after, seq=after.seq + len(links), head=head), links


def linked(event: TimelineEvent, changed: Mapping[str, Any], prev: str) -> TimelineEvent:
    """The event as the next link of a chain that ends with this hash."""
    told = {"changed": plain(changed), "prev": prev}
    whole = {**record(event), **{name: value for name, value in told.items() if value}}
    return replace(event, changed=changed, prev=prev, hash=hash_of(whole))


def changes(before: Case | None, after: Case) -> dict[str, list[Any]]:
    """The state that differs, as ``{field: [before, after]}``; a new case was nothing before."""
    if before is None:
        return {name: [None, value] for name, value in state(after).items()}
    differing = [name for name in STATE if _source(before, name) != _source(after, name)]
    return {name: [_part(before, name), _part(after, name)] for name in differing}


def state(case: Case) -> dict[str, Any]:
    """The state of a case in plain values; what is empty is left out."""
    values = {name: _part(case, name) for name in STATE}
    return {name: value for name, value in values.items() if value is not None}


def _source(case: Case, name: str) -> Any:
    return case.clocks if name == "promises" else getattr(case, name)


def _part(case: Case, name: str) -> Any:
    if name == "promises":
        return _promises(case)
    return _escalation(case) if name == "escalation" else plain(getattr(case, name)) or None


def _promises(case: Case) -> str:
    """The clocks in one word: which they are, since when, until when, and how each one stands or ended."""
    return digest("promises", *map(_promise, case.clocks))


def _promise(clock: Clock) -> str:
    times = (clock.anchor_at, clock.due_at, clock.breached_at, clock.ended_at)
    return "/".join((clock.metric, str(clock.instance), clock.state, *(iso(one) if one else "" for one in times)))


def _escalation(case: Case) -> list[str] | None:
    """Which chain, how far it is, who is on it, and why it ended."""
    one = case.escalation
    return [one.chain, f"{one.position}/{one.loop}", one.acknowledged_by or "", one.ended_why] if one else None


def head_of(case: Case) -> Head:
    return Head(case.brand, case.id, case.seq, case.head, state(case))


def record(event: TimelineEvent) -> dict[str, Any]:
    """All of an event that never changes, and its hash."""
    told = {name: value for name, value in plain(event).items() if name not in _LOOSE}
    return {**told, "hash": event.hash} if event.hash else told


def sealed(event: TimelineEvent) -> TimelineEvent:
    """The event without the words people wrote into it, under the same hash."""
    data, changed = (_without_words(event.case_id, event.seq, told) for told in (event.data, event.changed))
    return replace(event, data=data, changed=changed)


def _without_words(case_id: str, seq: int, told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: seal(case_id, seq, name, it) if name in WORDS else it for name, it in told.items()}


def seal(case_id: str, seq: int, name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [seal(case_id, seq, name, one) for one in value]
    if not isinstance(value, str) or value.startswith(SEAL):
        return value
    return SEAL + sha256(f"{case_id}/{seq}/{name}/{value}".encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: Any) -> Any:
    """A value as JSON has it, in one spelling: what is empty by default is left out, 1.0 is 1, times are text."""
    kind: Any = type(value)
    return _speller(kind)(value)


@cache
def _speller(kind: Any) -> Callable[[Any], Any]:
    """How values of that type are spelt, found out once and not for every value."""
    if is_dataclass(kind):
        return partial(_record, _fields(kind))
    if issubclass(kind, Mapping):
        return lambda value: {str(name): plain(one) for name, one in value.items()}
    if issubclass(kind, list | tuple):
        return lambda value: [plain(one) for one in value]
    if kind in _AS_THEY_ARE:
        return _same
    return next((spell for known, spell in _SPELLERS if issubclass(kind, known)), str)


def _record(named: Mapping[str, Any], value: Any) -> dict[str, Any]:
    told = ((name, getattr(value, name), empty) for name, empty in named.items())
    return {name: plain(one) for name, one, empty in told if one != empty}


def _same(value: Any) -> Any:
    return value


def _whole(value: float) -> float:
    return int(value) if value.is_integer() else value


_SPELLERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (datetime, iso),
    (timedelta, lambda value: value // timedelta(seconds=1)),
    (Enum, lambda value: value.value),
    (float, _whole),
)
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_NEVER = object()


def _fields(kind: Any) -> Mapping[str, Any]:
    """Each field with what need not be told of it. What is only remembered, as a calendar's days are, is none."""
    defaults = {field.name: _default(field) for field in fields(kind) if field.init}
    return {name: default if default in (None, "", (), {}) else _NEVER for name, default in defaults.items()}


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def hash_of(told: Record) -> str:
    """SHA-256 over the record without its own hash, as JSON with sorted names, no spaces, and ASCII alone."""
    hashed = {name: value for name, value in told.items() if name != "hash"}
    for part in ("data", "changed"):
        if isinstance(told.get(part), Mapping):
            hashed[part] = _without_words(str(told.get("case_id")), told.get("seq", 0), told[part])
    return sha256(json.dumps(hashed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
