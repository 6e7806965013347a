"""The store in memory: the same promises as DynamoDB's, kept under one lock. It passes the same contract suite."""

import io
import json
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, TypeVar, cast

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.errors import Conflict
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.retention import Keeping
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.service.ports import Belonging, Named, Row
from chalicelib.storage import layout, tally
from chalicelib.storage.indexes import due_key, waiting_at
from chalicelib.storage.layout import Key

R = TypeVar("R", bound=Row)
Versionless = CardPlace | Conversation | Draft | Writing | Mark
"""Rows whose condition is another than a version."""


class MemoryStore:
    """Thread-safe. Rows are copied on the way in and out, so that nothing a caller holds is what is stored."""

    def __init__(self, keeping: Keeping | None = None) -> None:
        self.keeping = keeping
        self._ends: dict[Key, int | None] = {}
        self._lock = RLock()
        self._rows: dict[Key, Row] = {}
        self._images: dict[Key, bytes] = {}
        self._sorts: defaultdict[str, set[str]] = defaultdict(set)
        self._waiting: dict[Key, Case] = {}
        self._owing: dict[Key, TimelineEvent] = {}
        self._broken: set[tuple[str, str, str, str]] = set()

    def contact(self, brand: str, contact_id: str) -> tuple[Contact | None, Case | None]:
        key = layout.contact_key(brand, contact_id)
        with self._lock:
            others = self._sorts.get(key.pk, set()) - {key.sk}
            latest = max((sk for sk in others if self._kept(Key(key.pk, sk))), default="")
            return self._get(Contact, key), self._get(Case, Key(key.pk, latest))

    def case(self, brand: str, case_id: str) -> Case | None:
        key = layout.find_case_key(brand, case_id)
        return self._get(Case, key) if key else None

    def message(self, brand: str, message_id: str) -> Message | None:
        return self._get(Message, layout.message_key(brand, message_id))

    def messages(self, brand: str, message_ids: Sequence[str]) -> dict[str, Message]:
        return self.several(Message, brand, message_ids)

    def several(self, kind: type[Named], brand: str, row_ids: Iterable[str]) -> dict[str, Named]:
        found = (self._get(kind, layout.BY_ID[kind](brand, one)) for one in dict.fromkeys(row_ids))
        return {row.id: row for row in found if row}

    def reply(self, brand: str, reply_id: str) -> Reply | None:
        return self._get(Reply, layout.reply_key(brand, reply_id))

    def action(self, brand: str, action_id: str) -> Action | None:
        return self._get(Action, layout.action_key(brand, action_id))

    def conversation(self, brand: str, conversation_id: str) -> Conversation | None:
        return self._get(Conversation, layout.conversation_key(brand, conversation_id))

    def timeline(self, brand: str, case_id: str, limit: int = 50) -> list[TimelineEvent]:
        pk = layout.timeline_pk(brand, case_id)
        with self._lock:
            sorts = sorted(sk for sk in self._sorts.get(pk, ()) if sk.startswith(layout.EVENT_PREFIX))
            events = [self._get(TimelineEvent, Key(pk, sk)) for sk in sorts[-limit:] if limit > 0]
        return [event for event in events if event]

    def event(self, brand: str, case_id: str, seq: int) -> TimelineEvent | None:
        return self._get(TimelineEvent, layout.event_key(brand, case_id, seq))

    def card(self, brand: str, case_id: str) -> Card | None:
        return self._get(Card, layout.card_key(brand, case_id))

    def post(self, brand: str, case_id: str, name: str) -> Post | None:
        return self._get(Post, layout.post_key(brand, case_id, name))

    def card_place(self, team: str, slack_channel: str, ts: str) -> CardPlace | None:
        return self._get(CardPlace, layout.card_place_key(team, slack_channel, ts))

    def door(self, team: str, name: str) -> Door | None:
        return self._get(Door, layout.door_key(team, name))

    def draft(self, brand: str, case_id: str, agent: str, kind: str = "") -> Draft | None:
        return self._get(Draft, layout.draft_key(brand, case_id, agent, kind))

    def mark(self, team: str, name: str) -> Mark | None:
        return self._get(Mark, layout.mark_key(team, name))

    def marks(self, team: str, prefix: str) -> list[Mark]:
        return self._under(Mark, layout.marks_pk(team), f"{layout.MARK_PREFIX}{prefix}")

    def writers(self, brand: str, case_id: str) -> list[Writing]:
        return self._under(Writing, layout.timeline_pk(brand, case_id), layout.WRITING_PREFIX)

    def agent_state(self, brand: str, agent: str) -> AgentState | None:
        return self._get(AgentState, layout.agent_state_key(brand, agent))

    def agent_states(self, brand: str) -> list[AgentState]:
        return self._under(AgentState, layout.agents_pk(brand), layout.AGENT_PREFIX)

    def _under(self, kind: type[R], pk: str, prefix: str) -> list[R]:
        with self._lock:
            sorts = sorted(sk for sk in self._sorts.get(pk, ()) if sk.startswith(prefix))
            found = [self._get(kind, Key(pk, sk)) for sk in sorts]
        return [row for row in found if row]

    def belongings(self, brand: str, case_id: str) -> list[Belonging]:
        pk = layout.timeline_pk(brand, case_id)
        with self._lock:
            keys = [Key(pk, sk) for sk in sorted(self._sorts.get(pk, ()))]
            return [self._copy(cast(Belonging, self._rows[key]), key) for key in keys if self._kept(key)]

    def logbook(self, brand: str) -> Logbook | None:
        return self._get(Logbook, layout.logbook_key(brand))

    def bundle(self, brand: str, queue: str, way: str, target: str, what: str = "") -> Bundle | None:
        return self._get(Bundle, layout.bundle_key(brand, queue, way, target, what))

    def bundles(self, brand: str) -> list[Bundle]:
        pk = layout.bundles_pk(brand)
        with self._lock:
            found = [self._get(Bundle, Key(pk, sk)) for sk in sorted(self._sorts.get(pk, ()))]
        return [bundle for bundle in found if bundle]

    def broke(self, brand: str, queue: str, at: datetime, name: str) -> None:
        with self._lock:
            self._broken.add((layout.checked(brand), queue, tally.minute(at), name))

    def broken(self, brand: str, queue: str, until: datetime, within: timedelta, most: int) -> int:
        first, last = tally.minute(until - within), tally.minute(until)
        with self._lock:
            found = sum(1 for b, q, at, _ in self._broken if (b, q) == (brand, queue) and first <= at <= last)
        return min(found, most)

    def commit(self, *rows: Row) -> None:
        keys = layout.keys_of(rows)
        copies = [_stored(row) for row in rows]
        with self._lock:
            moved = tuple(
                layout.name_of(row)
                for key, row in zip(keys, rows, strict=True)
                if not _writable(row, self._rows.get(key) if self._kept(key) else None)
            )
            if moved:
                raise Conflict(moved)
            self._ends.update(zip(keys, self.keeping.until(rows), strict=True) if self.keeping else ())
            for key, row in zip(keys, copies, strict=True):
                self._write(key, row)

    def delivered(self, event: TimelineEvent) -> None:
        key = layout.key_of(event)
        with self._lock:
            stored = self._rows.get(key)
            if isinstance(stored, TimelineEvent):
                self._write(key, replace(stored, pending=False))

    def delivered_in_part(self, event: TimelineEvent, done: Sequence[str]) -> None:
        key = layout.key_of(event)
        with self._lock:
            stored = self._rows.get(key)
            if isinstance(stored, TimelineEvent) and stored.pending:
                self._write(key, replace(stored, done=tuple(done)))

    def pending(self, before: datetime) -> Iterator[tuple[str, str, int]]:
        until = iso(before)
        owing = self._select(self._owing, lambda event: iso(event.recorded_at) < until)
        found = sorted((event.recorded_at, event.brand, event.case_id, event.seq) for event in owing)
        return ((brand, case_id, seq) for _, brand, case_id, seq in found)

    def checkpoints(self, before: datetime) -> Iterator[tuple[str, str, datetime]]:
        with self._lock:
            points = [(case, case.next_checkpoint) for case in self._waiting.values()]
        found = [(point.at, case.brand, case.id) for case, point in points if point and iso(point.at) < iso(before)]
        return ((brand, case_id, at) for at, brand, case_id in sorted(found))

    def queue(self, brand: str, queue: str, limit: int = 50) -> list[Case]:
        layout.checked(brand)
        return self._live(lambda case: case.brand == brand and case.queue == queue, limit)

    def waiting(self, brand: str, queue: str, limit: int) -> Iterator[Case]:
        layout.checked(brand)
        found = self._select(self._waiting, lambda case: case.waits and (case.brand, case.queue) == (brand, queue))
        yield from sorted(found, key=lambda case: (waiting_at(case), case.id))[: max(limit, 0)]

    def live(self, brand: str, queue: str, after: str, limit: int) -> tuple[list[Case], str]:
        layout.checked(brand)
        found = self._select(self._waiting, lambda case: case.live and (case.brand, case.queue) == (brand, queue))
        later = sorted((case for case in found if case.id > after), key=lambda case: case.id)
        return later[:limit], later[limit - 1].id if len(later) > limit else ""

    def assigned(self, brand: str, agent: str, limit: int = 50) -> list[Case]:
        layout.checked(brand)
        return self._live(lambda case: case.brand == brand and case.assignee == agent, limit)

    def _live(self, wanted: Callable[[Case], bool], limit: int) -> list[Case]:
        cases = self._select(self._waiting, lambda case: case.live and wanted(case))
        return sorted(cases, key=lambda case: (due_key(case.due_at), case.id))[: max(limit, 0)]

    def _select(self, rows: dict[Key, R], wanted: Callable[[R], bool]) -> list[R]:
        with self._lock:
            return [self._copy(row, key) for key, row in rows.items() if wanted(row) and self._kept(key)]

    def _get(self, kind: type[R], key: Key) -> R | None:
        with self._lock:
            row = self._rows.get(key)
            return self._copy(row, key) if isinstance(row, kind) and self._kept(key) else None

    def _kept(self, key: Key) -> bool:
        end = self._ends.get(key)
        return self.keeping is None or end is None or end > self.keeping.now()

    def _copy(self, row: R, key: Key) -> R:
        copy: R = pickle.loads(self._images[key])
        return copy

    def _write(self, key: Key, row: Row) -> None:
        self._rows[key] = row
        self._images[key] = pickle.dumps(row, pickle.HIGHEST_PROTOCOL)
        self._sorts[key.pk].add(key.sk)
        if isinstance(row, Case):
            _keep(self._waiting, key, row, row.live or row.next_checkpoint is not None)
        if isinstance(row, TimelineEvent):
            _keep(self._owing, key, row, row.pending)


def _keep(rows: dict[Key, R], key: Key, row: R, wanted: bool) -> None:
    if wanted:
        rows[key] = row
    else:
        rows.pop(key, None)


def _writable(row: Row, stored: Row | None) -> bool:
    if isinstance(row, CardPlace):
        return stored is None
    if isinstance(row, Conversation):
        return stored is None or (isinstance(stored, Conversation) and stored.contact_id == row.contact_id)
    if isinstance(row, Draft):
        return stored is None or (isinstance(stored, Draft) and _as_text(row).follows(stored))
    if isinstance(row, Writing):
        return stored is None or (isinstance(stored, Writing) and iso(stored.at) < iso(row.at))
    if isinstance(row, Mark):
        return stored is None or (isinstance(stored, Mark) and iso(stored.at) <= iso(row.at))
    if stored is None or isinstance(stored, Versionless):
        return row.version == 0
    return stored.version == row.version


def _stored(row: Row) -> Row:
    """A copy as it will be read: one version on, and with data as JSON has it."""
    if isinstance(row, TimelineEvent):
        row = replace(row, data=json.loads(json.dumps(row.data)))
    if isinstance(row, Versionless):
        return _as_text(row)
    return _as_text(replace(row, version=row.version + 1))


class _Pickler(pickle.Pickler):
    """Instants pass through their text, so that they lose what is finer than a millisecond here as they do there."""

    dispatch_table: dict[type, Callable[[Any], Any]] = {datetime: lambda at: (instant, (iso(at),))}  # noqa: RUF012


def _as_text(row: R) -> R:
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(row)
    copy: R = pickle.loads(buffer.getvalue())
    return copy
