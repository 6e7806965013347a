"""Webhooks of the networks: ``/hooks/{channel}/{account}``."""

import json

from chalice.app import Blueprint, Response

from chalicelib import channels
from chalicelib.channels.base import Answer
from chalicelib.handlers.incoming import inbound
from chalicelib.wiring import wired

bp = Blueprint(__name__)

CONTENT_TYPES = ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/octet-stream"]


@bp.route("/hooks/{channel}/{account}", methods=["GET", "POST"], content_types=CONTENT_TYPES)
def hook(channel: str, account: str) -> Response:
    try:
        network = channels.load(channel)
    except LookupError as error:
        return _respond(Answer(404, json.dumps({"error": str(error)}), "application/json"))
    return _respond(wired.edge.receive(network, account, inbound(bp.current_request), wired.now()))


def _respond(answer: Answer) -> Response:
    return Response(body=answer.body, status_code=answer.status, headers={"Content-Type": answer.content_type})
