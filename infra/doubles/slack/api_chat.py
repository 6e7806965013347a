"""`chat.*`: post, update, delete, ephemeral, permalink."""

from copy import deepcopy

from infra.doubles.slack import events
from infra.doubles.slack.api import Api, Method, checked_blocks, required
from infra.doubles.slack.shapes import Json, SlackError
from infra.doubles.slack.workspace import Message


def _post_message(api: Api, args: Json) -> Json:
    channel = api.workspace.writable(required(args, "channel", "channel_not_found"))
    content = _content(args)
    if args.get("reply_broadcast") and content.get("thread_ts"):
        content["subtype"] = "thread_broadcast"
    message = api.workspace.post(channel.id, api.workspace.bot_author(), content)
    api.tell_posted(message)
    return {"channel": channel.id, "ts": message.ts, "message": api.workspace.described(message)}


def _post_ephemeral(api: Api, args: Json) -> Json:
    channel = api.workspace.writable(required(args, "channel", "channel_not_found"))
    user = required(args, "user", "user_not_found")
    if user not in api.workspace.users:
        raise SlackError("user_not_in_channel")
    message = api.workspace.post(channel.id, api.workspace.bot_author(), _content(args), seen_by=user)
    return {"message_ts": message.ts}


def _content(args: Json) -> Json:
    content = checked_blocks(args)
    if not any(content.get(key) for key in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    return content | ({"thread_ts": str(args["thread_ts"])} if args.get("thread_ts") else {})


def _update(api: Api, args: Json) -> Json:
    message = _own(api, args, "cant_update_message")
    changes = checked_blocks(args)
    if not changes:
        raise SlackError("no_text")
    previous = api.workspace.edit(message, changes, api.workspace.identity.bot_user_id)
    api.announce(events.changed(message, previous, api.workspace.counters.ts()))
    body = deepcopy(message.body)
    return {"channel": message.channel, "ts": message.ts, "text": body["text"], "message": body}


def _delete(api: Api, args: Json) -> Json:
    message = _own(api, args, "cant_delete_message")
    previous = deepcopy(message.body)
    tombstone = api.workspace.delete(message)
    event = events.changed if tombstone else events.deleted
    api.announce(event(message, previous, api.workspace.counters.ts()))
    return {"channel": message.channel, "ts": message.ts}


def _own(api: Api, args: Json, refusal: str) -> Message:
    """A message the bot wrote. Ephemeral ones cannot be found by anybody."""
    channel = api.workspace.writable(required(args, "channel", "channel_not_found"))
    message = api.workspace.find(channel.id, str(args.get("ts")))
    if message is None or message.seen_by:
        raise SlackError("message_not_found")
    if message.body.get("bot_id") != api.workspace.identity.bot_id:
        raise SlackError(refusal)
    return message


def _permalink(api: Api, args: Json) -> Json:
    """The link opens the double's own page at that message."""
    channel = api.workspace.channel(required(args, "channel", "channel_not_found"))
    message = api.workspace.find(channel.id, str(args.get("message_ts")))
    if message is None:
        raise SlackError("message_not_found")
    link = f"{api.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.root}&cid={channel.id}" if message.is_reply else ""
    return {"channel": channel.id, "permalink": link + thread}


METHODS: dict[str, Method] = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
}
