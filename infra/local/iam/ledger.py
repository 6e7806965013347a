"""What functions did, added up over any number of stacks, and judged by their roles."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from infra.local.iam.roles import Allowed, allowed, of_the_platform
from infra.local.iam.wire import Needed
from infra.local.stack import Function, Stack

_TEAM = re.compile(r"team-[a-z0-9-]+?(?=-dead|$)")


@dataclass
class Ledger:
    """``used`` are the permissions that calls needed, ``refused`` those that a role lacks; by the function's id."""

    used: dict[str, set[Needed]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, set[Needed]] = field(default_factory=lambda: defaultdict(set))
    calls: Counter[str] = field(default_factory=Counter)
    stacks: list[Stack] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def called(self, function: Function, calls: Iterable[Needed], denied: Iterable[Needed]) -> None:
        """One request, and what it needed."""
        with self._lock:
            self.calls[function.logical_id] += 1
        self.found(function, calls, denied)

    def found(self, function: Function, calls: Iterable[Needed], denied: Iterable[Needed]) -> None:
        with self._lock:
            self.used[function.logical_id].update(calls)
            self.refused[function.logical_id].update(denied)

    def of(self, stack: Stack) -> None:
        """Its roles are to be judged."""
        with self._lock:
            self.stacks = [*(one for one in self.stacks if one is not stack), stack]

    def add(self, other: "Ledger") -> None:
        with self._lock:
            self.stacks += other.stacks
            self.calls.update(other.calls)
            for mine, theirs in ((self.used, other.used), (self.refused, other.refused)):
                for name, found in theirs.items():
                    mine[name] |= found

    def denials(self) -> list[str]:
        found = [(name, one) for name, each in self.refused.items() for one in sorted(each)]
        return [f"{name}: {one.action} on {one.resource}" for name, one in found]

    def never_used(self) -> list[tuple[str, Allowed]]:
        """What a role allows and no call of any run needed. One team's queue is like another's."""
        used = {name: {_alike(one) for one in found} for name, found in self.used.items()}
        wanted = {
            (function.logical_id, Allowed(one.action, _TEAM.sub("team-X", one.resource)))
            for stack in self.stacks
            for function in stack.functions.values()
            for one in allowed(stack, function)
            if not of_the_platform(function, one)
        }
        return sorted((name, one) for name, one in wanted if not any(one.covers(call) for call in used.get(name, ())))


def _alike(one: Needed) -> Needed:
    return Needed(one.action, _TEAM.sub("team-X", one.resource))


def judged(rights: Iterable[Allowed], calls: Iterable[Needed]) -> list[Needed]:
    """Those calls that nothing allows."""
    known = list(rights)
    return [one for one in calls if not any(right.covers(one) for right in known)]


WHOLE = Ledger()
"""Of this process, from its beginning."""
