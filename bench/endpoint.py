"""An AWS that says the same every time, in a process of its own, so that only the caller's CPU is measured.

``python -m bench.endpoint`` prints its address. Answers are set with ``POST /answer?operation=Query&marker=text``: the
first whose marker stands in the request's body is given. Who does not sign as AWS wants it is told that all is well.
After ``POST /trouble?seed=1&share=0.25`` that share of all calls fails, each in a way of chance.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

PROJECT = Path(__file__).parents[1]
_OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 0\r\nContent-Length: %d\r\n\r\n"
)
_PUBLISHED = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId>'
    b"</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"
)
_PLEASED = (
    b'{"ok":true,"ts":"1780315200.000002","channel":"C0","user":{"profile":{"email":"ana@example.com"}},'
    b'"message_id":"m_reply","recipient_id":"7"}'
)
"""What both Slack and Graph take for a yes; asked who somebody is, Slack knows one agent."""
_MD5 = "0" * 32
_DROPPED, _CUT = b"", b"cut"
_THROTTLED = b'{"__type":"ThrottlingException"}'
_TROUBLES = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(_THROTTLED), _THROTTLED),
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n",
    _DROPPED,
    _CUT,
)
"""What is said instead of an answer. After the last two the connection is closed: at once, or in the middle of it."""

Answers = dict[str, list[tuple[bytes, bytes]]]


@dataclass
class Trouble:
    """Which calls fail, and how: of the share, by seed."""

    share: float = 0.0
    chance: Random = field(default_factory=Random)

    def next(self) -> bytes | None:
        return self.chance.choice(_TROUBLES) if self.chance.random() < self.share else None


class Fake(asyncio.Protocol):
    """HTTP/1.1 with kept connections and no more of it than botocore writes."""

    def __init__(self, answers: Answers, trouble: Trouble) -> None:
        self._answers = answers
        self._trouble = trouble
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (split := self._data.find(b"\r\n\r\n")) >= 0:
            headers = _headers(self._data[:split])
            end = split + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._data) < end:
                if headers.pop(b"expect", None):
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            line, body = self._data.split(b"\r\n", 1)[0], self._data[split + 4 : end]
            self._data = self._data[end:]
            trouble = self._trouble.next()
            self._say(self._answer(line.decode(), headers, body), trouble)

    def _say(self, answer: bytes, trouble: bytes | None) -> None:
        whole = _OK % len(answer) + answer
        self._transport.write({None: whole, _CUT: whole[: -len(answer) // 2]}.get(trouble, trouble or b""))
        if trouble in (_DROPPED, _CUT):
            self._transport.close()

    def _answer(self, line: str, headers: dict[bytes, bytes], body: bytes) -> bytes:
        target = urlsplit(line.split(" ")[1])
        if target.path in ("/answer", "/trouble"):
            asked = {name: values[0] for name, values in parse_qs(target.query).items()}
            self._told(asked, body)
            return b"{}"
        if not headers.get(b"authorization", b"").startswith(b"AWS4"):
            return _PLEASED
        operation = headers.get(b"x-amz-target", b"").rpartition(b".")[2].decode() or "Publish"
        for marker, answer in self._answers.get(operation, []):
            if marker in body:
                return answer
        return _usual(operation, body)

    def _told(self, asked: dict[str, str], body: bytes) -> None:
        if "share" in asked:
            self._trouble.share, self._trouble.chance = float(asked["share"]), Random(int(asked["seed"]))
            return
        given = self._answers.setdefault(asked["operation"], [])
        marker = asked.get("marker", "").encode()
        given[:] = [(marker, body), *[one for one in given if one[0] != marker]]
        given.sort(key=lambda one: -len(one[0]))


def _usual(operation: str, body: bytes) -> bytes:
    if operation == "SendMessageBatch":
        entries = json.loads(body)["Entries"]
        done = [{"Id": one["Id"], "MessageId": one["Id"], "MD5OfMessageBody": _MD5} for one in entries]
        return json.dumps({"Successful": done}).encode()
    if operation == "Query":
        return b'{"Count":0,"Items":[],"ScannedCount":0}'
    if operation == "StartExecution":
        return b'{"executionArn":"arn:aws:states:us-east-1:1:execution:a:b","startDate":1780315200}'
    return _PUBLISHED if operation == "Publish" else b"{}"


def _headers(head: bytes) -> dict[bytes, bytes]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.lower(): value.strip() for name, _, value in pairs}


@contextmanager
def started(*command: str) -> Iterator[str]:
    """A server in another process; its first line is its address."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@contextmanager
def fake() -> Iterator[str]:
    with started("-m", "bench.endpoint") as address:
        yield address


def answer(address: str, operation: str, data: Any, marker: str = "") -> None:
    """From now on the endpoint gives this answer to that operation."""
    _post(f"{address}/answer?operation={operation}&marker={quote(marker)}", json.dumps(data).encode())


def trouble(address: str, share: float, seed: int) -> None:
    """From now on such a share of all calls fails."""
    _post(f"{address}/trouble?share={share}&seed={seed}", b"")


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


async def main() -> None:
    answers: Answers = {}
    trouble = Trouble()
    server = await asyncio.get_running_loop().create_server(lambda: Fake(answers, trouble), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
