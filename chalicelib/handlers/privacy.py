"""Erasure on request: Meta's data-deletion callback, the page that says what became of it, and their worker."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Rate, Response

from chalicelib.handlers.incoming import inbound
from chalicelib.handlers.quiet import Quietly
from chalicelib.wiring import wired

if TYPE_CHECKING:
    from chalicelib.service.ports import SlackApi

bp = Blueprint(__name__)

LARGEST = 20_000
RUN = timedelta(seconds=45)
FORM = ["application/x-www-form-urlencoded"]
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Deletion request</title>
<h1>Deletion request</h1><p>Your request {code} of {asked} {state}.</p></html>"""
HEADERS: dict[str, str | list[str]] = {"Content-Type": "text/html; charset=utf-8"}


@bp.route("/privacy/meta/{account}", methods=["POST"], content_types=FORM)
def meta(account: str) -> Response:
    from chalicelib.service.deletion import Forged, receive

    known = wired.config.accounts.get(account)
    credentials = wired.vault.hook(known.channel, account) if known else None
    if known is None or credentials is None:
        return _json(404, {"error": "no such account"})
    request = inbound(bp.current_request)
    if len(request.body) > LARGEST:
        return _json(413, {"error": "the body is too large"})
    try:
        code = receive(request.body, known, credentials.secrets, wired.store, wired.archive, wired.now())
    except Forged as error:
        wired.meter.count("deletions_refused")
        return _json(400, {"error": str(error)})
    return _json(200, {"url": _url(f"/privacy/meta/{account}", code), "confirmation_code": code})


@bp.route("/privacy/status/{code}", methods=["GET"])
def status(code: str) -> Response:
    """For anybody who has the code, without a login; it says nothing about whom."""
    from chalicelib.service import deletion

    found = deletion.status(wired.archive, code)
    if found is None:
        return _json(404, {"error": "unknown code"})
    done = f"was carried out on {found.done_at:%Y-%m-%d}" if found.done_at else "is being carried out"
    body = PAGE.format(code=found.code, asked=f"{found.at:%Y-%m-%d}", state=done)
    return Response(body=body, status_code=200, headers=HEADERS)


@bp.schedule(Rate(5, unit=Rate.MINUTES), name="eraser")
@Quietly()
def eraser(event: Any) -> None:
    """A run ends before its function does; the next one goes on where it was."""
    from chalicelib.service.privacy import Eraser

    ends = wired.now() + RUN
    outcome = Eraser(wired.store, wired.archive, _slack, wired.meter, wired.now, ends).work()
    if outcome.failures:
        raise ExceptionGroup(f"{len(outcome.failures)} erasures are tried again", outcome.failures)


def _slack() -> "SlackApi | None":
    """None where the policy file has no Slack. Raises Unconfigured where it has one that is not connected."""
    return wired.slack if wired.config.slack else None


def _url(here: str, code: str) -> str:
    """Where the page stands, seen from outside: API Gateway puts the stage before our path."""
    request = bp.current_request
    path = str((request.context or {}).get("path") or here)
    scheme = request.headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{request.headers.get('host', '')}{path.removesuffix(here)}/privacy/status/{code}"


def _json(status_code: int, body: object) -> Response:
    return Response(body=json.dumps(body), status_code=status_code, headers={"Content-Type": "application/json"})
