"""An endpoint per function: it judges each request by the function's role, then passes it on to the real endpoint."""

from collections import Counter, defaultdict
from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import Self

from infra.local.iam.roles import Allowed, allowed
from infra.local.iam.wire import Needed, needed, needed_when_missing
from infra.local.proxy import Answer, PassOn, Request, proxy
from infra.local.stack import Function, Stack

NOT_FOUND = 404


class Gate:
    """``endpoint`` is where a function's SDK must point; what it did there is kept by the function's logical id.

    ``calls`` counts requests; ``used`` are the permissions they needed, ``refused`` those that the role lacks.
    """

    def __init__(self, stack: Stack, behind: str) -> None:
        self.used: dict[str, set[Needed]] = defaultdict(set)
        self.refused: dict[str, set[Needed]] = defaultdict(set)
        self.calls: Counter[str] = Counter()
        self._stack = stack
        self._behind = behind
        self._doors: dict[str, str] = {}
        self._open_doors = ExitStack()
        self._lock = Lock()

    def endpoint(self, function: Function) -> str:
        with self._lock:
            if function.logical_id not in self._doors:
                self._doors[function.logical_id] = self._open(function)
            return self._doors[function.logical_id]

    def close(self) -> None:
        self._open_doors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self, function: Function) -> str:
        rights = list(allowed(self._stack, function))

        def judged(request: Request, pass_on: PassOn) -> Answer:
            calls = needed(request.method, request.path, request.headers, request.body)
            self._count(function)
            denied = self._judge(function, rights, calls)
            answer = _denial(denied) if denied else pass_on()
            if answer.status != NOT_FOUND:
                return answer
            hidden = needed_when_missing(request.method, request.path, request.headers)
            denied = self._judge(function, rights, hidden)
            return _denial(denied) if denied else answer

        return self._open_doors.enter_context(proxy(self._behind, judged))

    def _count(self, function: Function) -> None:
        with self._lock:
            self.calls[function.logical_id] += 1

    def _judge(self, function: Function, rights: list[Allowed], calls: list[Needed]) -> list[Needed]:
        denied = [one for one in calls if not any(right.covers(one) for right in rights)]
        with self._lock:
            self.used[function.logical_id].update(calls)
            self.refused[function.logical_id].update(denied)
        return denied


def _denial(denied: list[Needed]) -> Answer:
    words = "; ".join(f"no role statement allows {one.action} on {one.resource}" for one in denied)
    return Answer.error(403, "AccessDeniedException", words)
