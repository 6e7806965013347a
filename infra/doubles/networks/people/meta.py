"""The envelope and the messaging events that Messenger and Instagram share.

`{"object","entry":[{"id","time","messaging":[...]}]}`, where `time` is milliseconds, or `"changes":[{"field","value"}]`
with `time` in seconds. Source: Meta webhooks docs, Messenger and Instagram messaging.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.shapes import Event, Json
from infra.doubles.networks.signing import meta_signature

LOVE = "\u2764\ufe0f"


def sign(account: Account, event: Event, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Hub-Signature-256": meta_signature(account.secret, body)}


def change(kind: str, account: Account, event: Event, field: str, value: Json) -> Json:
    entry = {"id": account.native_id, "time": event.seconds + 1, "changes": [{"value": value, "field": field}]}
    return {"object": kind, "entry": [entry]}


class Conversation:
    """Builders for `entry.messaging[]` of one `object`: `page` or `instagram`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def _event(self, account: Account, event: Event, content: Json, ours: bool = False) -> Json:
        ends = [{"id": event.person.id}, {"id": account.native_id}]
        sender, recipient = reversed(ends) if ours else ends
        item = {"sender": sender, "recipient": recipient, "timestamp": event.millis, **content}
        entry = {"id": account.native_id, "time": event.millis + 390, "messaging": [item]}
        return {"object": self.kind, "entry": [entry]}

    def message(self, account: Account, event: Event) -> Json:
        answered = {"reply_to": {"mid": event.parent}} if event.parent else {}
        return self._event(account, event, {"message": {"mid": event.id, "text": event.text, **answered}})

    def edit(self, account: Account, event: Event) -> Json:
        """`num_edit` is text in Messenger and a number on Instagram."""
        turn = str(event.version) if self.kind == "page" else event.version
        edit = {"mid": event.id, "text": event.text, "num_edit": turn}
        return self._event(account, event, {"message_edit": edit})

    def unsend(self, account: Account, event: Event) -> Json:
        return self._event(account, event, {"message": {"mid": event.id, "is_deleted": True}})

    def reaction(self, account: Account, event: Event) -> Json:
        name = "love" if event.emoji == LOVE else "other"
        reaction = {"reaction": name, "emoji": event.emoji, "action": "react", "mid": event.id}
        return self._event(account, event, {"reaction": reaction})

    def unreact(self, account: Account, event: Event) -> Json:
        return self._event(account, event, {"reaction": {"action": "unreact", "mid": event.id}})

    def echo(self, account: Account, event: Event, **more: object) -> Json:
        """A message of ours."""
        file = {"attachments": [{"type": event.file, "payload": {"url": f"https://cdn.example/{event.id}"}}]}
        message = {"mid": event.id, **(file if event.file else {"text": event.text}), "is_echo": True, **more}
        return self._event(account, event, {"message": message}, ours=True)

    def status(self, account: Account, event: Event, **status: Json) -> Json:
        return self._event(account, event, dict(status))
