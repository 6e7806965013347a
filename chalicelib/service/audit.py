"""The audit trail: as it stands in the store, as a file that is checked without us, and against anchors."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.audit import Head, Record, hash_of, head_of, record
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.logbook import ID as LOGBOOK
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.retention import Retention
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.verdict import Finding, Verdict, against, verify
from chalicelib.service.ports import Store

FORMAT = "heed.audit/2"
READS = 10
"""How often a case is looked at again that somebody is writing to."""


class NoTrail(ValueError):
    """The file is not an audit trail; the text says where."""


def trail(store: Store, brand: str, case_id: str) -> tuple[Case | None, Head, list[Record]]:
    """A case, what it says of its history, and the history, as they stood at one moment. The logbook has no case."""
    case, head = _end(store, brand, case_id)
    for _ in range(READS):
        events = [row for row in store.belongings(brand, case_id) if isinstance(row, TimelineEvent)]
        before, (case, head) = head, _end(store, brand, case_id)
        if (before.seq, before.head) == (head.seq, head.head):
            break
    return case, head, [record(event) for event in events]


def _end(store: Store, brand: str, case_id: str) -> tuple[Case | None, Head]:
    if case_id == LOGBOOK:
        book = store.logbook(brand)
        return None, Head(brand, LOGBOOK, book.seq, book.head, {}) if book else _nothing(brand, LOGBOOK)
    case = store.case(brand, case_id)
    return case, head_of(case) if case else _nothing(brand, case_id)


def _nothing(brand: str, case_id: str) -> Head:
    return Head(brand, case_id, 0, "", {}, known=False)


def judged(store: Store, brand: str, case_id: str, retention: Retention, now: datetime) -> Verdict:
    """One case's trail, looked at as it stands in the store."""
    case, head, records = trail(store, brand, case_id)
    if case_id == LOGBOOK:
        return verify(head, records)
    if case is not None:
        return verify(head, records, expired=case.opened_at + retention.audit <= now)
    ended = records and instant(records[-1]["recorded_at"]) + retention.cases <= now
    return verify(head, records, expired=bool(ended))


def judged_policy(store: Store, brand: str, mark: str) -> Verdict:
    """The logbook again, now also whether the policy in force is the one that was pushed last."""
    _, head, records = trail(store, brand, LOGBOOK)
    return verify(replace(head, state={"policy": mark}), records)


def missing(store: Store, contact: Contact, known: Iterable[str]) -> Iterator[Finding]:
    """Cases the contact counts and that are not there, not even now. Old ones may have ended by their age."""
    there = frozenset(known)
    for number in range(1, contact.cases + 1):
        case_id = ids.case_id(contact.id, number)
        if case_id not in there and store.case(contact.brand, case_id) is None:
            yield Finding(case_id, 0, "is counted by its contact but not there")


def exported(store: Store, brand: str, case_ids: Iterable[str], now: datetime) -> Iterator[str]:
    """The lines of an export: for each case what it says of itself, then its events."""
    for case_id in case_ids:
        _, head, records = trail(store, brand, case_id)
        first = records[0]["seq"] if records else head.seq + 1
        told = {"format": FORMAT, **_head_data(head), "first": first, "exported_at": iso(now)}
        yield json.dumps({**told, "hash": hash_of(told)}, sort_keys=True)
        yield from (json.dumps(one, sort_keys=True) for one in records)


# -- anchors ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Anchored:
    """What became of anchors: those that ``hold``, those whose event is ``expired``, and the others."""

    hold: int
    expired: int
    findings: list[Finding]


def anchors(store: Store, ends: Iterable[Case | Logbook]) -> Iterator[str]:
    """One line per case: where its history ended. Kept where nobody can change it, they prove the past."""
    for end in ends:
        event = store.event(end.brand, end.id, end.seq) if end.head else None
        if event is not None:
            told = {"brand": end.brand, "case_id": end.id, "seq": end.seq, "head": event.hash}
            yield json.dumps({**told, "recorded_at": iso(event.recorded_at)}, sort_keys=True)


def in_store(store: Store, brand: str, lines: Iterable[str], retention: Retention, now: datetime) -> Anchored:
    """Whether the table's histories are the ones that were anchored. Raises NoTrail."""
    found = Anchored(0, 0, [])
    for anchor in map(_anchor, lines):
        if anchor["brand"] != brand:
            raise NoTrail(f"it has anchors of brand {anchor['brand']!r}")
        event = store.event(brand, anchor["case_id"], anchor["seq"])
        over = event is None and instant(anchor["recorded_at"]) + retention.audit <= now
        _hold(found, anchor, [record(event)] if event else [], over=over)
    return found


def in_file(trails: Mapping[str, Sequence[Record]], lines: Iterable[str]) -> Anchored:
    """Whether the histories of an export are the ones that were anchored; of others nothing is said. Raises NoTrail."""
    found = Anchored(0, 0, [])
    for anchor in map(_anchor, lines):
        records = trails.get(anchor["case_id"])
        if records is not None:
            _hold(found, anchor, records, over=bool(records) and anchor["seq"] < records[0]["seq"])
    return found


def _hold(found: Anchored, anchor: Mapping[str, Any], records: Sequence[Record], *, over: bool) -> None:
    finding = against(anchor, records)
    if over:
        found.expired += 1
    elif finding is not None:
        found.findings.append(finding)
    else:
        found.hold += 1


def _anchor(line: str) -> Mapping[str, Any]:
    anchor = _object(line)
    lacking = [name for name in ("brand", "case_id", "seq", "head", "recorded_at") if name not in anchor]
    if lacking:
        raise NoTrail(f"an anchor lacks {', '.join(lacking)}")
    return anchor


# -- files -----------------------------------------------------------------------------------------------------------


def check(lines: Iterable[str]) -> Iterator[tuple[Verdict, list[Record]]]:
    """Each case of an export with its events, judged by the file alone. Raises NoTrail."""
    told: Mapping[str, Any] | None = None
    records: list[Record] = []
    for data in map(_object, lines):
        if "format" in data:
            if told is not None:
                yield _judged(told, records), records
            told, records = data, []
        elif told is None:
            raise NoTrail("the file does not begin with a case")
        else:
            records.append(data)
    if told is None:
        raise NoTrail("the file is empty")
    yield _judged(told, records), records


def _judged(told: Mapping[str, Any], records: Sequence[Record]) -> Verdict:
    """What an export says is missing from the beginning had expired; more must not be missing."""
    head = _head(told)
    begins = records[0].get("seq", 0) if records else head.seq + 1
    verdict = verify(head, records, expired=begins == told["first"] > 1)
    if hash_of(told) == told["hash"]:
        return verdict
    forged = Finding(head.case_id, 0, "has a first line that was changed")
    return Verdict(verdict.events, verdict.unchained, verdict.expired, (forged, *verdict.findings))


def _object(line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise NoTrail("a line of the file is not JSON") from error
    if not isinstance(data, dict):
        raise NoTrail("a line of the file is not a JSON object")
    return data


def _head_data(head: Head) -> dict[str, Any]:
    data = {"brand": head.brand, "case_id": head.case_id, "seq": head.seq, "head": head.head, "state": head.state}
    return {**data, "known": head.known}


def _head(data: Mapping[str, Any]) -> Head:
    if data["format"] != FORMAT:
        raise NoTrail(f"it is written as {data['format']!r}, and this Heed reads {FORMAT}")
    lacking = [name for name in ("first", "hash") if name not in data]
    try:
        found = Head(**{name: data[name] for name in ("brand", "case_id", "seq", "head", "state", "known")})
    except KeyError as error:
        lacking.append(str(error.args[0]))
    if lacking:
        raise NoTrail(f"a case of the file lacks {', '.join(lacking)}")
    return found
