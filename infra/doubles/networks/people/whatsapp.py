"""People on WhatsApp: `entry[].changes[].value` with `contacts[]` and `messages[]`, `statuses[]` or `message_echoes[]`.

Timestamps are STRINGS of seconds. A person without a phone number has `user_id` / `from_user_id` only. Edits and
revocations have a wamid of their own (`new_id`). Source: WhatsApp Cloud API docs.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.meta import sign
from infra.doubles.networks.people.shapes import Builder, Event, Json, Kinds, Voice, meta_bytes


def _envelope(account: Account, content: Json, field: str = "messages") -> Json:
    metadata = {"display_phone_number": account.phone, "phone_number_id": account.native_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
    entry = {"id": account.parent_id, "changes": [{"value": value, "field": field}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _with_phone(event: Event, name: str) -> Json:
    return {name: event.person.phone} if event.person.phone else {}


def _inbound(account: Account, event: Event, native_id: str, content: Json) -> Json:
    contact = {"profile": {"name": event.person.name}, **_with_phone(event, "wa_id"), "user_id": event.person.id}
    sender = {**_with_phone(event, "from"), "from_user_id": event.person.id}
    message = {**sender, "id": native_id, "timestamp": str(event.seconds), **content}
    return _envelope(account, {"contacts": [contact], "messages": [message]})


def message(account: Account, event: Event) -> Json:
    context = {"context": {"from": account.phone, "id": event.parent}} if event.parent else {}
    return _inbound(account, event, event.id, {**context, "type": "text", "text": {"body": event.text}})


def edit(account: Account, event: Event) -> Json:
    changed = {"original_message_id": event.id, "message": {"type": "text", "text": {"body": event.text}}}
    return _inbound(account, event, event.new_id, {"type": "edit", "edit": changed})


def revoke(account: Account, event: Event) -> Json:
    return _inbound(account, event, event.new_id, {"type": "revoke", "revoke": {"original_message_id": event.id}})


def reaction(account: Account, event: Event) -> Json:
    reaction = {"message_id": event.id, "emoji": event.emoji}
    return _inbound(account, event, event.new_id, {"type": "reaction", "reaction": reaction})


def unreact(account: Account, event: Event) -> Json:
    reaction = {"message_id": event.id, "emoji": ""}
    return _inbound(account, event, event.new_id, {"type": "reaction", "reaction": reaction})


def _status(name: str, **more: object) -> Builder:
    """``parent`` is what the sender of the message attached to it."""

    def status(account: Account, event: Event) -> Json:
        base = {"id": event.id, "status": name, "timestamp": str(event.seconds)}
        recipient = {**_with_phone(event, "recipient_id"), "recipient_user_id": event.person.id}
        ours = {"biz_opaque_callback_data": event.parent} if event.parent else {}
        return _envelope(account, {"statuses": [{**base, **recipient, **ours, **more}]})

    return status


def echo_other(account: Account, event: Event) -> Json:
    """A colleague answered from the WhatsApp Business app on the phone."""
    addressed = {"from": account.phone, **_with_phone(event, "to"), "to_user_id": event.person.id}
    content = {"id": event.id, "timestamp": str(event.seconds), "type": "text", "text": {"body": event.text}}
    return _envelope(account, {"message_echoes": [{**addressed, **content}]}, "smb_message_echoes")


OUTSIDE_WINDOW = {
    "code": 131047,
    "title": "Re-engagement message",
    "message": "Re-engagement message",
    "error_data": {
        "details": "Message failed to send because more than 24 hours have passed since the customer last replied to "
        "this number."
    },
    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
}

KINDS: Kinds = {
    "message": message,
    "edit": edit,
    "delete": revoke,
    "reaction": reaction,
    "unreact": unreact,
    "sent": _status(
        "sent", pricing={"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
    ),
    "delivered": _status("delivered"),
    "read": _status("read"),
    "failed": _status("failed", errors=[OUTSIDE_WINDOW]),
    "echo_other": echo_other,
}
VOICE = Voice(KINDS, meta_bytes, sign)
