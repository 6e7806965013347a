"""An endpoint per function: it judges each request by the function's role, then passes it on to the real endpoint."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from infra.local.iam.roles import allowed
from infra.local.iam.wire import Needed, needed
from infra.local.stack import Function, Stack

HOST = "127.0.0.1"
_OURS = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host"})

Judge = Callable[[list[Needed]], list[Needed]]


class Gate:
    """``endpoint`` is where a function's SDK must point; ``used`` and ``refused`` are by the function's logical id."""

    def __init__(self, stack: Stack, behind: str) -> None:
        self.used: dict[str, set[Needed]] = defaultdict(set)
        self.refused: dict[str, set[Needed]] = defaultdict(set)
        self._stack = stack
        self._behind = urlsplit(behind).netloc
        self._doors: dict[str, ThreadingHTTPServer] = {}
        self._lock = Lock()

    def endpoint(self, function: Function) -> str:
        with self._lock:
            if function.logical_id not in self._doors:
                self._doors[function.logical_id] = self._open(function)
            return f"http://{HOST}:{self._doors[function.logical_id].server_address[1]}"

    def close(self) -> None:
        for door in self._doors.values():
            door.shutdown()
            door.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self, function: Function) -> ThreadingHTTPServer:
        rights = allowed(self._stack, function)

        def judge(calls: list[Needed]) -> list[Needed]:
            denied = [one for one in calls if not any(right.covers(one) for right in rights)]
            with self._lock:
                self.used[function.logical_id].update(calls)
                self.refused[function.logical_id].update(denied)
            return denied

        handler = type("Door", (_Door,), {"judge": staticmethod(judge), "behind": self._behind})
        door = ThreadingHTTPServer((HOST, 0), handler)
        door.daemon_threads = True
        Thread(target=door.serve_forever, name=f"iam-{function.logical_id}", daemon=True).start()
        return door


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    judge: Judge
    behind: str

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        denied = self.judge(needed(self.command, self.path, headers, body))
        if denied:
            self._answer(*_denial(denied))
        else:
            self._answer(*self._passed_on(headers, body))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _passed_on(self, headers: Mapping[str, str], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self.behind, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name not in _OURS}
            connection.request(self.command, self.path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OURS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what was refused is in ``Gate.refused``."""


def _denial(denied: list[Needed]) -> tuple[int, list[tuple[str, str]], bytes]:
    """As the JSON protocols say it; SDKs of the others see a 403 all the same."""
    words = "; ".join(f"no role statement allows {one.action} on {one.resource}" for one in denied)
    body = json.dumps({"__type": "AccessDeniedException", "message": words}).encode()
    return 403, [("Content-Type", "application/x-amz-json-1.0")], body
