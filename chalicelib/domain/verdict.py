"""Whether a history is as it was written: what cannot be as Heed wrote it is found, and said where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.audit import SEAL, STATE, WORDS, Head, Record, hash_of, seal
from chalicelib.domain.timeline import Fact

ERASED = frozenset({Fact.CASE_ERASED, Fact.CONTACT_ERASED, Fact.PERSON_ERASED})
"""After these the words of the events before them may be gone."""

_LATER = frozenset({"held_at", "erased_at", "escalation", "promises"})
"""What only cases tell that began when ``promises`` was told already."""


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


def verify(head: Head, records: Iterable[Record], *, expired: bool = False) -> Verdict:
    """Everything about one case's history that is not as it was written.

    ``expired`` says that the case is so old that its first events may have been deleted for their age.
    """
    told = list(records)
    if expired and not told:
        return Verdict(0, 0, head.seq, ())
    missing = told[0].get("seq", 1) - 1 if told and expired else 0
    findings = list(_breaks(head, told, missing))
    if not head.known and not expired:
        findings.append(Finding(head.case_id, len(told), "has a history but no case"))
    unchained = sum(1 for one in told if not one.get("hash"))
    if head.known and not findings and not unchained:
        findings += _drifts(head, told, whole=not missing)
    return Verdict(len(told), unchained, missing, tuple(findings))


def _breaks(head: Head, told: Sequence[Record], missing: int) -> Iterator[Finding]:
    place, prev, linked = missing, told[0].get("prev", "") if missing else "", missing > 0
    erased = max((one.get("seq", 0) for one in told if one.get("fact") in ERASED), default=0)
    for one in told:
        seq = one.get("seq", 0)
        if (one.get("brand"), one.get("case_id")) != (head.brand, head.case_id):
            yield Finding(head.case_id, place + 1, "belongs to another case")
        if seq != place + 1:
            yield Finding(head.case_id, place + 1, f"stands before event {seq}: missing, or out of order")
        yield from _broken(head.case_id, one, prev, linked)
        if head.known and seq > erased and _wordless(one):
            yield Finding(head.case_id, seq, "has lost its words, though nobody was erased")
        place, prev, linked = seq, one.get("hash", ""), linked or bool(one.get("hash"))
    if head.known and (place, prev) != (head.seq, head.head):
        yield Finding(head.case_id, place, f"is not the end the case knows of, which is event {head.seq}")


def _wordless(one: Record) -> bool:
    parts = (one.get("data"), one.get("changed"))
    return any(_has_seals(part[name]) for part in parts if isinstance(part, Mapping) for name in WORDS if name in part)


def _broken(case_id: str, one: Record, prev: str, linked: bool) -> Iterator[Finding]:
    seq = one.get("seq", 0)
    if not one.get("hash"):
        if linked:
            yield Finding(case_id, seq, "has lost its hash")
    elif hash_of(one) != one["hash"]:
        yield Finding(case_id, seq, "was changed")
    elif one.get("prev", "") != prev:
        yield Finding(case_id, seq, "does not follow from the event before it")


def _drifts(head: Head, told: Sequence[Record], *, whole: bool) -> Iterator[Finding]:
    """Whether the changes that were told lead to the state that stands in the case.

    Of a history whose beginning is gone only what the rest tells can be judged, and so it is with what earlier releases
    did not tell.
    """
    reached: dict[str, tuple[int, Any]] = {}
    for one in told:
        reached |= {name: (one["seq"], after) for name, (_, after) in one.get("changed", {}).items()}
    later = _LATER if "promises" not in reached else frozenset[str]()
    for name in dict.fromkeys((*STATE, *head.state)):
        if name not in reached and (not whole or name in later or name not in STATE):
            continue
        seq, after = reached.get(name, (0, None))
        now = head.state.get(name)
        if after != (seal(head.case_id, seq, name, now) if _has_seals(after) else now):
            yield Finding(head.case_id, head.seq, f"leads to another {name} than the case has")


def against(anchor: Mapping[str, Any], records: Iterable[Record]) -> Finding | None:
    """Whether the history still contains the event an anchor named when it was its last."""
    at = next((one for one in records if one.get("seq") == anchor["seq"]), None)
    if at is None or at.get("hash", "") != anchor["head"]:
        return Finding(anchor["case_id"], anchor["seq"], "is not what was anchored")
    return None


def _has_seals(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_seals, value))
    return isinstance(value, str) and value.startswith(SEAL)
