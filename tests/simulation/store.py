"""The store, fast: rows are immutable and times are whole seconds here, so nothing has to be copied."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import CardPlace
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.errors import Conflict
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Message
from chalicelib.domain.presence import Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage import layout
from chalicelib.storage.layout import Key
from tests.fakes.memory_store import MemoryStore, Versionless

R = TypeVar("R")


class SimStore(MemoryStore):
    """The same promises as the store under contract. ``inserted`` is the table's stream."""

    def __init__(self, inserted: Callable[[TimelineEvent], None]) -> None:
        super().__init__()
        self._inserted = inserted

    def commit(self, *rows: Row) -> None:
        keys = layout.keys_of(rows)
        moved = tuple(
            layout.name_of(row)
            for key, row in zip(keys, rows, strict=True)
            if not self.allowed(row, self._rows.get(key))
        )
        if moved:
            raise Conflict(moved)
        for key, row in zip(keys, rows, strict=True):
            self._write(key, self.next(row, self._rows.get(key)))
        for row in rows:
            if isinstance(row, TimelineEvent):
                self._inserted(row)

    def allowed(self, row: Row, stored: Row | None) -> bool:
        """The condition of one row."""
        if isinstance(row, CardPlace):
            return stored is None
        if isinstance(row, Conversation):
            return stored is None or (isinstance(stored, Conversation) and stored.contact_id == row.contact_id)
        if isinstance(row, Draft):
            return stored is None or (isinstance(stored, Draft) and row.follows(stored))
        if isinstance(row, Writing):
            return stored is None or (isinstance(stored, Writing) and stored.at < row.at)
        if isinstance(row, Mark):
            return stored is None or (isinstance(stored, Mark) and stored.at <= row.at)
        if stored is None or isinstance(stored, Versionless):
            return row.version == 0
        return stored.version == row.version

    def next(self, row: Row, stored: Row | None) -> Row:
        if isinstance(row, Versionless):
            return row
        return replace(row, version=row.version + 1)

    def checkpoints(self, before: datetime) -> Iterator[tuple[str, str, datetime]]:
        points = [(case, case.next_checkpoint) for case in self._waiting.values()]
        found = [(point.at, case.brand, case.id) for case, point in points if point and point.at < before]
        return ((brand, case_id, at) for at, brand, case_id in sorted(found))

    def _copy(self, row: Any, key: Key) -> Any:
        return row

    def _write(self, key: Key, row: Row) -> None:
        self._rows[key] = row
        self._sorts[key.pk].add(key.sk)
        if isinstance(row, Case):
            _keep(self._waiting, key, row, row.live or row.next_checkpoint is not None)
        elif isinstance(row, TimelineEvent):
            _keep(self._owing, key, row, row.pending)

    def put_back(self, row: Row) -> None:
        """As it stood in a table that was there before."""
        self._write(layout.key_of(row), row)

    # -- for the checker ------------------------------------------------------------------------------------------

    def every(self, kind: type[R]) -> list[R]:
        return [row for row in self._rows.values() if isinstance(row, kind)]

    @property
    def rows(self) -> list[Row]:
        return list(self._rows.values())

    @property
    def cases(self) -> list[Case]:
        return self.every(Case)

    @property
    def replies(self) -> list[Reply]:
        return self.every(Reply)

    @property
    def all_messages(self) -> list[Message]:
        return self.every(Message)

    @property
    def counted(self) -> list[str]:
        """The names under which broken promises were counted."""
        return [name for *_, name in self._broken]

    @property
    def gathered(self) -> bool:
        """Whether anything waits for the herald."""
        return any(one.open or one.closing for one in self.every(Bundle))

    @property
    def owing(self) -> list[TimelineEvent]:
        return list(self._owing.values())


def _keep(rows: dict[Key, R], key: Key, row: R, wanted: bool) -> None:
    if wanted:
        rows[key] = row
    else:
        rows.pop(key, None)
