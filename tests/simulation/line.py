"""The line between Heed's own HTTP client and the networks, and every way in which it fails."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from socket import gaierror
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from urllib3 import HTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from infra.doubles.networks.server import NETWORKS
from infra.doubles.networks.shapes import Answer, Call, Wait

if TYPE_CHECKING:
    from tests.simulation.network import Network

HOST = "https://networks.sim"
STRANGE = (
    b"{}",
    b"[]",
    b"null",
    b'"ok"',
    b'{"unexpected": [1, 2, 3]}',
    b'{"message_id": {}, "id": [], "messages": {}, "data": "x", "result": [], "success": "x"}',
    b'{"messages": [null], "data": [7], "result": {"chat": 7}, "error": "x"}',
)
"""JSON that is not of the promised shape, and from which nothing follows."""
PAGES = (b"<html><body>Sorry, something went wrong.</body></html>", b"ok", b"", b"\xff\xfe{")
ARRIVE = 9
"""So many bytes of an answer that is cut short."""
_NOBODY: Any = None
"""urllib3's errors name a connection or a pool."""


class Line:
    """What urllib3's pool is to the client."""

    def __init__(self, network: "Network") -> None:
        self.network = network

    def request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, **_: Any) -> Any:
        """Which network it is for, the URL tells."""
        parts = urlsplit(url)
        name, *path = unquote(parts.path)[1:].split("/", 1)
        lower = {key.lower(): value for key, value in headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.network.world.scheduler.now += 1
        call = Call(method, "/" + "/".join(path), query, lower, body or b"")
        return (self._fault() or _answers)(self, name, call)

    def _fault(self) -> "Act | None":
        """The first that fires, in an order of chance: else the last ones would seldom get their turn."""
        faults, random = self.network.world.faults, self.network.world.random
        names = random.sample(list(FAULTS), len(FAULTS)) if faults.on else []
        return next((FAULTS[name] for name in names if faults.fires(f"network {name}")), None)


Act = Callable[[Line, str, Call], HTTPResponse]
"""What becomes of one request to the network of that name."""


def _response(answer: Answer, announced: int | None = None) -> HTTPResponse:
    raw = answer.raw()
    length = str(len(raw) if announced is None else announced)
    return HTTPResponse(
        BytesIO(raw), {**answer.headers, "Content-Length": length}, answer.status, preload_content=False
    )


def _answers(line: Line, name: str, call: Call) -> HTTPResponse:
    return _response(line.network.act(name, call))


def _raises(error: Callable[[], HTTPError], seconds: int = 0) -> Act:
    def act(line: Line, name: str, call: Call) -> HTTPResponse:
        line.network.world.scheduler.now += seconds
        raise error()

    return act


def _silent() -> HTTPError:
    return ReadTimeoutError(_NOBODY, HOST, "Read timed out.")


def _after(then: Act) -> Act:
    """The network has acted by then."""

    def act(line: Line, name: str, call: Call) -> HTTPResponse:
        line.network.act(name, call)
        return then(line, name, call)

    return act


def _acts_later(line: Line, name: str, call: Call) -> HTTPResponse:
    line.network.world.scheduler.between(5, 20, lambda: (line.network.act(name, call), None)[1])
    raise _silent()


def _says(wanted: Callable[[str, int], bool]) -> Act:
    """One of the network's own refusals, by its name or its status."""

    def act(line: Line, name: str, call: Call) -> HTTPResponse:
        told = {refusal: said(Wait(30, line.network.at)) for refusal, said in NETWORKS[name].refusals.items()}
        fitting = [answer for refusal, answer in told.items() if wanted(refusal, answer.status)]
        return _response(line.network.world.random.choice(fitting))

    return act


def _refuses(wanted: Callable[[str, int], bool]) -> Act:
    """Who knows replies by our id gives a repeat the answer it gave before."""
    says = _says(wanted)
    return lambda line, name, call: (_answers if line.network.knows(call) else says)(line, name, call)


def _tells(bodies: tuple[bytes, ...]) -> Act:
    """The network acts, and answers that all is well in words of which none was promised."""

    def act(line: Line, name: str, call: Call) -> HTTPResponse:
        answer = line.network.act(name, call)
        told = replace(answer, body=line.network.world.random.choice(bodies))
        return _response(told if answer.status < 300 else answer)

    return act


def _cut_short(line: Line, name: str, call: Call) -> HTTPResponse:
    answer = line.network.act(name, call)
    return _response(replace(answer, body=answer.raw()[:ARRIVE]))


def _ends_too_soon(line: Line, name: str, call: Call) -> HTTPResponse:
    answer = line.network.act(name, call)
    return _response(replace(answer, body=answer.raw()[:ARRIVE]), len(answer.raw()))


def _breaks(refusal: str, status: int) -> bool:
    return status >= 500


FAULTS: Mapping[str, Act] = {
    "name not found": _raises(lambda: NameResolutionError(HOST, _NOBODY, gaierror("no such name"))),
    "connection refused": _raises(lambda: NewConnectionError(_NOBODY, "Connection refused")),
    "no connection in time": _raises(ConnectTimeoutError, 3),
    "busy": _says(lambda refusal, status: status == 429),
    "expired": _refuses(lambda refusal, status: refusal == "token_expired"),
    "blocked": _refuses(lambda refusal, status: refusal == "blocked"),
    "denied": _refuses(lambda refusal, status: 300 <= status < 500 and status != 429),
    "broken before": _says(_breaks),
    "broken after": _after(_says(_breaks)),
    "silent before": _raises(_silent, 10),
    "silent after": _after(_raises(_silent, 10)),
    "acts later": _acts_later,
    "broken off": _after(_raises(lambda: ProtocolError("Connection aborted."))),
    "ends too soon": _ends_too_soon,
    "cut short": _cut_short,
    "strange": _tells(STRANGE),
    "no JSON": _tells(PAGES),
}
"""By the name under which each fires. A network that denies has not acted; one that breaks or falls silent may have."""
