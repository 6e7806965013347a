"""`/_double/...`: the JSON door for the page and for tests that run in another process."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from infra.doubles.slack.gate import Fault
from infra.doubles.slack.http import Reply, Request, json_reply
from infra.doubles.slack.shapes import CannotDoError, Delivery, Json, SlackError
from infra.doubles.slack.state import changes, full_state

if TYPE_CHECKING:
    from infra.doubles.slack.double import SlackDouble

PREFIX = "/_double/"
Act = Callable[["SlackDouble", Json], "Delivery | Json | None"]


def serve(double: "SlackDouble", request: Request) -> Reply:
    """409 when a person could not do that in Slack, 400 when the request itself is wrong."""
    name = request.path.removeprefix(PREFIX)
    if request.method == "GET":
        return _read(double, name, request.query)
    if request.method == "DELETE" and name == "faults":
        double.faults.clear()
        return json_reply({"ok": True})
    if name not in ACTS:
        return _no(404, f"no such control; there are {', '.join(sorted(ACTS))}")
    try:
        return _answer(ACTS[name](double, _body(request)))
    except CannotDoError as impossible:
        return _no(409, str(impossible), impossible.errors)
    except SlackError as refused:
        return _no(409, refused.code)
    except KeyError as missing:
        return _no(400, f"missing: {missing.args[0]}")
    except (ValueError, TypeError) as wrong:
        return _no(400, str(wrong))


def _read(double: "SlackDouble", name: str, query: dict[str, str]) -> Reply:
    if name == "calls":
        return json_reply({"ok": True, "calls": [asdict(call) for call in double.web.calls]})
    if name != "state":
        return _no(404, "only state and calls can be read")
    since = query.get("since")
    return json_reply(full_state(double) if since is None else changes(double, int(since) if since.isdecimal() else 0))


def _body(request: Request) -> Json:
    """JSON only: a page of another site cannot send that here without asking first."""
    if "application/json" not in request.headers.get("content-type", ""):
        raise ValueError("Content-Type must be application/json")
    body = json.loads(request.body or b"{}")
    if not isinstance(body, dict):
        raise ValueError("the body must be an object")
    return body


def _answer(result: Delivery | Json | None) -> Reply:
    if isinstance(result, Delivery):
        return json_reply(result.summary())
    return json_reply({"ok": True} | (result or {}))


def _no(status: int, words: str, errors: dict[str, str] | None = None) -> Reply:
    return json_reply({"ok": False, "error": words, "errors": errors or {}}, status)


def _click(double: "SlackDouble", body: Json) -> Delivery:
    value: Any = body.get("value")
    if "view_id" in body:
        return double.click_view(body["view_id"], body["action_id"], body["user"], value, body.get("values"))
    block_id = str(body.get("block_id") or "")
    return double.click(body["channel"], body["ts"], body["action_id"], body["user"], value, block_id)


def _submit(double: "SlackDouble", body: Json) -> Delivery:
    return double.submit(body["view_id"], body.get("values") or {}, body["user"])


def _upload(double: "SlackDouble", body: Json) -> Json:
    return {"file": double.upload(body["name"], b64decode(body["bytes"], validate=True), body["user"])}


def _say(double: "SlackDouble", body: Json) -> Delivery:
    return double.say(body["channel"], body.get("thread_ts"), body["text"], body["user"], body.get("files") or ())


def _command(double: "SlackDouble", body: Json) -> Delivery:
    return double.command(body["command"], body.get("text", ""), body["channel"], body["user"])


def _shortcut(double: "SlackDouble", body: Json) -> Delivery:
    return double.shortcut(body["callback_id"], body["channel"], body["ts"], body["user"])


def _fault(double: "SlackDouble", body: Json) -> None:
    double.faults.add(Fault(**body))


def _channel(double: "SlackDouble", body: Json) -> None:
    archived, member = bool(body.get("archived")), bool(body.get("member", True))
    double.workspace.set_channel(body["id"], body["name"], archived, member)


def _urls(double: "SlackDouble", body: Json) -> None:
    double.events_url = body.get("events_url", double.events_url)
    double.interactivity_url = body.get("interactivity_url", double.interactivity_url)


def _redeliver(double: "SlackDouble", body: Json) -> Delivery:
    return double.redeliver(double.event(body["event_id"]), body.get("reason", "http_timeout"))


ACTS: dict[str, Act] = {
    "click": _click,
    "submit": _submit,
    "upload": _upload,
    "close": lambda double, body: double.close_view(body["view_id"], body["user"]),
    "say": _say,
    "edit": lambda double, body: double.edit(body["channel"], body["ts"], body["text"], body["user"]),
    "delete": lambda double, body: double.delete(body["channel"], body["ts"], body["user"]),
    "command": _command,
    "shortcut": _shortcut,
    "open_home": lambda double, body: double.open_home(body["user"]),
    "faults": _fault,
    "channels": _channel,
    "urls": _urls,
    "redeliver": _redeliver,
    "settle": lambda double, body: double.settle(),
}
