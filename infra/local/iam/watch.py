"""Judges what functions of this very process do: whatever one of them sends to AWS is compared with its role.

A gate needs a process for each function, so that each has an endpoint of its own. Here all share one, and who sends is
known by the thread. Nothing is refused; whoever watches asks in the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from infra.local.iam.ledger import WHOLE, Ledger, judged
from infra.local.iam.roles import Allowed, allowed
from infra.local.iam.wire import Needed, needed, needed_when_missing
from infra.local.running import played

NOT_FOUND = 404


@contextmanager
def watched() -> Iterator[Ledger]:
    """What functions of this process do inside is in the ledger, and afterwards in that of the whole process."""
    ledger, plain = Ledger(), URLLib3Session.send
    rights: dict[tuple[str, str], frozenset[Allowed]] = {}

    def send(session: Any, request: Any) -> Any:
        answer, role = plain(session, request), played()
        if role is not None:
            known = (role.stack.name, role.function.role)
            if known not in rights:
                rights[known] = allowed(role.stack, role.function)
                ledger.of(role.stack)
            calls = _needed(request, answer.status_code)
            ledger.called(role.function, calls, judged(rights[known], calls))
        return answer

    URLLib3Session.send = send
    try:
        yield ledger
    finally:
        URLLib3Session.send = plain
        WHOLE.add(ledger)


def _needed(request: Any, status: int) -> list[Needed]:
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {str(name).lower(): _text(value) for name, value in request.headers.items()}
    body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
    calls = needed(request.method, path, headers, body)
    return calls + (needed_when_missing(request.method, path, headers) if status == NOT_FOUND else [])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
