"""People on a Facebook Page and in Messenger.

Comments and posts are `changes[].field == "feed"` with `created_time` in seconds; messages are `messaging[]` in
milliseconds. Receipts carry a watermark. Source: Meta docs, checked against the sample payloads.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.meta import Conversation, change, sign
from infra.doubles.networks.people.shapes import Event, Json, Kinds, Voice, meta_bytes

PAGE_INBOX_APP = 263902037430900
ESCAPED = str.maketrans({"<": "\\u003C", "%": "\\u0025", "@": "\\u0040"})
chat = Conversation("page")


def encode(payload: Json) -> bytes:
    """Facebook escapes `<`, `%` and `@` as well."""
    return meta_bytes(payload).decode().translate(ESCAPED).encode()


def _author(account: Account, event: Event, ours: bool) -> Json:
    who = (account.native_id, account.name) if ours else (event.person.id, event.person.name)
    return dict(zip(("id", "name"), who, strict=True))


def _comment(account: Account, event: Event, verb: str, ours: bool = False) -> Json:
    value: Json = {"from": _author(account, event, ours), "message": event.text, "post_id": event.thread}
    value |= {"comment_id": event.id, "created_time": event.seconds, "item": "comment"}
    value |= {"parent_id": event.parent or event.thread, "verb": verb}
    if event.file:
        value["photo"] = f"https://scontent.xx.fbcdn.net/{event.id}.jpg"
    if verb == "remove" or event.file:
        del value["message"]
    return change("page", account, event, "feed", value)


def comment(account: Account, event: Event) -> Json:
    return _comment(account, event, "add")


def comment_edit(account: Account, event: Event) -> Json:
    return _comment(account, event, "edited")


def comment_delete(account: Account, event: Event) -> Json:
    return _comment(account, event, "remove")


def comment_echo(account: Account, event: Event) -> Json:
    return _comment(account, event, "add", ours=True)


def post(account: Account, event: Event) -> Json:
    value: Json = {"from": _author(account, event, ours=False), "message": event.text, "post_id": event.id}
    value |= {"created_time": event.seconds, "item": "post", "is_hidden": False, "published": 1, "verb": "add"}
    return change("page", account, event, "feed", value)


def mention(account: Account, event: Event) -> Json:
    """Somewhere else on Facebook; the author is never told."""
    value: Json = {"message": event.text, "post_id": event.thread, "comment_id": event.id}
    value |= {"created_time": event.seconds, "item": "comment", "verb": "add"}
    return change("page", account, event, "mention", value)


def comment_reaction(account: Account, event: Event) -> Json:
    value: Json = {"from": _author(account, event, ours=False), "parent_id": event.id, "post_id": event.thread}
    value |= {"created_time": event.seconds, "item": "reaction", "reaction_type": "love", "verb": "add"}
    return change("page", account, event, "feed", value)


def delivered(account: Account, event: Event) -> Json:
    return chat.status(account, event, delivery={"mids": [event.id], "watermark": event.millis})


def read(account: Account, event: Event) -> Json:
    return chat.status(account, event, read={"watermark": event.millis})


def echo(account: Account, event: Event) -> Json:
    """Sent by our app: its id comes back, and as metadata what `parent` says."""
    metadata = {"metadata": event.parent} if event.parent else {}
    return chat.echo(account, event, app_id=int(account.app_id), **metadata)


def echo_other(account: Account, event: Event) -> Json:
    """A colleague wrote in Meta Business Suite."""
    return chat.echo(account, event, app_id=PAGE_INBOX_APP)


KINDS: Kinds = {
    "message": chat.message,
    "edit": chat.edit,
    "delete": chat.unsend,
    "reaction": chat.reaction,
    "unreact": chat.unreact,
    "delivered": delivered,
    "read": read,
    "echo": echo,
    "echo_other": echo_other,
    "post": post,
    "comment": comment,
    "comment_edit": comment_edit,
    "comment_delete": comment_delete,
    "comment_reaction": comment_reaction,
    "comment_echo": comment_echo,
    "mention": mention,
}
VOICE = Voice(KINDS, encode, sign)
