"""All event sources of a stack, running."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from infra.local.clients import ClientFactory, clients
from infra.local.pumps.base import Invoke, Pump
from infra.local.pumps.schedule import Clock, SchedulePump
from infra.local.pumps.sqs import SqsPump
from infra.local.pumps.stream import StreamPump
from infra.local.stack import EventSource, Function, Stack


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Runtime:
    """Plays Lambda for a stack: each enabled event source gets a pump, and each function can be paused by name.

    ``poll_seconds`` is how long an idle queue is waited for: 0 makes pausing and stopping immediate, and costs CPU.
    """

    def __init__(
        self,
        stack: Stack,
        invoke: Invoke,
        aws: ClientFactory | None = None,
        now: Clock = _utc_now,
        poll_seconds: int = 1,
    ) -> None:
        self._stack = stack
        self._invoke = invoke
        self._aws = aws or clients()
        self._now = now
        self._poll_seconds = poll_seconds
        self._pumps: list[Pump] = []
        self._schedules: list[SchedulePump] = []
        for function in stack.functions.values():
            for source in function.events:
                self._add(function, source)

    def start(self) -> None:
        for pump in self._pumps:
            pump.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Asks all pumps to end, then waits for them together; TimeoutError names those that did not."""
        for pump in self._pumps:
            pump.signal_stop()
        deadline = time.monotonic() + timeout
        late = [text for pump in self._pumps if (text := _late(pump, deadline))]
        if late:
            raise TimeoutError("; ".join(late))

    def pause(self, function: str) -> None:
        """Returns when nothing of the function's sources is in flight; what comes stays in its queue or stream."""
        for pump in self._pumps_of(function):
            pump.pause()

    def resume(self, function: str) -> None:
        for pump in self._pumps_of(function):
            pump.resume()

    def fire(self, function: str) -> Any:
        """Runs a scheduled function now, in this thread, and returns its answer."""
        name = self._stack.function(function).name
        found = [pump for pump in self._schedules if pump.function_name == name]
        if not found:
            raise KeyError(f"{function} has no schedule")
        return found[0].fire()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _pumps_of(self, function: str) -> Sequence[Pump]:
        name = self._stack.function(function).name
        found = [pump for pump in self._pumps if pump.function_name == name]
        if not found:
            raise KeyError(f"{function} has no event source to pause or resume")
        return found

    def _add(self, function: Function, source: EventSource) -> None:
        pump = self._pump(function, source)
        if isinstance(pump, SchedulePump):
            self._schedules.append(pump)
        if source.properties.get("Enabled", True) and source.properties.get("State") != "DISABLED":
            self._pumps.append(pump)

    def _pump(self, function: Function, source: EventSource) -> Pump:
        if source.kind == "SQS":
            return SqsPump(function, source, self._aws("sqs"), self._invoke, self._poll_seconds)
        if source.kind == "DynamoDB":
            return StreamPump(function, source, self._aws("dynamodbstreams"), self._aws("sqs"), self._invoke)
        return SchedulePump(function, source, self._invoke, self._now)


def _late(pump: Pump, deadline: float) -> str:
    try:
        pump.join(max(0.1, deadline - time.monotonic()))
    except TimeoutError as error:
        return str(error)
    return ""
