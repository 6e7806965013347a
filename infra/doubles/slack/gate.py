"""What may stand between a call and its work: programmed faults and the rate limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Literal, get_args

FaultKind = Literal["ratelimited", "server_error", "error", "drop_before", "drop_after", "hang"]
ANY_METHOD = "*"


@dataclass
class Fault:
    """The next `times` calls of a method go wrong.

    ratelimited: 429 with Retry-After. server_error: HTTP `status`. error: HTTP 200 with `ok: false` and `error`.
    drop_before: the connection breaks and nothing was done. drop_after: it breaks although the work is done.
    hang: the work is done and no answer comes until the caller gives up.
    """

    method: str
    kind: FaultKind
    times: int = 1
    error: str = "internal_error"
    retry_after: int = 30
    status: int = 500

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"unknown kind of fault: {self.kind}; use one of {', '.join(get_args(FaultKind))}")


class Faults:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that meets this call, counted down. The one programmed first comes first."""
        for fault in self.waiting:
            if fault.method in (method, ANY_METHOD):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None


@dataclass(frozen=True)
class RateLimit:
    """About one message per second and channel, with some allowance for bursts (docs.slack.dev, "Rate limits")."""

    per_second: float = 1.0
    burst: int = 5


POST = "chat.postMessage"
PER_MINUTE = {
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.replies": 50,
    "users.info": 100,
    "users.lookupByEmail": 50,
    "views.open": 100,
    "views.publish": 100,
    "views.update": 100,
}
"""What a method takes at least, by its tier (docs.slack.dev): the third fifty a minute, the fourth a hundred."""


@dataclass
class Buckets:
    """A token bucket per channel for messages, and one per method for everything else that has a tier."""

    limit: RateLimit | None
    now: Callable[[], float]
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, method: str, channel: str) -> int:
        """0 when one more such call may be made, else the seconds for Retry-After."""
        if self.limit is None:
            return 0
        if method == POST:
            return self._take(channel, self.limit)
        minute = PER_MINUTE.get(method)
        return self._take(method, RateLimit(minute / 60, minute)) if minute else 0

    def _take(self, key: str, limit: RateLimit) -> int:
        at = self.now()
        level, since = self.levels.get(key, (float(limit.burst), at))
        level = min(float(limit.burst), level + (at - since) * limit.per_second)
        if level < 1:
            self.levels[key] = (level, at)
            return max(1, ceil((1 - level) / limit.per_second))
        self.levels[key] = (level - 1, at)
        return 0
