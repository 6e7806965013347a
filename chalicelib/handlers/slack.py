"""What people do in Slack: ``/slack``, for events, buttons, modals and probes alike. The work waits in a queue."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalice.app import Blueprint, Response

from chalicelib import channels
from chalicelib.channels.base import Malformed, Refused
from chalicelib.handlers.incoming import inbound
from chalicelib.slack.verify import verify
from chalicelib.wiring import wired

if TYPE_CHECKING:
    from chalicelib.slack.incoming import Incoming

bp = Blueprint(__name__)

CONTENT_TYPES = ["application/json", "application/x-www-form-urlencoded"]
LARGEST = 1_000_000
"""A body is read before its signature is checked, to find which workspace may have signed it: so not any body."""


@bp.route("/slack", methods=["POST"], content_types=CONTENT_TYPES)
def slack() -> Response:
    request = inbound(bp.current_request)
    if len(request.body) > LARGEST:
        return _respond(413, {"error": "the body is larger than anything Slack sends"})
    from chalicelib.service.ports import QueueRefused

    try:
        answer = _answer(request.headers, request.body)
    except Refused as error:
        return _respond(401, {"error": str(error)})
    except Malformed as error:
        return _respond(400, {"error": str(error)})
    except QueueRefused:
        return _respond(503, {"error": "not taken; send it again"})
    return _respond(200, answer) if answer else Response(body="", status_code=200)


def _answer(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """Slack's own probes of the certificate come unsigned; everything else must be signed."""
    from chalicelib.slack.incoming import Probe

    incoming = _read(body)
    if isinstance(incoming, Probe):
        return {}
    verify(_signing_secrets(incoming), headers, body, wired.now())
    if isinstance(incoming, Malformed):
        raise incoming
    from chalicelib.service.slack_inbox.door import Door

    return Door(
        config=wired.config,
        slack=wired.slack_in,
        errands=wired.errands,
        answers=wired.answers,
        channel=channels.load,
        now=wired.now(),
    ).receive(incoming)


def _signing_secrets(incoming: "Incoming | Malformed") -> list[str]:
    """Of several workspaces only the one that a request says it is from may sign it."""
    from chalicelib.service.workspaces import secrets_of

    return [one for name in secrets_of(wired.config, getattr(incoming, "team", None)) for one in _secrets(name)]


def _secrets(name: str) -> list[str]:
    """What cannot be read signs nothing, and is told like a token that cannot."""
    try:
        return list(wired.vault.slack(name).get("signing_secrets", []))
    except ValueError:
        wired.meter.count("slack_token_refused")
        return []


def _read(body: bytes) -> "Incoming | Malformed":
    """What the body says; what is wrong with it may be told only to somebody who signed it."""
    from chalicelib.slack.payloads import parse

    try:
        return parse(body)
    except Malformed as error:
        return error


def _respond(status: int, body: object) -> Response:
    return Response(body=json.dumps(body), status_code=status, headers={"Content-Type": "application/json"})
