"""The HTTP front against a small Chalice app."""

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice, Request, Response

from infra.local.front import BODY_LIMIT, Front

app = Chalice(app_name="fronted")
app.api.binary_types = ["application/octet-stream"]
barrier = threading.Barrier(2, timeout=5)
BYTES = "application/octet-stream"


def current() -> Request:
    request = app.current_request
    assert request
    return request


@app.route("/raw", methods=["POST"], content_types=["application/json", BYTES])
def raw() -> dict[str, Any]:
    body = current().raw_body
    assert isinstance(body, bytes)
    return {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}


@app.route("/meet/{name}", methods=["GET"])
def meet(name: str) -> dict[str, Any]:
    barrier.wait()
    request = current()
    return {"name": name, "path": request.context["path"], "query": dict(request.query_params or {})}


@app.route("/image", methods=["GET"])
def image() -> Response:
    return Response(bytes(range(256)), headers={"Content-Type": BYTES, "Set-Cookie": ["a=1", "b=2"]})


@app.route("/broken", methods=["GET"])
def broken() -> None:
    raise RuntimeError("with a secret in its text")


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    front = Front(app)
    url = front.start()
    host, _, port = url.removeprefix("http://").partition(":")
    yield host, int(port)
    front.stop()


def ask(
    address: tuple[str, int], method: str, path: str, body: bytes | None = None, kind: str = "application/json"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": kind, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"a":  "\\u00e9", "b": "\xc3\xa9"}\r\n'),
        (BYTES, bytes(range(256))),
        (BYTES, b""),
    ],
)
def test_bodies_arrive_byte_for_byte(address: tuple[str, int], kind: str, body: bytes) -> None:
    status, _, answer = ask(address, "POST", "/raw", body, kind)
    assert status == 200
    assert json.loads(answer) == {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}


def test_a_body_api_gateway_would_refuse_is_refused_in_json(address: tuple[str, int]) -> None:
    status, headers, answer = ask(address, "POST", "/raw", b"x" * (BODY_LIMIT + 1), BYTES)
    assert (status, headers["Content-Type"]) == (413, "application/json")
    assert json.loads(answer)["message"] == "Request Too Long"
    assert "6 MB" in json.loads(answer)["detail"]


def test_requests_at_the_same_time_keep_their_own_request(address: tuple[str, int]) -> None:
    answers: dict[str, Any] = {}

    def call(name: str) -> None:
        answers[name] = json.loads(ask(address, "GET", f"/meet/{name}?q={name}")[2])

    callers = [threading.Thread(target=call, args=(name,)) for name in ("anna", "ben")]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(10)
    assert answers == {name: {"name": name, "path": f"/meet/{name}", "query": {"q": name}} for name in ("anna", "ben")}


def test_binary_answers_and_repeated_headers_are_kept(address: tuple[str, int]) -> None:
    status, headers, answer = ask(address, "GET", "/image")
    assert (status, answer) == (200, bytes(range(256)))
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("method", "path", "kind", "status", "words"),
    [
        ("GET", "/nowhere", "application/json", 403, "Missing Authentication Token"),
        ("DELETE", "/raw", "application/json", 405, "MethodNotAllowedError"),
        ("POST", "/raw", "text/csv", 415, "UnsupportedMediaType"),
        ("GET", "/broken", "application/json", 500, "InternalServerError"),
    ],
)
def test_refusals_are_api_gateways(
    address: tuple[str, int], method: str, path: str, kind: str, status: int, words: str
) -> None:
    got, _, answer = ask(address, method, path, b"{}" if method == "POST" else None, kind)
    assert got == status
    assert words in answer.decode()
    assert b"secret" not in answer


def test_it_stops_and_frees_its_port() -> None:
    front = Front(app)
    url = front.start()
    front.stop()
    front.stop()
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        ask(("127.0.0.1", port), "GET", "/image")
    again = Front(app)
    assert again.start(port) == url
    again.stop()
