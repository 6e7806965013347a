"""The same people told by X's older Account Activity API: `for_user_id` and one list of events.

Numeric `id` beside `id_str`, text with `&amp; &lt; &gt;`, `user_has_blocked` as the string "false". Source: Account
Activity API docs.
"""

import html

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.shapes import Event, Json


def _user(native_id: str, name: str, handle: str, followers: int) -> Json:
    names = {"id": int(native_id), "id_str": native_id, "name": name, "screen_name": handle}
    return names | {"protected": False, "verified": False, "followers_count": followers}


def _customer(event: Event) -> Json:
    who = event.person
    return _user(who.id, who.name, who.handle, who.followers)


def mention(account: Account, event: Event) -> Json:
    text = html.escape(event.text, quote=False)
    mentioned: Json = {"screen_name": account.handle, "id": int(account.native_id), "id_str": account.native_id}
    mentioned["name"] = account.name
    tweet: Json = {"created_at": event.at.strftime("%a %b %d %H:%M:%S +0000 %Y"), "id": int(event.id)}
    tweet |= {"id_str": event.id, "text": text, "truncated": False, "user": _customer(event)}
    tweet |= {
        "in_reply_to_status_id_str": event.parent or None,
        "is_quote_status": False,
        "lang": event.person.language,
    }
    tweet |= {
        "entities": {"hashtags": [], "urls": [], "symbols": [], "user_mentions": [mentioned]},
        "timestamp_ms": str(event.millis),
    }
    return {"for_user_id": account.native_id, "user_has_blocked": "false", "tweet_create_events": [tweet]}


def message(account: Account, event: Event) -> Json:
    content = {"text": html.escape(event.text, quote=False), "entities": {}}
    create = {"target": {"recipient_id": account.native_id}, "sender_id": event.person.id, "message_data": content}
    element = {"type": "message_create", "id": event.id, "created_timestamp": str(event.millis)}
    users = {event.person.id: _customer(event) | {"id": event.person.id}}
    told = {"for_user_id": account.native_id, "direct_message_events": [{**element, "message_create": create}]}
    return told | {"users": users}


def delete(account: Account, event: Event) -> Json:
    element = {"status": {"id": event.id, "user_id": event.person.id}, "timestamp_ms": str(event.millis)}
    return {"for_user_id": account.native_id, "tweet_delete_events": [element]}
