"""The Web API adapter against a Slack that answers over real HTTP, and against connections that break."""

import gc
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.error import URLError

import pytest

from chalicelib.net.slack import SlackWebApi, _lost
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from infra.doubles.slack.double import SlackDouble
from infra.doubles.slack.gate import Fault

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]
METADATA = {"event_type": "heed_case", "event_payload": {"case_id": "abc-1"}}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def double() -> Iterator[SlackDouble]:
    with SlackDouble() as running:
        yield running


@pytest.fixture
def api(double: SlackDouble) -> SlackWebApi:
    double.faults.clear()
    return SlackWebApi("xoxb-double", double.api_url)


def post(api: SlackWebApi) -> dict[str, Any]:
    return api.call("chat.postMessage", channel="C0CARE", text="hello", blocks=BLOCKS, metadata=METADATA)


def test_a_message_is_posted_and_found_by_its_metadata(api: SlackWebApi) -> None:
    ts = post(api)["ts"]
    history = api.call("conversations.history", channel="C0CARE", limit=100, include_all_metadata=True)
    assert next(one for one in history["messages"] if one["ts"] == ts)["metadata"] == METADATA


def test_an_empty_call_works(api: SlackWebApi) -> None:
    assert api.call("auth.test")["bot_id"] == "B0HEEDBOT"


def test_a_refusal_carries_slacks_word(api: SlackWebApi) -> None:
    with pytest.raises(SlackRefused) as refused:
        api.call("chat.postMessage", channel="C0NOWHERE", text="hello")
    assert refused.value.error == "channel_not_found"


def test_a_wrong_token_is_a_refusal(double: SlackDouble) -> None:
    with pytest.raises(SlackRefused, match="invalid_auth"):
        SlackWebApi("xoxb-wrong", double.api_url).call("auth.test")


def test_too_many_requests_say_how_long_to_wait(api: SlackWebApi, double: SlackDouble) -> None:
    double.faults.add(Fault("chat.postMessage", "ratelimited", retry_after=17))
    with pytest.raises(SlackBusy) as busy:
        post(api)
    assert busy.value.after == timedelta(seconds=17)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("chat.postMessage", "server_error", status=503),
        Fault("chat.postMessage", "error", error="fatal_error"),
        Fault("chat.postMessage", "drop_before"),
        Fault("chat.postMessage", "drop_after"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.error}",
)
def test_what_proves_nothing_is_no_answer_and_is_not_tried_again(
    api: SlackWebApi, double: SlackDouble, fault: Fault
) -> None:
    double.faults.add(fault)
    before = len(double.workspace.messages)
    with pytest.raises(NoAnswer):
        post(api)
    assert len(double.workspace.messages) - before == (1 if fault.kind == "drop_after" else 0)


def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        SlackWebApi("xoxb-double", f"http://127.0.0.1:{port}/api/").call("auth.test")


@contextmanager
def speaking(answer: bytes) -> Iterator[str]:
    """A server that says these bytes to whoever comes first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        worker = threading.Thread(target=serve)
        worker.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api/"
        worker.join()


def answered(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (answered("200 OK", b"<html>maintenance</html>"), NoAnswer),
        (answered("200 OK", b"\xff\xfe"), NoAnswer),
        (answered("200 OK", b"[]"), NoAnswer),
        (answered("200 OK", b'{"ok":false}'), NoAnswer),
        (answered("200 OK", b'{"ok":false,"error":"ratelimited"}'), SlackBusy),
        (answered("429 Too Many Requests", b"slow down", "Retry-After: soon"), SlackBusy),
        (answered("502 Bad Gateway", b'{"ok":false,"error":"not_authed"}'), NoAnswer),
        (b"nonsense", NoAnswer),
        (b"", NoAnswer),
    ],
)
def test_hostile_answers_are_never_taken_for_a_yes(answer: bytes, meaning: type[Exception]) -> None:
    with speaking(answer) as url, pytest.raises(meaning):
        SlackWebApi("xoxb-double", url).call("chat.postMessage", channel="C1", text="hello")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_answer_cut_short_is_none() -> None:
    """The client library leaves that response open until it is collected, so it is collected here."""
    with speaking(answered("200 OK", b'{"ok":true}')[:-3]) as url, pytest.raises(NoAnswer) as caught:
        SlackWebApi("xoxb-double", url).call("chat.postMessage", channel="C1", text="hello")
    del caught
    gc.collect()


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (URLError(ConnectionRefusedError()), NotSent),
        (URLError(socket.gaierror(-2, "no such name")), NotSent),
        (URLError(ssl.SSLCertVerificationError("wrong name")), NotSent),
        (URLError(TimeoutError()), NoAnswer),
        (TimeoutError(), NoAnswer),
        (ConnectionResetError(), NoAnswer),
    ],
)
def test_only_what_surely_never_left_was_not_sent(error: Exception, meaning: type[Exception]) -> None:
    assert type(_lost(error)) is meaning


def test_the_client_library_is_imported_at_the_first_call_only() -> None:
    code = "import sys, json, chalicelib.net.slack; print(json.dumps([m for m in sys.modules if 'slack_sdk' in m]))"
    run: Callable[..., Any] = subprocess.run
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
