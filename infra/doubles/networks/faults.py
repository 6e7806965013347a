"""Faults that wait in a queue per network and hit the next matching requests.

Two sorts. A refusal is an answer in the network's own words (each network lists its own: `rate_limited`,
`server_error`, `token_expired` ...); nothing is posted. A disturbance is in the connection, and `TRANSPORT` says
whether the request has taken effect all the same.
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

RETRY_SECONDS = 30
SLOW_SECONDS = 2.0


@dataclass(frozen=True)
class Disturbance:
    """`acts`: the request takes effect first. `ending`: answer, drop (connection closed), truncate, 500, or a body."""

    acts: bool
    ending: str


TRANSPORT: Mapping[str, Disturbance] = {
    "drop_before": Disturbance(False, "drop"),
    "drop_after": Disturbance(True, "drop"),
    "slow": Disturbance(True, "answer"),
    "truncated": Disturbance(True, "truncate"),
    "wrong_json": Disturbance(True, '{"unexpected": [1, 2, 3]}'),
    "not_json": Disturbance(True, "<html><body>Sorry, something went wrong.</body></html>"),
    "server_error_after": Disturbance(True, "server_error"),
}


class UnknownFaultError(ValueError):
    """The network cannot fail in this way, or there is no such network."""


@dataclass(frozen=True)
class Fault:
    """`seconds`: how long `slow` waits after acting, or what `rate_limited` tells to wait.

    `on` is `write` (POST, PUT, DELETE), `read` or `any`; `path` must occur in the request's path.
    """

    name: str
    times: int = 1
    seconds: float | None = None
    on: str = "write"
    path: str = ""

    @property
    def delay(self) -> float:
        if self.name != "slow":
            return 0.0
        return SLOW_SECONDS if self.seconds is None else self.seconds

    @property
    def retry_after(self) -> int:
        return RETRY_SECONDS if self.seconds is None else int(self.seconds)

    def hits(self, writes: bool, path: str) -> bool:
        return self.on in ("any", "write" if writes else "read") and self.path in path


class Faults:
    """`known` lists the refusals of each network; the disturbances belong to all."""

    def __init__(self, known: Mapping[str, frozenset[str]]) -> None:
        self.known = {network: names | frozenset(TRANSPORT) for network, names in known.items()}
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Fault]] = {network: deque() for network in known}

    def add(self, network: str, *faults: Fault) -> None:
        for fault in faults:
            if fault.name not in self.known.get(network, frozenset()):
                raise UnknownFaultError(f"{network} has no fault {fault.name}")
        with self._lock:
            self._queues[network].extend(faults)

    def take(self, network: str, writes: bool, path: str) -> Fault | None:
        """The first waiting fault that fits, with one of its times used up."""
        with self._lock:
            queue = self._queues[network]
            fault = next((waiting for waiting in queue if waiting.hits(writes, path)), None)
            if fault is not None:
                place = queue.index(fault)
                queue[place] = replace(fault, times=fault.times - 1)
                if queue[place].times < 1:
                    del queue[place]
            return fault

    def clear(self, network: str | None = None) -> None:
        with self._lock:
            for name, queue in self._queues.items():
                if network in (None, name):
                    queue.clear()

    def waiting(self) -> dict[str, list[dict[str, Any]]]:
        with self._lock:
            return {network: [asdict(fault) for fault in queue] for network, queue in self._queues.items()}
