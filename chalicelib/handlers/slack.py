"""What people do in Slack: ``/slack``, for events, buttons, modals and probes alike."""

import json
from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib import channels
from chalicelib.channels.base import Malformed, Refused
from chalicelib.handlers.incoming import inbound
from chalicelib.slack.incoming import Incoming, Probe
from chalicelib.slack.payloads import parse
from chalicelib.slack.verify import verify
from chalicelib.wiring import wired

bp = Blueprint(__name__)

CONTENT_TYPES = ["application/json", "application/x-www-form-urlencoded"]


@bp.route("/slack", methods=["POST"], content_types=CONTENT_TYPES)
def slack() -> Response:
    request = inbound(bp.current_request)
    try:
        answer = _answer(request.headers, request.body)
    except Refused as error:
        return _respond(401, {"error": str(error)})
    except Malformed as error:
        return _respond(400, {"error": str(error)})
    return _respond(200, answer) if answer else Response(body="", status_code=200)


def _answer(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """Slack's own probes of the certificate come unsigned; everything else must be signed."""
    incoming = _read(body)
    if isinstance(incoming, Probe):
        return {}
    verify(wired.vault.slack().get("signing_secrets", []), headers, body, wired.now())
    if isinstance(incoming, Malformed):
        raise incoming
    from chalicelib.service.slack_inbox import handle

    return handle(
        incoming,
        store=wired.store,
        bus=wired.bus,
        slack=wired.slack,
        config=wired.config,
        channel=channels.load,
        now=wired.now(),
    )


def _read(body: bytes) -> Incoming | Malformed:
    """What the body says; what is wrong with it may be told only to somebody who signed it."""
    try:
        return parse(body)
    except Malformed as error:
        return error


def _respond(status: int, body: object) -> Response:
    return Response(body=json.dumps(body), status_code=status, headers={"Content-Type": "application/json"})
