"""Slack's Web API over slack_sdk, imported at the first call: its import costs more than many an invocation."""

import re
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, cast
from urllib.error import URLError

from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

TIMEOUT_SECONDS = 5
DEFAULT_PAUSE = timedelta(seconds=1)
_AS_JSON = ("chat.", "views.")
"""Methods that write take JSON; those that read take forms only."""
_WORD = re.compile("[a-z_]+")
_BUSY = frozenset({"ratelimited", "rate_limited"})
_UNCLEAR = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
"""Slack's own accidents: "some aspect of the operation may have succeeded" (docs.slack.dev, chat.postMessage)."""


@dataclass(frozen=True)
class SlackWebApi:
    """One attempt per call: a retry hidden in the client could post twice."""

    token: str
    base_url: str = "https://slack.com/api/"

    @cached_property
    def _client(self) -> "WebClient":
        from slack_sdk import WebClient

        return WebClient(token=self.token, base_url=self.base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Raises SlackBusy, SlackRefused, NotSent or NoAnswer."""
        from slack_sdk.errors import SlackApiError, SlackClientError

        writes = method.startswith(_AS_JSON)
        try:
            answer = self._client.api_call(
                method, json=arguments if writes else None, params=None if writes else arguments
            )
        except SlackApiError as error:
            raise _told(error) from error
        except (OSError, HTTPException, SlackClientError, ValueError, AttributeError) as error:
            raise _lost(error) from error
        return cast(dict[str, Any], answer.data)

    def read(self, url: str, most: int) -> bytes:
        """Raises SlackBusy, SlackRefused, NotSent or NoAnswer. The token goes to Slack's own address and no further."""
        from chalicelib.net.slack_files import read

        return read(url, self.token, self.base_url, most)


def _told(error: "SlackApiError") -> Exception:
    """What an answer other than yes means. For a body that is no JSON the client makes up a sentence as the word."""
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    status, word = int(response.status_code), str(data.get("error") or "")
    if status == 429 or word in _BUSY:
        return SlackBusy(_pause(response.headers))
    if status >= 500 or word in _UNCLEAR or not _WORD.fullmatch(word):
        return NoAnswer(f"Slack answered with status {status}")
    return SlackRefused(word)


def _pause(headers: Any) -> timedelta:
    named = {str(name).lower(): str(value) for name, value in dict(headers).items()}
    asked = named.get("retry-after", "")
    return timedelta(seconds=int(asked)) if asked.isdecimal() else DEFAULT_PAUSE


def _lost(error: Exception) -> Exception:
    """Whether the request can have reached Slack before the connection failed."""
    reason = error.reason if isinstance(error, URLError) else error
    never = isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError)
    return NotSent(type(reason).__name__) if never else NoAnswer(type(reason).__name__)
