"""The words the reply APIs share: a call, an answer, a refusal, a route, a network."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.ledger import Desk

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """`body` is a JSON value, or the bytes to send as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Refusal(Exception):
    """The network says no: `answer` is what the caller gets to read."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class MalformedError(ValueError):
    """The body is not what its content type says."""


@dataclass(frozen=True)
class Call:
    """One request. `path` is without the network's prefix, header names are lower case, `args` come from the route."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    args: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @cached_property
    def content(self) -> Json:
        """The body alone, form or JSON."""
        try:
            text = self.body.decode()
            if self.headers.get("content-type", "").startswith(FORM):
                return dict(parse_qsl(text, keep_blank_values=True))
            content = json.loads(text) if text else {}
        except ValueError as error:
            raise MalformedError(str(error)) from error
        if not isinstance(content, dict):
            raise MalformedError("the body is not an object")
        return content

    def part(self, name: str) -> Json:
        """An object inside the body; `{}` when it is not there."""
        part = self.content.get(name) or {}
        if not isinstance(part, dict):
            raise MalformedError(f"{name} is not an object")
        return part

    @property
    def fields(self) -> Json:
        """Parameters as the Graph API and Telegram take them: in the query or in the body."""
        return {**self.query, **self.content}


Handler = Callable[[Desk, Call], Answer]


@dataclass(frozen=True)
class Wait:
    """How long a throttled caller is told to wait; `until` is that moment in epoch seconds."""

    seconds: int
    now: datetime

    @property
    def until(self) -> int:
        return int(self.now.timestamp()) + self.seconds


Said = Callable[[Wait], Answer]


@dataclass(frozen=True)
class Route:
    """`pattern` is a regular expression for the whole path; its named groups become `Call.args`."""

    method: str
    pattern: str
    handler: Handler

    def match(self, call: Call) -> Call | None:
        found = re.fullmatch(self.pattern, call.path) if call.method == self.method else None
        return replace(call, args=found.groupdict()) if found else None


@dataclass(frozen=True)
class Network:
    """One network as data. `refusals` are the answers a fault can ask for."""

    name: str
    routes: Sequence[Route]
    authenticate: Callable[[Call, Sequence[Account]], Account]
    refusals: Mapping[str, Said]
    no_route: Callable[[Call], Answer]
    malformed: Callable[[str], Answer]
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, call: Call, accounts: Sequence[Account], desk_for: Callable[[Account], Desk]) -> Answer:
        try:
            account = self.authenticate(call, accounts)
            for route in self.routes:
                routed = route.match(call)
                if routed is not None:
                    return route.handler(desk_for(account), routed)
        except Refusal as refusal:
            return refusal.answer
        except MalformedError as error:
            return self.malformed(str(error))
        return self.no_route(call)
