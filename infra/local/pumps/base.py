"""What every pump offers the runtime."""

from collections.abc import Callable
from typing import Any

from infra.local.pumps.loop import Loop, Step
from infra.local.stack import Function

Invoke = Callable[[str, Any], Any]
"""Runs a function by its physical name with an event, and returns its answer or raises."""


class Pump:
    """One event source of one function: a loop that can be paused on its own."""

    def __init__(self, function: Function, step: Step) -> None:
        self.function_name = function.name
        self._loop = Loop(function.logical_id, step)

    def start(self) -> None:
        self._loop.start()

    def pause(self) -> None:
        """Returns when nothing is in flight."""
        self._loop.pause()

    def resume(self) -> None:
        self._loop.resume()

    def signal_stop(self) -> None:
        """Asks for the end without waiting for it."""
        self._loop.signal_stop()

    def join(self, timeout: float) -> None:
        """Waits for the end; TimeoutError if it does not come."""
        self._loop.join(timeout)
