"""What a check asks of the outside: Slack's Web API with its headers, and our own endpoint with Slack's signature."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from chalicelib.channels.parts.signatures import hmac_sha256

SECONDS, WAITS = 10, 2


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of Slack's. ``error`` is its word for no, or ours when it could not be reached."""

    error: str | None
    data: dict[str, Any]
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WebApi:
    token: str
    base_url: str = "https://slack.com/api/"

    def ask(self, method: str, **arguments: str) -> Told:
        """One call, again after as long as Slack asks to wait; nothing is raised."""
        from slack_sdk import WebClient
        from slack_sdk.errors import SlackApiError, SlackClientError
        from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

        waits = [RateLimitErrorRetryHandler(max_retry_count=WAITS)]
        client = WebClient(token=self.token, base_url=self.base_url, timeout=SECONDS, retry_handlers=[*waits])
        try:
            answer = client.api_call(method, params=arguments)
        except SlackApiError as error:
            answer = error.response
        except (OSError, HTTPException, SlackClientError, ValueError) as error:
            return Told(f"unreachable ({type(error).__name__})", {})
        data = answer.data if isinstance(answer.data, dict) else {}
        named = {str(name).lower(): str(value) for name, value in dict(answer.headers).items()}
        scopes = frozenset(one.strip() for one in named.get("x-oauth-scopes", "").split(",") if one.strip())
        return Told(None if data.get("ok") else str(data.get("error") or "no_answer"), data, scopes)


@dataclass(frozen=True, slots=True)
class Answered:
    """What an endpoint said to a request; status 0 is no answer, and ``text`` says why."""

    status: int
    text: str


class _Stays(HTTPRedirectHandler):
    """Slack follows no redirect, so neither do we."""

    def redirect_request(self, *request: Any) -> None:
        return None


def _opener() -> OpenerDirector:
    return build_opener(_Stays)


def knock(url: str, secret: str, body: dict[str, str], at: int) -> Answered:
    """Post a body as Slack does: signed with this secret at this second."""
    if urlsplit(url).scheme not in ("http", "https"):
        return Answered(0, "no http address")
    raw = json.dumps(body).encode()
    stamp = str(at)
    signature = "v0=" + hmac_sha256(secret.encode(), b"v0:" + stamp.encode() + b":" + raw).hex()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }
    try:
        with _opener().open(Request(url, raw, headers, method="POST"), timeout=SECONDS) as answer:  # noqa: S310
            return Answered(answer.status, answer.read(4096).decode("utf-8", "replace"))
    except HTTPError as refused:
        with refused:
            return Answered(refused.code, "")
    except (OSError, HTTPException, ValueError) as error:
        return Answered(0, type(getattr(error, "reason", error)).__name__)
