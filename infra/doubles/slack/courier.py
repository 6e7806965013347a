"""Signed requests to Heed. Events wait in a queue of their own, as Slack sends them beside the Web API's answers."""

import json
import queue
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from infra.doubles.slack.shapes import Delivery, Json
from infra.doubles.slack.signing import signed_headers

ANSWER_SECONDS = 3.0
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
RETRIES = 3


class Courier:
    """Posts bodies and keeps what was delivered."""

    def __init__(self, signing_secret: str, now: Callable[[], float], retry_events: bool, timeout: float) -> None:
        self.events_url = ""
        self.interactivity_url = ""
        self.deliveries: list[Delivery] = []
        self._secret = signing_secret
        self._now = now
        self._retry_events = retry_events
        self._timeout = timeout
        self._tries: dict[str, int] = {}
        self._waiting: queue.Queue[Json | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="slack-double-events", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout=self._timeout + 1)

    def later(self, envelope: Json) -> None:
        self._waiting.put(envelope)

    def settle(self) -> None:
        """Returns when every event announced so far has been delivered."""
        self._waiting.join()

    def interaction(self, payload: Json) -> Delivery:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self._send("interaction", self.interactivity_url, payload, body, FORM_TYPE, {})

    def command(self, payload: Json) -> Delivery:
        return self._send("command", self.interactivity_url, payload, urlencode(payload).encode(), FORM_TYPE, {})

    def repeat(self, delivery: Delivery, reason: str) -> Delivery:
        """An interaction once more as it was, as a proxy or an impatient network may do."""
        body = urlencode({"payload": json.dumps(delivery.payload)}).encode()
        retry = {"X-Slack-Retry-Num": str(delivery.retry + 1), "X-Slack-Retry-Reason": reason}
        return self._send("interaction", self.interactivity_url, delivery.payload, body, FORM_TYPE, retry)

    def event(self, envelope: Json) -> Delivery:
        """One delivery of an event, and the three retries if they are on. They follow at once, not minutes later."""
        self._tries[str(envelope.get("event_id"))] = 0
        delivery = self._event(envelope, {})
        while self._retry_events and self._wants_retry(delivery):
            delivery = self.again(envelope, _reason(delivery))
        return delivery

    def again(self, envelope: Json, reason: str) -> Delivery:
        """The same event once more: same body and event_id, with Slack's retry headers."""
        key = str(envelope.get("event_id"))
        self._tries[key] = self._tries.get(key, 0) + 1
        return self._event(envelope, {"X-Slack-Retry-Num": str(self._tries[key]), "X-Slack-Retry-Reason": reason})

    def _event(self, envelope: Json, headers: dict[str, str]) -> Delivery:
        return self._send("event", self.events_url, envelope, json.dumps(envelope).encode(), JSON_TYPE, headers)

    def _wants_retry(self, delivery: Delivery) -> bool:
        return bool(delivery.url) and not delivery.ok and delivery.retry < RETRIES and not delivery.no_retry

    def _work(self) -> None:
        while (envelope := self._waiting.get()) is not None:
            self.event(envelope)
            self._waiting.task_done()
        self._waiting.task_done()

    def _send(
        self, kind: str, url: str, payload: Json, body: bytes, content_type: str, headers: dict[str, str]
    ) -> Delivery:
        about: dict[str, Any] = {"kind": kind, "url": url, "payload": payload}
        about["retry"] = int(headers.get("X-Slack-Retry-Num", 0))
        every = headers | signed_headers(self._secret, int(self._now()), body) | {"Content-Type": content_type}
        try:
            delivery = Delivery(**about, **self._exchange(url, body, every))
        except TimeoutError:
            delivery = Delivery(**about, problem="http_timeout")
        except (OSError, HTTPException, ValueError):
            delivery = Delivery(**about, problem="connection_failed")
        self.deliveries.append(delivery)
        return delivery

    def _exchange(self, url: str, body: bytes, headers: dict[str, str]) -> Json:
        if not url:
            return {"problem": "no_url"}
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target or "/", body, headers | {"User-Agent": "Slackbot 1.0"})
            return _read(connection.getresponse())
        finally:
            connection.close()


def _read(response: HTTPResponse) -> Json:
    text = response.read().decode("utf-8", "replace")
    no_retry = response.getheader("X-Slack-No-Retry") == "1"
    return {"status": response.status, "text": text, "answer": _json_object(text), "no_retry": no_retry}


def _json_object(text: str) -> Json | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _reason(delivery: Delivery) -> str:
    return delivery.problem or "http_error"
