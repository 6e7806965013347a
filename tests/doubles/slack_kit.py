"""What the tests of the Slack double share: a clock, a small Heed that receives, and pieces of Block Kit."""

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from slack_sdk import WebClient

from infra.doubles.slack import SlackDouble

Json = dict[str, Any]
CARE = "C0CARE"
ANA, TOM = "U0ANA", "U0TOM"
NOON = 1_700_000_000.0
HELLO: Json = {"body": {"text": "Hi & <3"}}


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> Json:
        """The interaction, or the event envelope."""
        text = self.body.decode()
        value = parse_qs(text)["payload"][0] if text.startswith("payload=") else text
        loaded: Json = json.loads(value)
        return loaded

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass
class Answer:
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Heed:
    """Receives what the double sends. `react` decides the answer; without it everything is taken in silence."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.react: Callable[[Received], Answer] = lambda received: Answer()
        heed = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received = Received({key.lower(): value for key, value in self.headers.items()}, body)
                heed.received.append(received)
                answer = heed.react(received)
                self.send_response(answer.status)
                for key, value in answer.headers.items():
                    self.send_header(key, value)
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(answer.body.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/slack/events?stage=test"

    def answers(self, body: Json) -> None:
        self.react = lambda received: Answer(body=json.dumps(body))

    def events(self) -> list[Json]:
        bodies = [one.payload for one in self.received if one.headers["content-type"] == "application/json"]
        return [body["event"] for body in bodies]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Desk:
    """A double, the Heed it talks to, the client Heed would use, and the clock of both."""

    slack: SlackDouble
    heed: Heed
    client: WebClient
    clock: Clock

    def card(self) -> str:
        """Posts a case card and returns its ts."""
        return str(self.client.chat_postMessage(channel=CARE, text="Case 0042", blocks=card_blocks())["ts"])

    def trigger(self, ts: str, user: str = ANA) -> str:
        """A fresh trigger_id from a click on the card."""
        return str(self.slack.click(CARE, ts, "reply", user).payload["trigger_id"])

    def control(self, name: str, body: Json | None = None) -> Json:
        """One call of a control endpoint, as the page or another process makes it."""
        data = None if body is None else json.dumps(body).encode()
        answer: Json = fetch(f"{self.slack.url}/_double/{name}", data)[2]
        return answer


def open_desk(stack: ExitStack, **options: Any) -> Desk:
    clock = Clock()
    slack = stack.enter_context(SlackDouble(now=clock, **options))
    heed = stack.enter_context(Heed())
    slack.events_url = slack.interactivity_url = heed.url
    client = WebClient("xoxb-double", base_url=slack.api_url, retry_handlers=[], timeout=3)
    return Desk(slack, heed, client, clock)


def fetch(url: str, data: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body (JSON when it is JSON) of a plain HTTP request."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    method = "GET" if data is None else "POST"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, data, {"Content-Type": "application/json"} | headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    found = {key.lower(): value for key, value in response.getheaders()}
    return response.status, found, json.loads(text) if "json" in found["content-type"] else text


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def button(action_id: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(action_id), "value": "0042"} | more


def card_blocks() -> list[Json]:
    menu = {"type": "static_select", "action_id": "priority", "options": [option("low"), option("high")]}
    return [
        {"type": "header", "text": plain("Case 0042")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Ana* wrote"}, "accessory": button("open")},
        {"type": "actions", "block_id": "case_0042", "elements": [button("reply", style="primary"), menu]},
    ]


def modal(**more: Any) -> Json:
    field_of_text = {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 280}
    boxes = {"type": "checkboxes", "action_id": "flags", "options": [option("resolve"), option("private")]}
    return {
        "type": "modal",
        "title": plain("Reply"),
        "submit": plain("Send"),
        "callback_id": "reply",
        "private_metadata": "0042",
        "blocks": [
            {"type": "input", "block_id": "body", "label": plain("Message"), "element": field_of_text},
            {"type": "input", "block_id": "then", "label": plain("Then"), "element": boxes, "optional": True},
        ],
    } | more


def opened(desk: Desk, **more: Any) -> str:
    """Ana has a reply modal open; its id."""
    view = desk.client.views_open(trigger_id=desk.trigger(desk.card()), view=modal(**more))["view"]
    return str(view["id"])
