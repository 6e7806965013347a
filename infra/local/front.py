"""API Gateway on 127.0.0.1: waitress in front of Chalice's own LocalGateway."""

import base64
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway, LocalGatewayException
from waitress import wasyncore
from waitress.server import create_server

HOST = "127.0.0.1"
# API Gateway's own limit. Lambda's event may have 6 MB, so a body of 6 to 10 MB passes here and fails on AWS.
BODY_LIMIT = 10 * 1024 * 1024
_SERVER_LIMIT = 8 * BODY_LIMIT  # waitress's own refusal is plain text; ours comes first for anything likelier

_Answer = tuple[int, list[tuple[str, str]], bytes]


class Front:
    """Serves the routes of a Chalice app from threads that share one gateway; ``plays`` is around each request."""

    def __init__(
        self,
        app: Chalice,
        config: Config | None = None,
        threads: int = 8,
        plays: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._plays = plays
        self._gateway = LocalGateway(_thread_safe(app), config or Config())
        self._threads = threads
        self._sockets: dict[int, Any] = {}
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def start(self, port: int = 0) -> str:
        """Listens on the port, or on a free one, and returns the URL."""
        options = {"threads": self._threads, "max_request_body_size": _SERVER_LIMIT, "ident": None}
        options["asyncore_use_poll"] = True  # select cannot look at what is opened after a thousand other files
        self._server = create_server(self._wsgi, map=self._sockets, host=HOST, port=port, **options)
        self._thread = threading.Thread(target=self._server.run, name="front", daemon=True)
        self._thread.start()
        return f"http://{HOST}:{self._server.effective_port}"

    def stop(self, timeout: float = 5.0) -> None:
        if not self._server or not self._thread:
            return
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._sockets))  # in the server's own thread
        self._thread.join(timeout)
        self._server.task_dispatcher.shutdown()
        self._thread = None

    def _wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> _Answer:
        if int(environ.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
            return _too_long()
        body = environ["wsgi.input"].read() or None
        try:
            with self._plays():
                response = self._gateway.handle_request(
                    method=environ["REQUEST_METHOD"], path=environ["REQUEST_URI"], headers=_headers(environ), body=body
                )
        except LocalGatewayException as refusal:
            return refusal.CODE, _flat(refusal.headers), refusal.body or b""
        return _from_lambda(response)


def _thread_safe(app: Chalice) -> Chalice:
    """Chalice keeps the current request in one attribute; its local server's base class keeps one per thread."""
    if not isinstance(app, LocalChalice):
        app.__class__ = type("LocalApp", (LocalChalice, app.__class__), {})
    return app


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """In lower case, because the gateway recognises binary content types by ``content-type`` only."""
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = environ[key]
    return headers


def _from_lambda(response: Mapping[str, Any]) -> _Answer:
    body = response.get("body") or ""
    raw = base64.b64decode(body) if response.get("isBase64Encoded") else body.encode()
    headers = {**(response.get("headers") or {}), **(response.get("multiValueHeaders") or {})}
    return response["statusCode"], _flat(headers), raw


def _flat(headers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Several values of one header are several headers; the length is the server's to say."""
    pairs = ((key, one) for key, value in headers.items() for one in (value if isinstance(value, list) else [value]))
    return [(key, str(value)) for key, value in pairs if key.lower() != "content-length"]


def _too_long() -> _Answer:
    text = f"The body is longer than the {BODY_LIMIT} bytes API Gateway accepts (and Lambda takes 6 MB); send less."
    body = json.dumps({"message": "Request Too Long", "detail": text}).encode()
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, [("Content-Type", "application/json")], body
