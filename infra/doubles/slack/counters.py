"""What hands out ids, message timestamps and revisions. One lock guards the whole state of the double."""

import threading
from collections.abc import Callable

STEP = 100


class Counters:
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.boot = f"{int(now() * 1000):X}"
        self.revision = 0
        self._last_micros = 0
        self._number = 0

    def touch(self) -> int:
        """A new revision: something a reader of the state can see has changed."""
        with self.lock:
            self.revision += 1
            return self.revision

    def ts(self) -> str:
        """A message timestamp: text, unique and increasing, even while the clock stands still."""
        with self.lock:
            self._last_micros = max(int(self.now()) * 1_000_000, self._last_micros) + STEP
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def mint(self, prefix: str) -> str:
        """An id like `V0K3F2001`: it differs between two runs of the double, as Heed may remember the first."""
        with self.lock:
            self._number += 1
            return f"{prefix}{self.boot[-6:]}{self._number:04d}"
