"""The words every part of the double shares."""

from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """Who the workspace and Heed's app in it are."""

    team_id: str = "T0HEED"
    app_id: str = "A0HEED"
    bot_user_id: str = "U0HEEDBOT"
    bot_id: str = "B0HEEDBOT"
    domain: str = "heed"


class SlackError(Exception):
    """A Web API call is refused: HTTP 200 with `{"ok": false, "error": code}`."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []

    def answer(self) -> Json:
        body: Json = {"ok": False, "error": self.code}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class CannotDoError(Exception):
    """A person could not do this in Slack's client, so nothing was sent. `errors` are words beside the fields."""

    def __init__(self, words: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(words)
        self.errors = errors or {}


@dataclass(frozen=True)
class Delivery:
    """One signed request to Heed and what came back. `status` 0 means that no answer came: `problem` says why."""

    kind: str
    url: str
    payload: Json
    status: int = 0
    answer: Json | None = None
    text: str = ""
    problem: str = ""
    retry: int = 0
    no_retry: bool = False
    outcome: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def summary(self) -> Json:
        """What the control endpoints tell about it."""
        return {
            "ok": self.ok,
            "kind": self.kind,
            "status": self.status,
            "answer": self.answer,
            "text": self.text,
            "problem": self.problem,
            "retry": self.retry,
            "outcome": self.outcome,
            "errors": self.errors,
        }


File = str | tuple[str, bytes]
"""What a person attaches: a name, and what is in it."""


@dataclass
class Kept:
    """A file of the workspace; ``body`` is None until its bytes were sent."""

    id: str
    name: str
    size: int
    user: str
    body: bytes | None = None

    @property
    def kind(self) -> str:
        return guess_type(self.name)[0] or "application/octet-stream"
