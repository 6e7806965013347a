"""One small HTTP proxy: whoever stands in it sees every call, and may refuse it, answer it, or lose its answer."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
_OURS = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})
"""Headers of one hop. The host goes on with the request: a link is signed with it."""
_SERVICES = {"DynamoDB_20120810": "dynamodb", "AWSStepFunctions": "states", "AmazonSSM": "ssm", "AmazonSQS": "sqs"}


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def call(self) -> str:
        """``dynamodb.UpdateItem``, ``sns.Publish``, ``s3.PUT``: the service and what is asked of it."""
        prefix, _, operation = self.headers.get("x-amz-target", "").partition(".")
        if operation:
            return f"{_SERVICES.get(prefix, prefix)}.{operation}"
        if self.headers.get("content-type", "").startswith("application/x-www-form"):
            return "sns." + parse_qs(self.body.decode()).get("Action", [""])[0]
        return f"s3.{self.method}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def error(cls, status: int, kind: str, words: str) -> "Answer":
        """As the JSON protocols say it; SDKs of the others see the status all the same."""
        body = json.dumps({"__type": kind, "message": words}).encode()
        return cls(status, (("Content-Type", "application/x-amz-json-1.0"),), body)


PassOn = Callable[[], Answer]
Serve = Callable[[Request, PassOn], Answer | None]
"""What becomes of a request. None breaks the connection off instead of answering."""


@contextmanager
def proxy(behind: str, serve: Serve) -> Iterator[str]:
    """Listens before ``behind`` and yields its own address."""
    handler = type("Door", (_Door,), {"serve": staticmethod(serve), "behind": behind})
    server = _Server((HOST, 0), handler)
    Thread(target=server.serve_forever, args=(0.05,), name="proxy", daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever called may be gone by now; anything else is worth a look."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    serve: Serve
    behind: str

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        request = Request(self.command, self.path, headers, body)
        answer = self.serve(request, lambda: self._passed_on(request))
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _OURS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _passed_on(self, request: Request) -> Answer:
        behind = urlsplit(self.behind)
        connection = HTTPConnection(behind.netloc, timeout=60)
        try:
            kept = {name: value for name, value in request.headers.items() if name not in _OURS}
            connection.request(request.method, behind.path + request.path, request.body, kept)
            answer = connection.getresponse()
            return Answer(answer.status, tuple(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
