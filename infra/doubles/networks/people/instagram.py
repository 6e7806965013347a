"""People on Instagram.

Comments are `changes[].field == "comments"` without a time of their own and without webhooks for edits and deletes;
a mention has ids only. Messages are like Messenger's, but `read` names a message id. Source: Instagram Platform docs.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.meta import Conversation, change, sign
from infra.doubles.networks.people.shapes import Event, Json, Kinds, Voice, meta_bytes

chat = Conversation("instagram")


def _comment(account: Account, event: Event, author: Json) -> Json:
    value: Json = {"from": author, "media": {"id": event.thread, "media_product_type": "FEED"}}
    value |= {"id": event.id, "text": event.text}
    if event.parent:
        value["parent_id"] = event.parent
    return change("instagram", account, event, "comments", value)


def comment(account: Account, event: Event) -> Json:
    return _comment(account, event, {"id": event.person.id, "username": event.person.handle})


def comment_echo(account: Account, event: Event) -> Json:
    """Own comments are marked by `self_ig_scoped_id`."""
    own = {"id": account.native_id, "username": account.handle, "self_ig_scoped_id": "1044900112233"}
    return _comment(account, event, own)


def mention(account: Account, event: Event) -> Json:
    return change("instagram", account, event, "mentions", {"media_id": event.thread, "comment_id": event.id})


def read(account: Account, event: Event) -> Json:
    return chat.status(account, event, read={"mid": event.id})


def echo(account: Account, event: Event) -> Json:
    """Instagram does not tell which app, or which colleague, has sent it."""
    return chat.echo(account, event)


KINDS: Kinds = {
    "message": chat.message,
    "edit": chat.edit,
    "delete": chat.unsend,
    "reaction": chat.reaction,
    "unreact": chat.unreact,
    "read": read,
    "echo": echo,
    "comment": comment,
    "comment_echo": comment_echo,
    "mention": mention,
}
VOICE = Voice(KINDS, meta_bytes, sign)
