"""Stores that each break one rule."""

from datetime import datetime

from chalicelib.domain.draft import Draft
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.service.ports import Row
from tests.simulation.store import SimStore


class LastWriteWins(SimStore):
    """No conditions: whoever writes last is right."""

    def allowed(self, row: Row, stored: Row | None) -> bool:
        return True

    def next(self, row: Row, stored: Row | None) -> Row:
        return super().next(row, None)


class ClaimsFreely(SimStore):
    """A reply is claimed whether or not somebody else has it."""

    def allowed(self, row: Row, stored: Row | None) -> bool:
        claims = isinstance(row, Reply) and row.state is ReplyState.SENDING
        return claims or super().allowed(row, stored)


class DropsDrafts(SimStore):
    """What somebody wrote and could not send is not kept."""

    def commit(self, *rows: Row) -> None:
        super().commit(*(row for row in rows if not isinstance(row, Draft)))


class CountsAgain(SimStore):
    """A broken promise that is told again is counted again."""

    def broke(self, brand: str, queue: str, at: datetime, name: str) -> None:
        super().broke(brand, queue, at, f"{name} {len(self.counted)}")
