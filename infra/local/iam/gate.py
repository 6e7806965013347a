"""An endpoint per function: it judges each request by the function's role, then passes it on to the real endpoint."""

from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import Self

from infra.local.iam.ledger import WHOLE, Ledger, judged
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
        self.ledger = Ledger()
        self.ledger.of(stack)
        self.used, self.refused, self.calls = self.ledger.used, self.ledger.refused, self.ledger.calls
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
        WHOLE.add(self.ledger)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self, function: Function) -> str:
        rights = list(allowed(self._stack, function))

        def serve(request: Request, pass_on: PassOn) -> Answer:
            calls = needed(request.method, request.path, request.headers, request.body)
            if denied := self._judge(function, rights, calls):
                return _denial(denied)
            answer = pass_on()
            if answer.status != NOT_FOUND:
                return answer
            hidden = needed_when_missing(request.method, request.path, request.headers)
            denied = judged(rights, hidden)
            self.ledger.found(function, hidden, denied)
            return _denial(denied) if denied else answer

        return self._open_doors.enter_context(proxy(self._behind, serve))

    def _judge(self, function: Function, rights: list[Allowed], calls: list[Needed]) -> list[Needed]:
        denied = judged(rights, calls)
        self.ledger.called(function, calls, denied)
        return denied


def _denial(denied: list[Needed]) -> Answer:
    words = "; ".join(f"no role statement allows {one.action} on {one.resource}" for one in denied)
    return Answer.error(403, "AccessDeniedException", words)
