"""The policy file in force, pushed as a whole: every version is kept, one row says which is current."""

import json
from dataclasses import asdict
from typing import Any

from pynamodb.connection import TableConnection
from pynamodb.constants import ITEM
from pynamodb.exceptions import GetError, TransactWriteError
from pynamodb.expressions.operand import Path

from chalicelib.domain.errors import Conflict
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.renewal import Progress

_PK = "config"
_CURRENT = "CURRENT"
_APPLIED = "APPLIED"


class OutOfReach(Exception):
    """The table gives no answer now."""


class ConfigStore:
    """Rows ``config/CURRENT`` and ``config/VERSION#{version}``, each the compiled policy file as JSON text.

    ``config/APPLIED`` says how far the cases that live have it: the bookmark of ``service.reapply``.
    """

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def current(self) -> dict[str, Any] | None:
        """The policy in force, or None when none was pushed yet. Raises OutOfReach when the table gives no answer."""
        try:
            item = self._table.get_item(_PK, _CURRENT, consistent_read=True).get("Item")
        except GetError as error:
            raise OutOfReach from error
        policy: dict[str, Any] | None = json.loads(item["body"]["S"]) if item else None
        return policy

    def push(self, policy: dict[str, Any]) -> int:
        """Put a policy in force; returns its version. Raises Conflict when somebody else pushed meanwhile."""
        running = self.current()
        before = running["version"] if running else 0
        version = before + 1
        fresh = Path("pk").does_not_exist()
        unmoved = fresh if running is None else Path("version") == before
        body = json.dumps({**policy, "version": version}, sort_keys=True)
        attributes = {"kind": {"S": "Config"}, "version": {"N": str(version)}, "body": {"S": body}}
        rows = ((_CURRENT, unmoved), (f"VERSION#{version:08d}", fresh))
        puts = [
            self._table.get_operation_kwargs(_PK, sk, key=ITEM, attributes=attributes, condition=condition)
            for sk, condition in rows
        ]
        try:
            self._table.connection.transact_write_items([], [], puts, [])
        except TransactWriteError as error:
            raise Conflict((_CURRENT,)) from error
        return version

    def progress(self) -> Progress | None:
        item = self._table.get_item(_PK, _APPLIED, consistent_read=True).get("Item")
        if item is None:
            return None
        data = json.loads(item["body"]["S"])
        return Progress(**{**data, "begun_at": instant(data["begun_at"])})

    def keep(self, progress: Progress) -> None:
        body = json.dumps({**asdict(progress), "begun_at": iso(progress.begun_at)}, sort_keys=True)
        self._table.put_item(_PK, _APPLIED, attributes={"kind": {"S": "Progress"}, "body": {"S": body}})
