"""What Slack posts, read into small values. Hostile input raises Malformed and nothing else."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from chalicelib.channels.base import Malformed
from chalicelib.slack.incoming import Challenge, Click, Ignored, Incoming, Probe, Said, Submitted

__all__ = ["Challenge", "Click", "Ignored", "Incoming", "Probe", "Said", "Submitted", "parse"]

FIELDS = 200
SPOKEN = frozenset({"file_share", "thread_broadcast", "me_message"})
"""Subtypes of ``message`` with which a person says something; every other one is bookkeeping of Slack's."""
EMOJI_DEPTH = 12


def parse(body: bytes) -> Incoming:
    """What this request says. JSON carries events, a form everything else. Raises Malformed."""
    if body.lstrip()[:1] == b"{":
        return _event(_object(body))
    return _form(_fields(body))


def _object(raw: bytes | str) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(data, dict):
        raise Malformed("the body is not a JSON object")
    return data


def _fields(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed("the body is not a form") from error
    return {name: values[0] for name, values in fields.items()}


def _form(fields: Mapping[str, str]) -> Incoming:
    if "ssl_check" in fields:
        return Probe()
    if "payload" in fields:
        return _interaction(_object(fields["payload"]))
    if "command" in fields:
        return Ignored("slash commands are not listened to")
    raise Malformed("the form is none of Slack's")


def _interaction(body: Mapping[str, Any]) -> Incoming:
    kind = _text(body, "type")
    if kind == "block_actions":
        return _click(body)
    if kind == "view_submission":
        return _submitted(body)
    return Ignored(f"{kind} is not listened to")


def _click(body: Mapping[str, Any]) -> Click | Ignored:
    actions = _at(body, "actions")
    if not isinstance(actions, list) or not actions:
        raise Malformed("actions is missing")
    if _at(body, "container", "type") != "message":
        return Ignored("an action outside of a message")
    return Click(
        user=_text(body, "user", "id"),
        team=_team(body),
        app=_text(body, "api_app_id"),
        action=_text(actions[0], "action_id"),
        value=_maybe(actions[0], "value") or _maybe(actions[0], "selected_option", "value") or "",
        trigger_id=_text(body, "trigger_id"),
        channel=_text(body, "container", "channel_id"),
        ts=_text(body, "container", "message_ts"),
        action_ts=_text(actions[0], "action_ts"),
        thread_ts=_maybe(body, "container", "thread_ts"),
        response_url=_maybe(body, "response_url"),
    )


def _submitted(body: Mapping[str, Any]) -> Submitted:
    metadata = _object(_maybe(body, "view", "private_metadata") or "{}")
    return Submitted(
        user=_text(body, "user", "id"),
        team=_team(body),
        app=_text(body, "api_app_id"),
        view_id=_text(body, "view", "id"),
        callback=_maybe(body, "view", "callback_id") or "",
        metadata={key: value for key in metadata if (value := _maybe(metadata, key))},
        values=_values(_at(body, "view", "state", "values")),
    )


def _values(blocks: Any) -> dict[str, str]:
    """The one value of each input block; an empty input is an empty text."""
    values: dict[str, str] = {}
    for block_id, actions in blocks.items() if isinstance(blocks, dict) else ():
        for element in actions.values() if isinstance(actions, dict) else ():
            chosen = _maybe(element, "value") or _maybe(element, "selected_option", "value")
            values[block_id] = chosen or ""
    return values


def _team(body: Mapping[str, Any]) -> str:
    """The workspace of the person; ``team`` is null where the app is installed for a whole organisation."""
    installed = _maybe(body, "view", "app_installed_team_id")
    team = _maybe(body, "user", "team_id") or _maybe(body, "team", "id") or installed
    if team is None:
        raise Malformed("team is missing")
    return team


def _event(body: Mapping[str, Any]) -> Incoming:
    kind = _text(body, "type")
    if kind == "url_verification":
        return Challenge(_text(body, "challenge"))
    if kind != "event_callback":
        return Ignored(f"{kind} is not listened to")
    event = _at(body, "event")
    about = _text(event, "type")
    if about != "message":
        return Ignored(f"{about} is not listened to")
    reason = _not_said(body, event)
    return Ignored(reason) if reason else _said(body, event)


def _not_said(body: Mapping[str, Any], event: Mapping[str, Any]) -> str | None:
    """Why this is no colleague's word in a thread, if it is not."""
    thread = event.get("thread_ts")
    reasons = {
        "not something a person said": bool(event.get("subtype")) and _maybe(event, "subtype") not in SPOKEN,
        "said by a bot": bool(event.get("bot_id")) or not event.get("user"),
        "not in a thread": not thread or thread == event.get("ts"),
        "said by a stranger": _stranger(body, event),
        "no words": not event.get("text") and not event.get("files"),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _stranger(body: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Somebody of another workspace in a shared channel, or somebody there who cannot be told from one."""
    teams = [team for key in ("team", "user_team", "source_team") if (team := event.get(key))]
    if not teams:
        return bool(body.get("is_ext_shared_channel"))
    return any(team != body.get("team_id") for team in teams)


def _said(body: Mapping[str, Any], event: Mapping[str, Any]) -> Said:
    files = event.get("files")
    return Said(
        event_id=_text(body, "event_id"),
        user=_text(event, "user"),
        team=_text(body, "team_id"),
        app=_text(body, "api_app_id"),
        channel=_text(event, "channel"),
        thread_ts=_text(event, "thread_ts"),
        ts=_text(event, "ts"),
        text=_with_emoji(_maybe(event, "text") or "", event.get("blocks")),
        files=tuple(_maybe(one, "name") or "file" for one in files) if isinstance(files, list) else (),
    )


def _with_emoji(text: str, blocks: Any) -> str:
    """``:wave:`` as the character it stands for, where the rich form of the message tells which one that is."""
    for name, code in _emoji(blocks):
        text = text.replace(f":{name}:", code)
    return text


def _emoji(nodes: Any, depth: int = EMOJI_DEPTH) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for node in nodes if isinstance(nodes, list) and depth else ():
        name, code = _maybe(node, "name"), _maybe(node, "unicode")
        if _at(node, "type") == "emoji" and name and code:
            found.append((name, _characters(code)))
        found += _emoji(_at(node, "elements"), depth - 1)
    return found


def _characters(code: str) -> str:
    try:
        return _wellformed("".join(chr(int(point, 16)) for point in code.split("-")))
    except (ValueError, OverflowError) as error:
        raise Malformed("an emoji is no list of code points") from error


def _wellformed(text: str) -> str:
    """JSON can spell half a character (a lone surrogate), which no store or network takes."""
    return text.encode("utf-8", "replace").decode()


def _at(node: Any, *path: str) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _maybe(node: Any, *path: str) -> str | None:
    found = _at(node, *path)
    return _wellformed(found) if isinstance(found, str) and found else None


def _text(node: Any, *path: str) -> str:
    found = _maybe(node, *path)
    if found is None:
        raise Malformed(f"{'.'.join(path)} is missing")
    return found
