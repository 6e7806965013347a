"""A history to replay: one line for each message of a customer, with when it was answered and its case resolved."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from chalicelib.domain.answers import by_bot
from chalicelib.domain.case import Case, Priority
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.reopening import TAKEN_BACK
from chalicelib.domain.timeline import Fact, TimelineEvent

_ANSWERS = (Fact.REPLY_SENT, Fact.REPLY_ELSEWHERE)
_TIMES = ("at", "answered_at", "resolved_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How spreadsheets know that a cell is to be reckoned."""


class BadHistory(ValueError):
    """The file cannot be replayed; the text names each line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of a customer. Lines of the same ``case`` are one case; without a name each is a case of its own."""

    at: datetime
    case: str = ""
    channel: str = ""
    kind: str = "message"
    brand: str = ""
    queue: str = ""
    priority: Priority = Priority.NORMAL
    language: str = ""
    market: str = ""
    tags: tuple[str, ...] = ()
    answered_at: datetime | None = None
    resolved_at: datetime | None = None


COLUMNS = tuple(one.name for one in fields(Arrival))


def read(file: Path) -> list[Arrival]:
    """The arrivals of a CSV or JSON-lines file, in order. Raises BadHistory, and OSError."""
    text = file.read_text(encoding="utf-8-sig")
    found: list[Arrival] = []
    wrong: list[str] = []
    for number, data in _lines(text):
        try:
            found.append(_arrival(_object(data) if isinstance(data, str) else data))
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        more = [f"and {len(wrong) - 10} more lines"] if len(wrong) > 10 else []
        raise BadHistory("\n".join([*wrong[:10], *more]))
    if not found:
        raise BadHistory("the file holds no message; each line needs at least: at")
    return sorted(found, key=lambda one: one.at)


def _lines(text: str) -> Iterator[tuple[int, str | Mapping[str, Any]]]:
    """Each line with its number: JSON as it stands, or a row of the table."""
    if text.lstrip().startswith("{"):
        yield from ((number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())
        return
    rows = csv.DictReader(StringIO(text))
    unknown = set(rows.fieldnames or ()) - set(COLUMNS)
    if unknown or "at" not in (rows.fieldnames or ()):
        named = f"no such column: {', '.join(sorted(map(str, unknown)))}" if unknown else "the column at is missing"
        raise BadHistory(f"line 1: {named}; there are: {', '.join(COLUMNS)}")
    for row in rows:
        yield rows.line_num, row


def _object(line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        raise ValueError("this is not JSON") from None
    if not isinstance(data, dict):
        raise ValueError("this is not a JSON object")
    return data


def _arrival(data: Mapping[str, Any]) -> Arrival:
    given = {name: value for name, value in data.items() if value not in (None, "", [])}
    unknown = sorted(str(name) for name in given if name not in COLUMNS)
    if unknown:
        raise ValueError(f"no such field: {', '.join(unknown)}; there are: {', '.join(COLUMNS)}")
    if "at" not in given:
        raise ValueError("at is missing: when the message came, such as 2026-06-01T09:14:02Z")
    times = {name: _time(name, given.pop(name)) for name in _TIMES if name in given}
    for name in ("answered_at", "resolved_at"):
        if name in times and times[name] < times["at"]:
            raise ValueError(f"{name} is before at")
    tags = given.pop("tags", ())
    words = tuple(tags.split() if isinstance(tags, str) else map(str, tags))
    priority = _priority(given.pop("priority", Priority.NORMAL))
    facts: dict[str, Any] = {**times, **{name: str(value) for name, value in given.items()}}
    return Arrival(**facts, priority=priority, tags=words)


def _time(name: str, value: Any) -> datetime:
    try:
        return instant(str(value))
    except ValueError:
        raise ValueError(f"{name} is no time with an offset, such as 2026-06-01T09:14:02Z") from None


def _priority(value: Any) -> Priority:
    try:
        return Priority(value)
    except ValueError:
        raise ValueError(f"no such priority; there are: {', '.join(Priority)}") from None


def touched(case: Case, since: datetime) -> bool:
    """Whether anything can have been promised to it since then."""
    moments = (case.last_inbound_at, case.answered_at, case.solved_at)
    return case.live or any(at is not None and at >= since for at in moments)


def arrivals(case: Case, events: Iterable[TimelineEvent], since: datetime) -> Iterator[Arrival]:
    """What a case's history says: each message that waits for an answer, and the first one it got.

    From its beginning on, if anything of it happened since then: what was promised before is not promised anew.
    """
    told = _lasting(sorted(events, key=lambda event: event.at))
    if any(event.fact is Fact.CASE_DISMISSED for event in told) or not any(_in(event, since) for event in told):
        return
    for event in told:
        if event.fact is Fact.MESSAGE_RECEIVED and not event.data.get("closing"):
            yield Arrival(
                at=event.at,
                case=case.id,
                channel=event.channel,
                kind=case.origin.kind if case.origin else "message",
                brand=case.brand,
                queue=event.queue,
                priority=Priority(event.priority),
                language=case.origin.language if case.origin else "",
                market=case.origin.market if case.origin else "",
                tags=(*(case.origin.tags if case.origin else ()), *case.tags),
                answered_at=_first([one for one in told if _answers(one)], event.at),
                resolved_at=_first([one for one in told if one.fact is Fact.CASE_SOLVED], event.at),
            )


def _lasting(events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    """Without the ends of the case that somebody took back."""
    found: list[TimelineEvent] = []
    for event in events:
        if event.data.get("why") == TAKEN_BACK:
            ends = [one for one in found if one.fact in (Fact.CASE_SOLVED, Fact.CASE_DISMISSED)]
            found = [one for one in found if one is not ends[-1]] if ends else found
        found.append(event)
    return found


def _in(event: TimelineEvent, since: datetime) -> bool:
    return event.at >= since and event.fact in (Fact.MESSAGE_RECEIVED, Fact.CASE_SOLVED, *_ANSWERS)


def _answers(one: TimelineEvent) -> bool:
    """Whether a person said something to the customer."""
    return one.fact in _ANSWERS and not by_bot(one)


def _first(events: Iterable[TimelineEvent], after: datetime) -> datetime | None:
    return next((event.at for event in events if event.at >= after), None)


def write(file: Path, rows: Iterable[Arrival]) -> int:
    """As CSV if the file is called so, else one JSON object a line. Returns how many."""
    plain = [_plain(row) for row in rows]
    with file.open("w", encoding="utf-8", newline="") as out:
        if file.suffix == ".csv":
            table = csv.DictWriter(out, COLUMNS)
            table.writeheader()
            table.writerows(_cells(one) for one in plain)
        else:
            out.writelines(json.dumps(one) + "\n" for one in plain)
    return len(plain)


def _cells(one: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing in them is a formula to a spreadsheet: what a language is called comes from outside."""
    row = {**one, "tags": " ".join(one["tags"])}
    return {name: f"'{cell}" if str(cell).startswith(_FORMULA) else cell for name, cell in row.items()}


def _plain(row: Arrival) -> dict[str, Any]:
    values = {**asdict(row), "tags": list(row.tags)}
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in values.items()}
