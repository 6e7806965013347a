"""The audit trail: as it stands in the store, as a file that is checked without us, and against anchors."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.audit import Finding, Head, Record, Verdict, against, head_of, record, verify
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.instants import instant
from chalicelib.domain.retention import Retention
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Store

FORMAT = "heed.audit/1"


class NoTrail(ValueError):
    """The file is not an audit trail; the text says where."""


def trail(store: Store, brand: str, case_id: str) -> tuple[Head, list[Record]]:
    """What a case says of its history, and the history."""
    case = store.case(brand, case_id)
    head = head_of(case) if case else Head(brand, case_id, 0, "", {}, known=False)
    events = [row for row in store.belongings(brand, case_id) if isinstance(row, TimelineEvent)]
    return head, [record(event) for event in events]


def judged(store: Store, brand: str, case_id: str, retention: Retention, now: datetime) -> Verdict:
    """One case's trail, looked at as it stands in the store."""
    case = store.case(brand, case_id)
    head, records = trail(store, brand, case_id)
    if case is not None:
        return verify(head, records, expired=case.opened_at + retention.audit <= now)
    ended = records and instant(records[-1]["recorded_at"]) + retention.cases <= now
    return verify(head, records, expired=bool(ended))


def missing(contact: Contact, known: Iterable[str]) -> Iterator[Finding]:
    """Cases the contact counts and that are not there. Old ones may have ended by their age."""
    there = frozenset(known)
    for number in range(1, contact.cases + 1):
        case_id = ids.case_id(contact.id, number)
        if case_id not in there:
            yield Finding(case_id, 0, "is counted by its contact but not there")


def exported(store: Store, brand: str, case_ids: Iterable[str]) -> Iterator[str]:
    """The lines of an export: for each case what it says of itself, then its events."""
    for case_id in case_ids:
        head, records = trail(store, brand, case_id)
        yield json.dumps({"format": FORMAT, **_head_data(head)}, sort_keys=True)
        yield from (json.dumps(one, sort_keys=True) for one in records)


def anchors(cases: Iterable[Case]) -> Iterator[str]:
    """One line per case: where its history ended. Kept where nobody can change it, they prove the past."""
    for case in cases:
        if case.head:
            yield json.dumps({"case_id": case.id, "seq": case.seq, "head": case.head}, sort_keys=True)


def unanchored(store: Store, brand: str, lines: Iterable[str]) -> Iterator[Finding]:
    """Cases whose history is not the one that was anchored."""
    for anchor in map(_object, lines):
        event = store.event(brand, anchor["case_id"], anchor["seq"])
        finding = against(anchor, [record(event)] if event else [])
        if finding is not None:
            yield finding


def check(lines: Iterable[str]) -> Iterator[tuple[Head, Verdict]]:
    """Each case of an export, judged by the file alone. Raises NoTrail."""
    head: Head | None = None
    records: list[Record] = []
    for data in map(_object, lines):
        if data.get("format") == FORMAT:
            if head is not None:
                yield head, verify(head, records)
            head, records = _head(data), []
        elif head is None:
            raise NoTrail("the file does not begin with a case")
        else:
            records.append(data)
    if head is None:
        raise NoTrail("the file is empty")
    yield head, verify(head, records)


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
    return {**data, "known": head.known, "erased": head.erased}


def _head(data: Mapping[str, Any]) -> Head:
    try:
        names = ("brand", "case_id", "seq", "head", "state", "known", "erased")
        return Head(**{name: data[name] for name in names})
    except KeyError as error:
        raise NoTrail(f"a case of the file lacks {error}") from error
