"""People behind a generic sender: `{"type":"message.received|edited|deleted","timestamp":ISO,"data":{...}}`.

Signed with `webhook-id`, `webhook-timestamp`, `webhook-signature`. Source: the Standard Webhooks specification; the
fields of `data` are Heed's own.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.shapes import Builder, Event, Json, Kinds, Voice, iso, plain
from infra.doubles.networks.signing import standard_headers


def sign(account: Account, event: Event, body: bytes) -> dict[str, str]:
    signed = standard_headers(account.secret, f"msg_{event.number:016x}", event.seconds, body)
    return {"Content-Type": "application/json", **signed}


def _conversation(event: Event) -> str:
    return event.thread or f"conv_{event.person.id}"


def _told(event: Event, kind: str, data: Json) -> Json:
    base = {"id": event.id, "conversation_id": _conversation(event)}
    return {"type": f"message.{kind}", "timestamp": iso(event.at), "data": {**base, **data}}


def _received(event: Event, visibility: str) -> Json:
    who = event.person
    data: Json = {"author": {"id": who.id, "name": who.name, "handle": who.handle}, "text": event.text}
    if event.parent:
        data["in_reply_to"] = event.parent
    return _told(event, "received", data | {"attachments": [], "visibility": visibility, "sent_at": iso(event.at)})


def message(account: Account, event: Event) -> Json:
    return _received(event, "private")


def comment(account: Account, event: Event) -> Json:
    return _received(event, "public")


def edit(account: Account, event: Event) -> Json:
    return _told(event, "edited", {"text": event.text, "edited_at": iso(event.at)})


def delete(account: Account, event: Event) -> Json:
    return _told(event, "deleted", {})


def _of_ours(kind: str, **more: object) -> Builder:
    """News of a reply; ``id`` is the one under which it was sent."""

    def told(account: Account, event: Event) -> Json:
        data = {"id": event.id, "conversation_id": _conversation(event), "visibility": "private", **more}
        said = {"text": event.text, "recipient": {"id": event.person.id}} if kind == "sent" else {}
        return {"type": f"reply.{kind}", "timestamp": iso(event.at), "data": {**data, **said}}

    return told


KINDS: Kinds = {
    "message": message,
    "comment": comment,
    "edit": edit,
    "delete": delete,
    "echo": _of_ours("sent"),
    "delivered": _of_ours("delivered"),
    "read": _of_ours("read"),
    "failed": _of_ours("failed", reason="blocked"),
}
VOICE = Voice(KINDS, plain, sign)
