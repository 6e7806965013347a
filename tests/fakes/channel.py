"""A network small enough to read at a glance: events arrive as they are, replies go to one URL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from chalicelib.channels.base import Capability, Channel, Credentials, Inbound, Limit, Request, Response
from chalicelib.channels.parts.files import Takes
from chalicelib.domain import moderation
from chalicelib.domain.commands import Act
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Failed, Later, Mode, Outcome, Outgoing, Sent, Unclear


class PlainChannel(Channel):
    """Bodies are ``{"events": [{"id", "text"}, ...]}``; the signature header holds the secret itself."""

    name: ClassVar[str] = "facebook"
    title: ClassVar[str] = "Plainbook"
    api: ClassVar[str] = "https://plain.example"
    files: ClassVar[Mapping[str, Takes]] = {"image/png": Takes("image", 1_000_000), "application/pdf": Takes("file", 9)}

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        return request.headers["x-secret"] in secrets

    def split(self, body: Any) -> Iterable[Any]:
        return [{"events": [one]} for one in body["events"]]

    def parse(self, body: Any) -> Iterable[Event]:
        return [
            Event(Kind.MESSAGE, self.name, account="104552811223344", id=one["id"], author=one["by"], text=one["text"])
            for one in body["events"]
        ]

    def address(self, event: Event) -> Mapping[str, str]:
        return {"to": event.author or event.id or ""}

    def capabilities(self, event: Event) -> frozenset[Capability]:
        moderated = {Capability.HIDE, Capability.DELETE} if event.kind is Kind.COMMENT else set()
        both = {Capability.REPLY, Capability.PRIVATE_REPLY} if event.public else {Capability.REPLY}
        return frozenset(both | moderated)

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(100)

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        return None if mode is Mode.PUBLIC else timedelta(hours=24)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        said = {"file": outgoing.link} if outgoing.file else {"text": outgoing.text}
        return Request("POST", f"{self.api}/send", {}, json.dumps(said).encode())

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        if response.status == 429:
            return Later(timedelta(seconds=int(response.headers.get("retry-after", "60"))))
        if response.status == 400:
            return Failed("refused")
        body = response.json()
        return Sent(body["id"]) if response.status == 200 and body else Unclear("no readable answer")

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request | None:
        return Request("GET", f"{self.api}/sent", {})

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        return next((one["id"] for one in response.json() or [] if one["text"] == outgoing.text), None)

    def act(self, act: Act, native_id: str, credentials: Credentials) -> Request | None:
        return Request("PUT", f"{self.api}/{native_id}/{act}", {})

    def act_outcome(self, act: Act, response: Response) -> moderation.Outcome:
        if response.status == 429:
            return Later(timedelta(seconds=60))
        if response.status >= 400:
            return Failed("gone") if response.status == 404 else Unclear(f"HTTP {response.status}")
        return moderation.Done() if response.json() else Unclear()
