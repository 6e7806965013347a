"""The HTTP server of the reply APIs: one process, one path prefix per network, `/_double/` for the tests.

Enter a `NetworkDoubles(now)`, queue `doubles.faults.add("x", Fault("drop_after"))`, let Heed post to
`doubles.base("x")`, and read `doubles.posts("x")`.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from infra.doubles.networks import control, facebook, instagram, standard_webhooks, telegram, whatsapp, x
from infra.doubles.networks.accounts import ACCOUNTS, Account
from infra.doubles.networks.faults import TRANSPORT, Fault, Faults
from infra.doubles.networks.ledger import Desk, Ledger, Post
from infra.doubles.networks.shapes import Answer, Call, Network, Wait

NETWORKS: Mapping[str, Network] = {
    module.NETWORK.name: module.NETWORK for module in (facebook, instagram, whatsapp, x, telegram, standard_webhooks)
}


@dataclass(frozen=True)
class Ending:
    """What goes over the wire. `cut` is empty, `drop` (close without an answer) or `truncate` (half of the body)."""

    answer: Answer
    cut: str = ""
    delay: float = 0.0


class NetworkDoubles:
    """All six networks. `sleep` serves the fault `slow`; `accounts` decides which tokens and ids exist."""

    def __init__(
        self,
        now: Callable[[], datetime],
        accounts: Iterable[Account] = ACCOUNTS,
        port: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.accounts = tuple(accounts)
        self.sleep = sleep
        self.ledger = Ledger(now)
        self.faults = Faults({name: frozenset(network.refusals) for name, network in NETWORKS.items()})
        self._server = Server(("127.0.0.1", port), type("BoundHandler", (Handler,), {"doubles": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def base(self, network: str) -> str:
        """What Heed takes for the network's host, such as `https://graph.facebook.com`."""
        return f"{self.url}/{network}"

    def posts(self, network: str = "") -> list[Post]:
        """Every accepted post, oldest first, deleted ones too."""
        with self.ledger.lock:
            return [post for post in self.ledger.posts if network in ("", post.network)]

    def reset(self) -> None:
        self.ledger.reset()
        self.faults.clear()

    def dispatch(self, call: Call) -> Ending:
        """Routes by the first part of the path."""
        _, prefix, *rest = call.path.split("/", 2)
        inner = replace(call, path="/" + "/".join(rest))
        if prefix == "_double":
            return Ending(control.answer(inner, self.ledger, self.faults))
        network = NETWORKS.get(prefix)
        return self._serve(network, inner) if network else Ending(Answer(404, {"error": f"no network {prefix}"}))

    def _serve(self, network: Network, call: Call) -> Ending:
        self.ledger.count(network.name, "requests")
        fault = self.faults.take(network.name, call.writes, call.path)
        ending = self._disturbed(network, call, fault) if fault else Ending(self._answer(network, call))
        if ending.answer.status >= 400:
            self.ledger.count(network.name, "refused")
        return replace(ending, answer=_with_headers(ending.answer, network.headers))

    def _answer(self, network: Network, call: Call) -> Answer:
        accounts = [account for account in self.accounts if account.network == network.name]
        return network.answer(call, accounts, lambda account: Desk(self.ledger, account))

    def _disturbed(self, network: Network, call: Call, fault: Fault) -> Ending:
        self.ledger.count(network.name, "faults")
        wait = Wait(fault.retry_after, self.ledger.now())
        disturbance = TRANSPORT.get(fault.name)
        if disturbance is None:
            return Ending(network.refusals[fault.name](wait))
        answer = self._answer(network, call) if disturbance.acts else Answer()
        match disturbance.ending:
            case "drop" | "truncate" as cut:
                return Ending(answer, cut)
            case "answer":
                return Ending(answer, delay=fault.delay)
            case "server_error":
                return Ending(network.refusals["server_error"](wait))
            case body:
                return Ending(Answer(200, body.encode()))


def _with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return replace(answer, headers={**headers, **answer.headers})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class Handler(BaseHTTPRequestHandler):
    """Bound to one `NetworkDoubles`. Speaks HTTP/1.1 with keep-alive and logs nothing."""

    doubles: NetworkDoubles
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        ending = self.doubles.dispatch(Call(self.command, unquote(parts.path), query, headers, body))
        self.doubles.sleep(ending.delay)
        with suppress(OSError):
            self._finish(ending)

    do_GET = do_PUT = do_DELETE = do_POST

    def _finish(self, ending: Ending) -> None:
        body = ending.answer.raw()
        if ending.cut:
            self.close_connection = True
        if ending.cut != "drop":
            self._head(ending.answer, len(body))
            self.wfile.write(body[: len(body) // 2] if ending.cut == "truncate" else body)
        if ending.cut:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """A double is silent: `/_double/state` tells what happened."""
