"""A thread that repeats one step and can be paused between two of them."""

import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger("infra.local.pumps")
_AFTER_ERROR_SECONDS = 0.25

Step = Callable[[], float]
"""Does a piece of work and returns the seconds to rest before the next."""


class Loop:
    """Started once, stopped once; in between paused and resumed at will."""

    def __init__(self, name: str, step: Step) -> None:
        self._step = step
        self._go = threading.Event()
        self._stopping = threading.Event()
        self._stepping = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"pump-{name}", daemon=True)
        self._go.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def start(self) -> None:
        self._thread.start()

    def pause(self, timeout: float = 30.0) -> None:
        """Returns when no step is running and none will begin before :meth:`resume`."""
        self._go.clear()
        if threading.current_thread() is self._thread:
            return  # a handler pauses its own pump: its step is the one that runs
        if not self._stepping.acquire(timeout=timeout):
            raise TimeoutError(f"{self._thread.name}: still busy after {timeout:.0f} s")
        self._stepping.release()

    def resume(self) -> None:
        self._go.set()

    def signal_stop(self) -> None:
        self._stopping.set()
        self._go.set()

    def join(self, timeout: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name}: did not stop within {timeout:.0f} s")

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._go.wait()
            with self._stepping:
                rest = self._guarded() if self._go.is_set() and not self._stopping.is_set() else 0.0
            self._stopping.wait(rest)

    def _guarded(self) -> float:
        try:
            return self._step()
        except Exception:  # Lambda's pollers survive anything, an unreachable endpoint included
            _LOG.warning("%s: a step failed and will be repeated", self._thread.name, exc_info=not self.stopping)
            return _AFTER_ERROR_SECONDS
