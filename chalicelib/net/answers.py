"""Answers to the address that Slack sends along with a click or a command: five in half an hour, without a token."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.channels.base import Request
from chalicelib.service.ports import Http, SlackBusy, SlackRefused

PATIENCE = timedelta(seconds=3)
DEFAULT_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SlackAnswers:
    """``api`` is the address of Slack's Web API: answers go to its host or to ``hooks.`` before it, nowhere else."""

    http: Http
    api: str

    def send(self, url: str, body: dict[str, Any]) -> None:
        """Raises SlackRefused, SlackBusy, NotSent or NoAnswer."""
        if not self._is_slacks(url):
            raise SlackRefused("not_slacks_address")
        raw = json.dumps(body).encode()
        answer = self.http.send(Request("POST", url, {"Content-Type": "application/json"}, raw), PATIENCE)
        if answer.status == 429:
            raise SlackBusy(DEFAULT_PAUSE)
        if answer.status >= 300:
            raise SlackRefused(f"status_{answer.status}")

    def _is_slacks(self, url: str) -> bool:
        asked, own = urlsplit(url), urlsplit(self.api)
        return asked.scheme == own.scheme and asked.netloc in (own.netloc, f"hooks.{own.netloc}")
