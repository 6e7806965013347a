"""`/api/<method>`: token, faults and rate limit first, then the method; every call is logged."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from infra.doubles.slack import api_chat, api_files, api_reads, api_views
from infra.doubles.slack.api import Api, Method
from infra.doubles.slack.api_setup import Grants
from infra.doubles.slack.gate import Buckets, Fault, Faults
from infra.doubles.slack.http import Reply, Request, json_reply
from infra.doubles.slack.shapes import Json, SlackError

METHODS: dict[str, Method] = {
    **api_chat.METHODS,
    **api_files.METHODS,
    **api_reads.METHODS,
    **api_views.METHODS,
}
JSON_ARGUMENTS = ("blocks", "attachments", "view", "metadata", "files")
FLAGS = ("reply_broadcast", "include_all_metadata", "unfurl_links", "unfurl_media", "link_names", "inclusive")


@dataclass(frozen=True)
class Call:
    """One Web API call: its arguments, and how it ended ("ok", an error code, or the name of a fault)."""

    method: str
    args: Json
    at: float
    result: str


@dataclass
class WebApi:
    api: Api
    bot_token: str
    faults: Faults
    buckets: Buckets
    calls: list[Call] = field(default_factory=list)
    grants: Grants = field(default_factory=Grants)

    def serve(self, request: Request) -> Reply:
        method = request.path.removeprefix("/api/")
        try:
            args = arguments(request)
        except SlackError as refused:
            return self._log(method, {}, refused.code, json_reply(refused.answer()))
        with self.api.workspace.counters.lock:
            fault = self.faults.take(method)
        if fault is None:
            return self._work(method, args, request)
        return self._fail(fault, method, args, request)

    def _fail(self, fault: Fault, method: str, args: Json, request: Request) -> Reply:
        if fault.kind in ("drop_after", "hang"):
            self._work(method, args, request)
            return Reply(0, b"", end="hang" if fault.kind == "hang" else "drop")
        replies = {
            "drop_before": Reply(0, b"", end="drop"),
            "ratelimited": rate_limited(fault.retry_after),
            "server_error": Reply(fault.status, b"<html>the server is not well</html>", "text/html"),
            "error": json_reply(SlackError(fault.error).answer()),
        }
        return self._log(method, args, fault.error if fault.kind == "error" else fault.kind, replies[fault.kind])

    def _work(self, method: str, args: Json, request: Request) -> Reply:
        try:
            self._authorise(request, args)
            self.grants.check(method, args)
            with self.api.workspace.counters.lock:
                wait = self.buckets.wait(method, str(args.get("channel")))
                if wait:
                    return self._log(method, args, "ratelimited", rate_limited(wait))
                answer = {"ok": True} | self.grants.shown(self._method(method)(self.api, args))
        except SlackError as refused:
            return self._log(method, args, refused.code, json_reply(refused.answer()))
        return self._log(method, args, "ok", json_reply(answer, headers=self.grants.headers()))

    def _method(self, name: str) -> Method:
        if name not in METHODS:
            raise SlackError("unknown_method")
        return METHODS[name]

    def _authorise(self, request: Request, args: Json) -> None:
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") if header else str(args.get("token", ""))
        if not token:
            raise SlackError("not_authed")
        if token != self.bot_token:
            raise SlackError("invalid_auth")

    def _log(self, method: str, args: Json, result: str, reply: Reply) -> Reply:
        kept = {key: value for key, value in args.items() if key != "token"}
        self.calls.append(Call(method, kept, self.api.workspace.counters.now(), result))
        return reply


def rate_limited(seconds: int) -> Reply:
    return json_reply(SlackError("ratelimited").answer(), 429, {"Retry-After": str(seconds)})


def arguments(request: Request) -> Json:
    """Query, form or JSON. In a form the structured arguments are JSON texts; in JSON they may be."""
    args: Json = dict(request.query)
    if "json" in request.headers.get("content-type", ""):
        args |= _json(request.body or b"{}", "invalid_json")
    else:
        form = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        args |= {key: values[-1] for key, values in form.items()}
    for key in JSON_ARGUMENTS:
        if isinstance(args.get(key), str):
            args[key] = _json(args[key].encode(), f"invalid_{key}_format", dict | list)
    for key in FLAGS:
        if isinstance(args.get(key), str):
            args[key] = args[key].lower() in ("1", "true")
    return args


def _json(body: bytes, code: str, kind: Any = dict) -> Any:
    try:
        value = json.loads(body)
    except ValueError:
        raise SlackError(code) from None
    if not isinstance(value, kind):
        raise SlackError(code)
    return value
