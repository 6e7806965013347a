"""The audit trail: a case's events are a chain of hashes, each over the event and the hash of the one before it.

The case carries the hash of its last event, so that the chain is decided in the write that lengthens it. What is
hashed is written down in ``docs/audit.md``, so that anybody can check an export without Heed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from hashlib import sha256
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import TimelineEvent

Record = Mapping[str, Any]
"""An event in the words of an export: text, whole numbers, lists and maps alone."""

STATE = ("status", "assignee", "queue", "priority", "tags", "links", "snoozed_until", "merged_into", "revision")
"""What of a case counts as its state: each change of it says what it was before and is after."""

WORDS = ("note", "reason")
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
    erased: bool = False
    """Whether its words may be gone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be as Heed wrote it. ``seq`` is where in the history of the case."""

    case_id: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``unchained`` events are older than the chain, ``expired`` ones were deleted when their time was over."""

    events: int
    unchained: int
    expired: int
    findings: tuple[Finding, ...]


def chained(before: Case | None, after: Case, events: Sequence[TimelineEvent]) -> tuple[Case, list[TimelineEvent]]:
    """The events as links of the case's chain, and the case that holds its end. One of them says what changed."""
    teller = next((place for place, event in enumerate(events) if not event.fact.startswith("clock.")), 0)
    linked: list[TimelineEvent] = []
    head = after.head
    for place, event in enumerate(events):
        told = changes(before, after) if place == teller else {}
        link = replace(event, changed=told, prev=head)
        head = _hash(record(link))
        linked.append(replace(link, hash=head))
    return replace(after, head=head), linked


def changes(before: Case | None, after: Case) -> dict[str, list[Any]]:
    """The state that differs, as ``{field: [before, after]}``; a new case was nothing before."""
    if before is None:
        return {name: [None, value] for name, value in state(after).items()}
    differing = [name for name in STATE if getattr(before, name) != getattr(after, name)]
    return {name: [_part(before, name), _part(after, name)] for name in differing}


def state(case: Case) -> dict[str, Any]:
    """The state of a case in plain values; what is empty is left out."""
    values = {name: _part(case, name) for name in STATE}
    return {name: value for name, value in values.items() if value is not None}


def _part(case: Case, name: str) -> Any:
    return plain(getattr(case, name)) or None


def head_of(case: Case) -> Head:
    return Head(case.brand, case.id, case.seq, case.head, state(case), erased=case.erased_at is not None)


def record(event: TimelineEvent) -> dict[str, Any]:
    """All of an event that never changes, and its hash."""
    told = {name: value for name, value in plain(event).items() if name not in _LOOSE}
    return {**told, "hash": event.hash} if event.hash else told


def sealed(event: TimelineEvent) -> TimelineEvent:
    """The event without the words people wrote into it, under the same hash."""
    return replace(event, data={name: _sealed(event.case_id, event.seq, name, it) for name, it in event.data.items()})


def _sealed(case_id: str, seq: int, name: str, value: Any) -> Any:
    if name not in WORDS or not isinstance(value, str) or value.startswith(SEAL):
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
    """Each field with what need not be told of it."""
    defaults = {field.name: _default(field) for field in fields(kind)}
    return {name: default if default in (None, "", (), {}) else _NEVER for name, default in defaults.items()}


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _hash(told: Record) -> str:
    """SHA-256 over the record without its own hash, as JSON with sorted names, no spaces, and ASCII alone."""
    hashed = {name: value for name, value in told.items() if name != "hash"}
    case_id, seq = str(told.get("case_id")), told.get("seq", 0)
    if isinstance(told.get("data"), Mapping):
        hashed["data"] = {name: _sealed(case_id, seq, name, value) for name, value in told["data"].items()}
    return sha256(json.dumps(hashed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify(head: Head, records: Iterable[Record], *, expired: bool = False) -> Verdict:
    """Everything about one case's history that is not as it was written.

    ``expired`` says that the case is so old that its first events may have been deleted for their age.
    """
    told = list(records)
    missing = told[0].get("seq", 1) - 1 if told and expired else 0
    findings = list(_breaks(head, told, missing))
    if not head.known and not expired:
        findings.append(Finding(head.case_id, len(told), "has a history but no case"))
    unchained = sum(1 for one in told if not one.get("hash"))
    if head.known and not findings and not unchained and not missing:
        findings += _drifts(head, told)
    return Verdict(len(told), unchained, missing, tuple(findings))


def _breaks(head: Head, told: Sequence[Record], missing: int) -> Iterator[Finding]:
    place, prev, linked = missing, told[0].get("prev", "") if missing else "", missing > 0
    for one in told:
        seq = one.get("seq", 0)
        if (one.get("brand"), one.get("case_id")) != (head.brand, head.case_id):
            yield Finding(head.case_id, place + 1, "belongs to another case")
        if seq != place + 1:
            yield Finding(head.case_id, place + 1, f"stands before event {seq}: missing, or out of order")
        yield from _broken(head.case_id, one, prev, linked)
        if not head.erased and any(str(one.get("data", {}).get(name)).startswith(SEAL) for name in WORDS):
            yield Finding(head.case_id, seq, "has lost its words, though nobody was erased")
        place, prev, linked = seq, one.get("hash", ""), linked or bool(one.get("hash"))
    if head.known and (place, prev) != (head.seq, head.head):
        yield Finding(head.case_id, place, f"is not the end the case knows of, which is event {head.seq}")


def _broken(case_id: str, one: Record, prev: str, linked: bool) -> Iterator[Finding]:
    seq = one.get("seq", 0)
    if not one.get("hash"):
        if linked:
            yield Finding(case_id, seq, "has lost its hash")
    elif _hash(one) != one["hash"]:
        yield Finding(case_id, seq, "was changed")
    elif one.get("prev", "") != prev:
        yield Finding(case_id, seq, "does not follow from the event before it")


def _drifts(head: Head, told: Sequence[Record]) -> Iterator[Finding]:
    """Whether the changes that were told lead to the state that stands in the case."""
    reached: dict[str, Any] = {}
    for one in told:
        reached |= {name: after for name, (_, after) in one.get("changed", {}).items()}
    for name in STATE:
        if reached.get(name) != head.state.get(name):
            yield Finding(head.case_id, head.seq, f"leads to another {name} than the case has")


def against(anchor: Mapping[str, Any], records: Iterable[Record]) -> Finding | None:
    """Whether the history still contains the event an anchor named when it was its last."""
    at = next((one for one in records if one.get("seq") == anchor["seq"]), None)
    if at is None or at.get("hash", "") != anchor["head"]:
        return Finding(anchor["case_id"], anchor["seq"], "is not what was anchored")
    return None
