"""People on X, told by the X Activity API: `{"data":{"event_uuid","filter","event_type","tag","payload","includes"}}`.

An edited post is a new id (`new_id`) whose `edit_history_tweet_ids` starts with the first. Direct messages keep the
older shape and escape `& < >`. A customer's deleted post is told by the Account Activity API only (`x_legacy`).
Source: X Activity API docs.
"""

import html
from dataclasses import replace

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people import x_legacy
from infra.doubles.networks.people.shapes import Event, Json, Kinds, Voice, iso, meta_bytes, plain
from infra.doubles.networks.signing import x_signature

SHORT = "https://t.co/"
NO_ENTITIES: Json = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}


def encode(payload: Json) -> bytes:
    """Raw UTF-8 from the X Activity API, escaped ASCII from the older one."""
    return plain(payload) if "data" in payload else meta_bytes(payload)


def sign(account: Account, event: Event, body: bytes) -> dict[str, str]:
    signature = x_signature(account.secret, body)
    return {"Content-Type": "application/json", "x-twitter-webhooks-signature": signature}


def _told(account: Account, event: Event, kind: str, tag: str, payload: Json, **more: Json) -> Json:
    """`event_uuid` is text of a signed 64-bit number, so it may be negative."""
    signed = event.number - (1 << 63)
    data: Json = {"event_uuid": str(signed), "filter": {"user_id": account.native_id}, "event_type": kind}
    return {"data": {**data, "tag": tag, "payload": payload, **more}}


def _user(native_id: str, name: str, handle: str, followers: int) -> Json:
    user: Json = {"id": native_id, "name": name, "username": handle, "protected": False, "verified": False}
    counts = {"followers_count": followers, "following_count": 10, "tweet_count": 5, "listed_count": 0}
    twins = {f"{name}_str": str(count) for name, count in counts.items()}
    picture = "https://pbs.twimg.com/profile_images/1/x_normal.jpg"
    user |= {"verified_type": "none", "description": "", "profile_image_url": picture}
    return user | {"created_at": "2019-02-03T04:05:06.000Z", "public_metrics": counts | twins}


def _customer(event: Event) -> Json:
    who = event.person
    return _user(who.id, who.name, who.handle, who.followers)


def _brand(account: Account) -> Json:
    return _user(account.native_id, account.name, account.handle, 25110)


def _mentions(account: Account, text: str) -> list[Json]:
    start = text.find("@" + account.handle)
    end = start + len(account.handle) + 1
    place = {"start": start, "start_str": str(start), "end": end, "end_str": str(end)}
    return [{**place, "username": account.handle, "id": account.native_id}] if start >= 0 else []


def _post(account: Account, event: Event, author: str) -> Json:
    versions = [event.id, event.new_id] if event.new_id else [event.id]
    post: Json = {"id": versions[-1], "text": event.text, "author_id": author, "created_at": iso(event.at)}
    if event.file:
        post |= {"text": f"{event.text} {SHORT}{event.id}".strip(), "attachments": {"media_keys": [f"3_{event.id}"]}}
    post |= {"conversation_id": event.thread or event.id, "lang": event.person.language, "reply_settings": "everyone"}
    left = 6 - len(versions)
    controls = {"edits_remaining": left, "edits_remaining_str": str(left), "is_edit_eligible": True}
    post |= {"edit_history_tweet_ids": versions, "edit_controls": controls}
    post |= {"possibly_sensitive": False, "paid_partnership": False}
    hidden = len(account.handle) + 2 if event.parent and event.text.startswith(f"@{account.handle} ") else 0
    post |= {"display_text_range": [hidden, len(event.text)], "entities": {"mentions": _mentions(account, event.text)}}
    return post | (_answer(account, event, author) if event.parent else {})


def _answer(account: Account, event: Event, author: str) -> Json:
    answered = event.person.id if author == account.native_id else account.native_id
    reference = {"type": "replied_to", "id": event.parent}
    return {
        "in_reply_to_tweet_id": event.parent,
        "in_reply_to_user_id": answered,
        "referenced_tweets": [reference],
    }


def mention(account: Account, event: Event) -> Json:
    post = _post(account, event, event.person.id)
    includes = {"users": [_customer(event), _brand(account)]}
    return _told(account, event, "post.mention.create", "mentions", post, includes=includes)


def comment(account: Account, event: Event) -> Json:
    """A direct reply to one of our posts; `includes` is empty, so the name is unknown."""
    post = _post(account, event, event.person.id)
    return _told(account, event, "post.reply.create", "replies", post, includes={})


def quote(account: Account, event: Event) -> Json:
    """`parent` is the post of ours that is quoted."""
    post = _post(account, replace(event, parent=""), event.person.id)
    post["referenced_tweets"] = [{"type": "quoted", "id": event.parent}]
    includes = {"users": [{"data": _customer(event)}]}
    return _told(account, event, "post.quote.create", "quotes", post, includes=includes)


def comment_echo(account: Account, event: Event) -> Json:
    post = _post(account, event, account.native_id)
    return _told(account, event, "post.create", "posts", post, includes={"users": [_brand(account)]})


def own_delete(account: Account, event: Event) -> Json:
    payload = {"id": event.id, "author_id": account.native_id}
    return _told(
        account, event, "post.delete", "post-deletes", payload, includes={"users": [{"data": _brand(account)}]}
    )


def like(account: Account, event: Event) -> Json:
    payload: Json = {"id": f"{event.number:032x}", "created_at": iso(event.at), "timestamp_ms": str(event.millis)}
    payload |= {"liked_tweet_author_id": account.native_id, "liked_tweet_id": event.id}
    includes = {"users": [_customer(event)]}
    whose = {"user_id": account.native_id, "direction": "inbound"}
    return _told(account, event, "like.create", "likes", payload, includes=includes, filter=whose)


def _direct(account: Account, event: Event, sender: str, recipient: str) -> Json:
    content: Json = {"text": html.escape(event.text, quote=False), "entities": NO_ENTITIES}
    if event.file:
        link = f"{SHORT}{event.id}"
        media = {"id_str": event.id, "type": event.file, "url": link}
        content |= {"text": f"{content['text']} {link}", "attachment": {"type": "media", "media": media}}
    create = {"target": {"recipient_id": recipient}, "sender_id": sender, "message_data": content}
    stamp = {"id": event.id, "created_timestamp": str(event.millis)}
    return {"direct_message_events": [{"type": "message_create", **stamp, "message_create": create}]}


def message(account: Account, event: Event) -> Json:
    payload = _direct(account, event, event.person.id, account.native_id)
    users = {event.person.id: {"data": _customer(event)}, account.native_id: {"data": _brand(account)}}
    return _told(account, event, "dm.received", "dm-inbound", payload | {"users": users})


def echo(account: Account, event: Event) -> Json:
    payload = _direct(account, event, account.native_id, event.person.id)
    return _told(account, event, "dm.sent", "dm-outbound", payload | {"users": {}})


def read(account: Account, event: Event) -> Json:
    """The docs do not print this payload; the double uses the Account Activity element."""
    element: Json = {"created_timestamp": str(event.millis), "sender_id": event.person.id}
    element |= {"target": {"recipient_id": account.native_id}, "last_read_event_id": event.id}
    return _told(account, event, "dm.read", "dm-read", {"direct_message_mark_read_events": [element]})


KINDS: Kinds = {
    "mention": mention,
    "comment": comment,
    "quote": quote,
    "edit": mention,
    "reaction": like,
    "comment_echo": comment_echo,
    "own_delete": own_delete,
    "message": message,
    "echo": echo,
    "read": read,
    "aaa_mention": x_legacy.mention,
    "aaa_message": x_legacy.message,
    "aaa_delete": x_legacy.delete,
}
VOICE = Voice(KINDS, encode, sign)
