"""What the model is made of: work that waits in order, allowances by the second, fleets that grow at AWS's pace."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Line:
    """Work waiting in the order in which it came. Nothing enters but by ``put``, nothing leaves but by ``take``."""

    into: int = 0
    out: int = 0
    _waiting: deque[list[int]] = field(default_factory=deque)

    @property
    def length(self) -> int:
        return self.into - self.out

    def put(self, now: int, number: int) -> None:
        if number:
            self.into += number
            self._waiting.append([now, number])

    def take(self, number: int) -> int:
        """The oldest, as many as there are, at most that many."""
        taken = left = min(max(number, 0), self.length)
        while left:
            part = min(left, self._waiting[0][1])
            self._waiting[0][1] -= part
            left -= part
            if not self._waiting[0][1]:
                self._waiting.popleft()
        self.out += taken
        return taken

    def age(self, now: int) -> int:
        """Seconds for which the oldest has waited."""
        return now - self._waiting[0][0] if self._waiting else 0


@dataclass(slots=True)
class Bucket:
    """So many a second, and a burst that fills up again while it is not used; a quota by the second has none."""

    rate: float
    burst: float = 0.0
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def refill(self) -> None:
        """A second passes: no more than the burst is left of what was not used, and the rate comes while it passes."""
        self.tokens = min(self.burst, self.tokens) + self.rate

    def room(self, cost: float = 1.0) -> int:
        """How many things of that cost it would grant."""
        return int(self.tokens / cost) if cost else 10**12

    def spend(self, amount: float) -> None:
        if amount > self.tokens + 1e-6:
            raise ValueError("more was spent than there was")
        self.tokens -= amount


@dataclass(slots=True)
class Fleet:
    """Environments of one function: each does ``speed`` a second, and ``growth`` more may come each second."""

    speed: float
    start: int
    growth: int
    most: int
    size: int = 0

    def wanted(self, work: int) -> int:
        """As many as the work needs, and pace and ceiling allow."""
        return min(-(-work // max(1, int(self.speed))), max(self.size + self.growth, self.start), self.most)

    def settle(self, granted: int) -> int:
        """What the granted environments get done in this second."""
        self.size = granted
        return int(granted * self.speed)


def shared(wants: dict[str, int], limit: int) -> dict[str, int]:
    """The account's concurrency among its functions: whoever wants least is served first, the rest is cut evenly."""
    granted: dict[str, int] = {}
    left = limit
    for place, (name, want) in enumerate(sorted(wants.items(), key=lambda one: (one[1], one[0]))):
        granted[name] = min(want, left // (len(wants) - place))
        left -= granted[name]
    return granted
