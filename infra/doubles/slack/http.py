"""The HTTP floor: reads a request whole, gives it to one function, writes the reply. Listens on 127.0.0.1 only."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from infra.doubles.slack.shapes import Json

BODY_LIMIT = 4_000_000
HANG_SECONDS = 60.0
LOCAL_NAMES = {"127.0.0.1", "localhost"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`end` other than "answer" breaks the connection, at once or when the caller has given up."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    end: Literal["answer", "drop", "hang"] = "answer"


def json_reply(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(body).encode(), headers=headers or {})


Front = Callable[[Request], Reply]


class _Handler(BaseHTTPRequestHandler):
    server: "HttpServer"
    server_version = "SlackDouble"
    timeout = HANG_SECONDS

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the calls are in the double's own log."""

    def _serve(self) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        length = self.headers.get("Content-Length") or "0"
        if host not in LOCAL_NAMES:
            self._write(json_reply({"ok": False, "error": "this server answers to 127.0.0.1 only"}, 421))
        elif not length.isdecimal() or int(length) > BODY_LIMIT:
            self._write(json_reply({"ok": False, "error": "body too long"}, 413))
        else:
            self._finish(self.server.front(self._request(int(length))))

    def _request(self, length: int) -> Request:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        return Request(self.command, parts.path, query, headers, self.rfile.read(length))

    def _finish(self, reply: Reply) -> None:
        if reply.end == "answer":
            self._write(reply)
            return
        if reply.end == "hang":
            self.connection.settimeout(HANG_SECONDS)
            with suppress(OSError):
                self.connection.recv(1)
        self.close_connection = True

    def _write(self, reply: Reply) -> None:
        with suppress(ConnectionError):
            self.send_response(reply.status)
            headers = {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body))}
            for key, value in (headers | {"Cache-Control": "no-store"} | reply.headers).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(reply.body)


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, front: Front) -> None:
        self.front = front
        super().__init__(("127.0.0.1", port), _Handler)
        self._loop = threading.Thread(target=self.serve_forever, args=(0.05,), name="slack-double", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def begin(self) -> None:
        self._loop.start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        self._loop.join()
