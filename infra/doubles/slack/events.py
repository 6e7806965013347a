"""Events API bodies. The shapes are those of docs.slack.dev, "Events API" and "message"."""

from copy import deepcopy

from infra.doubles.slack.counters import Counters
from infra.doubles.slack.shapes import Identity, Json
from infra.doubles.slack.workspace import Message


def posted(message: Message) -> Json:
    """`message` as everybody in the channel gets it, the bot itself included."""
    extra = {"channel": message.channel, "event_ts": message.ts, "channel_type": _kind(message.channel)}
    return deepcopy(message.body) | extra


def mentioned(message: Message) -> Json:
    kept = {key: value for key, value in posted(message).items() if key not in ("channel_type", "client_msg_id")}
    return kept | {"type": "app_mention"}


def changed(message: Message, previous: Json, ts: str) -> Json:
    """`message_changed`: the outer ts is the event's own."""
    return _hidden("message_changed", message, ts) | {
        "message": deepcopy(message.body),
        "previous_message": previous,
    }


def deleted(message: Message, previous: Json, ts: str) -> Json:
    about = {"deleted_ts": message.ts, "previous_message": previous}
    return _hidden("message_deleted", message, ts) | about


def home_opened(user: str, channel: str, ts: str, view: Json | None) -> Json:
    about: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": ts}
    return about | ({"view": view} if view else {})


def envelope(event: Json, identity: Identity, counters: Counters) -> Json:
    """The `event_callback` around an event. Its event_id stays the same when it is delivered again."""
    who = identity
    installed = {"enterprise_id": None, "team_id": who.team_id, "user_id": who.bot_user_id, "is_bot": True}
    return {
        "token": "deprecated",
        "team_id": who.team_id,
        "context_team_id": who.team_id,
        "context_enterprise_id": None,
        "api_app_id": who.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": counters.mint("Ev"),
        "event_time": int(counters.now()),
        "authorizations": [installed | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": "4-double",
    }


def _hidden(subtype: str, message: Message, ts: str) -> Json:
    about: Json = {"type": "message", "subtype": subtype, "channel": message.channel, "hidden": True}
    return about | {"ts": ts, "event_ts": ts, "channel_type": _kind(message.channel)}


def _kind(channel: str) -> str:
    return "im" if channel.startswith("D") else "channel"
