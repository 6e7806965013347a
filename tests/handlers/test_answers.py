"""Every answer of every route carries the headers, and every error an id and nothing else."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client

import app
from chalicelib.handlers.answering import HEADERS
from chalicelib.wiring import wired
from tests.handlers.conftest import Parts

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
KINDS = ("application/json", "application/x-www-form-urlencoded", "text/html", "image/svg+xml")
FILLED = {"channel": "telegram", "account": "harbor-telegram", "code": "a" * 20}
TELEGRAM = {"X-Telegram-Bot-Api-Secret-Token": "tg-secret"}
ASVS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What the verification standard asks of every response (ASVS 5, 3.4)."""


def calls() -> Iterator[tuple[str, str, str]]:
    """Every route there is, so that one that is added takes part; by every method, with every kind of body."""
    for path in sorted(app.app.routes):
        filled = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path)
        for method in METHODS:
            yield from ((method, filled, kind) for kind in KINDS)


def ask(method: str, path: str, kind: str = "application/json", body: bytes = b"{}") -> Any:
    with Client(app.app) as client:
        return client.http.request(method, path, headers={"Content-Type": kind, **TELEGRAM}, body=body)


def judge(answer: Any) -> None:
    for name, value in ASVS.items():
        assert value in answer.headers[name]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    if answer.status_code >= 400:
        told = json.loads(answer.body)
        assert set(told) == {"error", "id"}
        assert re.fullmatch("[0-9a-f-]{36}", told["id"])
        assert "Traceback" not in told["error"] and len(told["error"]) < 200


def test_there_is_no_route_without_the_headers(parts: Parts) -> None:
    seen = set()
    for call in calls():
        answer = ask(*call)
        seen.add(answer.status_code)
        judge(answer)
    assert {200, 401, 404, 405, 415} <= seen
    assert set(HEADERS) == set(ASVS)


class Loud:
    def __getattr__(self, name: str) -> Any:
        raise ConnectionError("Canary Ana +49170")


@pytest.mark.parametrize("path", sorted(app.app.routes))
def test_whatever_goes_wrong_the_caller_learns_an_id_and_the_log_has_it_too(
    parts: Parts, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("vault", "archive", "store", "edge"):
        wired.__dict__[name] = Loud()
    wired._config = (0.0, None)
    method = next(iter(app.app.routes[path]))
    filled = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path)
    kind = "application/x-www-form-urlencoded" if "meta" in path else "application/json"
    answer = ask(method, filled, kind, b'{"type":"url_verification","challenge":"c"}')
    assert answer.status_code == 500
    judge(answer)
    told = json.loads(answer.body)
    assert "Canary" not in answer.body.decode() + caplog.text
    assert told["id"] in [record.__dict__.get("id") for record in caplog.records]


def test_the_app_that_is_deployed_tells_no_stack_trace() -> None:
    assert app.app.debug is False
