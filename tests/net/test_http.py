"""One attempt over a real socket: what matters is whether the other side may have acted."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.channels.base import Request
from chalicelib.net.http import LARGEST_ANSWER, Urllib3Http
from chalicelib.service.ports import NoAnswer, NotSent

SECOND = timedelta(seconds=1)


class Handler(BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/silent":
            threading.Event().wait(2)
            return
        if self.path == "/drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("X-Seen", body.decode())
        self.send_header("Location", "/elsewhere")
        length = 3_000_000 if self.path == "/huge" else 2
        self.send_header("Content-Length", str(10 if self.path == "/short" else length))
        self.end_headers()
        self.wfile.write(b"x" * length if self.path == "/huge" else b"ok")

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_request_goes_out_as_it_is_and_the_answer_comes_back(url: str) -> None:
    answer = Urllib3Http().send(Request("POST", f"{url}/x", {"A": "b"}, b"hello"), SECOND)
    assert (answer.status, answer.headers["x-seen"], answer.body) == (200, "hello", b"ok")


def test_redirects_are_not_followed(url: str) -> None:
    assert Urllib3Http().send(Request("POST", f"{url}/away", {}, b""), SECOND).status == 302


def test_an_answer_without_end_is_cut(url: str) -> None:
    assert len(Urllib3Http().send(Request("POST", f"{url}/huge", {}, b""), SECOND).body) == LARGEST_ANSWER


@pytest.mark.parametrize("path", ["/silent", "/drop", "/short"])
def test_once_it_may_have_been_acted_upon_it_is_no_answer_and_asked_once(url: str, path: str) -> None:
    before = Handler.asked
    with pytest.raises(NoAnswer):
        Urllib3Http().send(Request("POST", f"{url}{path}", {}, b"x"), SECOND)
    assert Handler.asked == before + 1


def test_a_connection_that_never_was_proves_that_nothing_was_sent() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        Urllib3Http().send(Request("POST", f"http://127.0.0.1:{port}/", {}, b"x"), SECOND)
