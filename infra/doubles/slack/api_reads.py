"""`auth.test`, `conversations.*` and `users.*`."""

from infra.doubles.slack.api import Api, Method, required
from infra.doubles.slack.shapes import Json, SlackError
from infra.doubles.slack.workspace import Message

PAGE = 100
MEMBER_FLAGS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


def _auth_test(api: Api, args: Json) -> Json:
    who = api.workspace.identity
    ids = {"team_id": who.team_id, "user_id": who.bot_user_id, "bot_id": who.bot_id}
    return {"url": f"https://{who.domain}.slack.com/", "team": who.domain, "user": "heed"} | ids


def _info(api: Api, args: Json) -> Json:
    channel = api.workspace.channel(required(args, "channel", "channel_not_found"))
    about = {"id": channel.id, "name": channel.name, "is_channel": True, "is_private": False}
    return {"channel": about | {"is_archived": channel.archived, "is_member": channel.member}}


def _history(api: Api, args: Json) -> Json:
    """Newest first; replies only when they were broadcast to the channel."""
    channel = api.workspace.channel(required(args, "channel", "channel_not_found"))
    shown = [m for m in api.workspace.visible(channel.id) if not m.is_reply or m.body.get("subtype")]
    return _page(api, shown[::-1], args)


def _replies(api: Api, args: Json) -> Json:
    """The root first, then its replies, oldest first. The ts of a reply finds its thread too."""
    channel = api.workspace.channel(required(args, "channel", "channel_not_found"))
    message = api.workspace.find(channel.id, str(args.get("ts")))
    if message is None or message.seen_by:
        raise SlackError("thread_not_found")
    root = api.workspace.find(channel.id, message.root) or message
    return _page(api, [root, *api.workspace.replies(root)], args)


def _page(api: Api, messages: list[Message], args: Json) -> Json:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9")
    messages = [m for m in messages if oldest < m.ts < latest]
    limit, start = _number(args, "limit", PAGE), _number(args, "cursor", 0)
    shown = messages[start : start + limit]
    more = start + limit < len(messages)
    with_metadata = bool(args.get("include_all_metadata"))
    return {
        "messages": [api.workspace.described(m, with_metadata) for m in shown],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def _number(args: Json, key: str, default: int) -> int:
    value = str(args.get(key) or default)
    if not value.isdecimal():
        raise SlackError("invalid_cursor" if key == "cursor" else "invalid_limit")
    return int(value)


def _user(api: Api, key: str) -> Json:
    about = api.workspace.users[key]
    name = about.get("real_name", about["name"])
    profile = {"real_name": name, "display_name": about["name"], "email": about.get("email", "")}
    basics = {"id": key, "team_id": api.workspace.identity.team_id, "name": about["name"], "real_name": name}
    flags = {flag: bool(about.get(flag)) for flag in MEMBER_FLAGS}
    return {"user": basics | {"profile": profile, "tz": "UTC", "is_email_confirmed": True} | flags}


def _users_info(api: Api, args: Json) -> Json:
    key = required(args, "user", "user_not_found")
    if key not in api.workspace.users:
        raise SlackError("user_not_found")
    return _user(api, key)


def _users_by_email(api: Api, args: Json) -> Json:
    wanted = required(args, "email", "users_not_found").lower()
    found = [key for key, about in api.workspace.users.items() if about.get("email", "").lower() == wanted]
    if not found:
        raise SlackError("users_not_found")
    return _user(api, found[0])


METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "conversations.info": _info,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "users.info": _users_info,
    "users.lookupByEmail": _users_by_email,
}
