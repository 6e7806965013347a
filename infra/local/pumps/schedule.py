"""Plays a function's schedules."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from infra.local.pumps.base import Invoke, Pump
from infra.local.pumps.expressions import schedule
from infra.local.stack import EventSource, Function

Clock = Callable[[], datetime]
_REST = 0.1


class SchedulePump(Pump):
    """One schedule of one function, on a clock that tests may set. Times missed while paused fire once."""

    def __init__(self, function: Function, source: EventSource, invoke: Invoke, now: Clock) -> None:
        super().__init__(function, self._step)
        self._function = function
        self._source = source
        self._invoke = invoke
        self._now = now
        self._next = schedule(source.properties["Schedule"])
        self._due = self._next(now())

    def fire(self) -> Any:
        """Runs the function now, whatever the clock says, and returns its answer."""
        return self._invoke(self.function_name, self._event(self._now()))

    def _step(self) -> float:
        now = self._now()
        if now >= self._due:
            self._due = self._next(now)
            self._invoke(self.function_name, self._event(now))
        return _REST

    def _event(self, at: datetime) -> Any:
        if (given := self._source.properties.get("Input")) is not None:
            return json.loads(given)
        _, _, _, region, account, *_ = self._function.arn.split(":")
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": account,
            "time": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": region,
            "resources": [f"arn:aws:events:{region}:{account}:rule/{self.function_name}{self._source.name}"],
            "detail": {},
        }
