"""Buttons, menus, windows and shortcuts: what Slack posts as a form with one ``payload``."""

from collections.abc import Mapping
from typing import Any

from chalicelib.channels.base import Malformed
from chalicelib.slack.incoming import Click, Closed, Ignored, Incoming, Shortcut, Submitted
from chalicelib.slack.inputs import ANEW
from chalicelib.slack.reading import at, maybe, need, parsed


def interaction(body: Mapping[str, Any]) -> Incoming:
    kind = need(body, "type")
    read = _KINDS.get(kind)
    return read(body) if read else Ignored(f"{kind} is not listened to")


def _click(body: Mapping[str, Any]) -> Click | Ignored:
    actions = at(body, "actions")
    if not isinstance(actions, list) or not actions:
        raise Malformed("actions is missing")
    place = at(body, "container", "type")
    if place not in ("message", "view"):
        return Ignored("an action outside of a message or a view")
    used = actions[0]
    where = _in_message(body) if place == "message" else _in_view(body)
    return Click(
        user=need(body, "user", "id"),
        team=_team(body),
        app=need(body, "api_app_id"),
        action=need(used, "action_id").partition(ANEW)[0],
        value=_chosen(used),
        trigger_id=need(body, "trigger_id"),
        action_ts=need(used, "action_ts"),
        **where,
    )


def _in_message(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "channel": need(body, "container", "channel_id"),
        "ts": need(body, "container", "message_ts"),
        "thread_ts": maybe(body, "container", "thread_ts"),
        "response_url": maybe(body, "response_url"),
    }


def _in_view(body: Mapping[str, Any]) -> dict[str, Any]:
    """A window or the Home tab; there is no channel to answer in."""
    return {
        "view_id": need(body, "view", "id"),
        "view_hash": maybe(body, "view", "hash") or "",
        "home": at(body, "view", "type") == "home",
        "callback": maybe(body, "view", "callback_id") or "",
        "metadata": _metadata(body),
        "values": values(at(body, "view", "state", "values"))[0],
    }


def _submitted(body: Mapping[str, Any]) -> Submitted:
    kept, blocks = values(at(body, "view", "state", "values"))
    return Submitted(
        user=need(body, "user", "id"),
        team=_team(body),
        app=need(body, "api_app_id"),
        view_id=need(body, "view", "id"),
        callback=maybe(body, "view", "callback_id") or "",
        metadata=_metadata(body),
        values=kept,
        blocks=blocks,
        trigger_id=maybe(body, "trigger_id") or "",
    )


def _closed(body: Mapping[str, Any]) -> Closed:
    return Closed(
        user=need(body, "user", "id"),
        team=_team(body),
        app=need(body, "api_app_id"),
        view_id=need(body, "view", "id"),
        callback=maybe(body, "view", "callback_id") or "",
        metadata=_metadata(body),
        values=values(at(body, "view", "state", "values"))[0],
    )


def _shortcut(body: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        user=need(body, "user", "id"),
        team=_team(body),
        app=maybe(body, "api_app_id") or "",
        callback=need(body, "callback_id"),
        trigger_id=need(body, "trigger_id"),
        channel=need(body, "channel", "id"),
        ts=need(body, "message_ts"),
        thread_ts=maybe(body, "message", "thread_ts"),
        text=maybe(body, "message", "text") or "",
        author=maybe(body, "message", "user"),
        post=maybe(body, "message", "metadata", "event_payload", "post"),
        response_url=maybe(body, "response_url"),
    )


def _metadata(body: Mapping[str, Any]) -> dict[str, str]:
    """What we put into the view: our own JSON object of texts, or nothing."""
    raw = parsed(maybe(body, "view", "private_metadata") or "{}")
    return {key: value for key in raw if (value := maybe(raw, key))}


def values(blocks: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The one value of each input block by the block's name, and under which id the block stands in the view."""
    found: dict[str, str] = {}
    ids: dict[str, str] = {}
    for block_id, actions in blocks.items() if isinstance(blocks, dict) else ():
        for element in actions.values() if isinstance(actions, dict) else ():
            name = block_id.partition(ANEW)[0]
            found[name], ids[name] = _chosen(element), block_id
    return found, ids


def _chosen(element: Any) -> str:
    """What somebody typed or chose, a file by its id; several with commas between, an empty field as an empty text."""
    moment = at(element, "selected_date_time")
    if isinstance(moment, int) and not isinstance(moment, bool):
        return str(moment)
    several = at(element, "selected_options")
    if isinstance(several, list):
        return ",".join(value for one in several if (value := maybe(one, "value")))
    files = at(element, "files")
    if isinstance(files, list):
        return ",".join(id for one in files if (id := maybe(one, "id")))
    one = maybe(element, "selected_option", "value") or maybe(element, "selected_user")
    return one or maybe(element, "value") or ""


def _team(body: Mapping[str, Any]) -> str:
    """The workspace of the person; ``team`` is null where the app is installed for a whole organisation."""
    installed = maybe(body, "view", "app_installed_team_id")
    team = maybe(body, "user", "team_id") or maybe(body, "team", "id") or installed
    if team is None:
        raise Malformed("team is missing")
    return team


_KINDS = {
    "block_actions": _click,
    "view_submission": _submitted,
    "view_closed": _closed,
    "message_action": _shortcut,
}
