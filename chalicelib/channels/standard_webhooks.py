"""Any system that posts signed JSON: Standard Webhooks (standardwebhooks.com) in and out, and GitHub's comments."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.channels.base import (
    Capability,
    Channel,
    Credentials,
    Inbound,
    Limit,
    Refused,
    Request,
    Response,
    Unreadable,
)
from chalicelib.channels.parts.files import ANY as FILES
from chalicelib.channels.parts.reading import Fields, answered, echoed, pause, seconds, unknown
from chalicelib.channels.parts.signatures import any_equal, decode_secret, hex_sha256, hmac_sha256
from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import INBOUND, Attachment, Event, Kind, kind_of
from chalicelib.domain.instants import from_seconds, iso
from chalicelib.domain.reply import Enclosure, Failed, Later, Mode, Outcome, Outgoing, Sent

NAME = "standard_webhooks"
PREFIX = "whsec_"
PAUSE = timedelta(minutes=1)
LONGEST = 16_000
"""The standard asks to stay under 20 kB for a whole body."""


class StandardWebhooks(Channel):
    name = NAME
    title = "Webhook"
    api = ""
    files = FILES

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        if "x-hub-signature-256" in request.headers:
            wanted = [f"sha256={hex_sha256(secret, request.body)}" for secret in secrets]
            return any_equal(request.headers["x-hub-signature-256"], wanted)
        id, stamp, given = (_header(request, name) for name in ("id", "timestamp", "signature"))
        if abs(from_seconds(stamp) - now) > self.tolerance:
            raise Refused("the webhook was signed too long ago, or in the future")
        wanted = [signature(key, id, stamp, request.body) for key in _keys(secrets)]
        return any(any_equal(one, wanted) for one in given.split())

    def split(self, body: Any) -> Iterable[Any]:
        return [body]

    def parse(self, piece: Any) -> Iterable[Event]:
        webhook = Fields.of(piece)
        if "comment" in webhook and "issue" in webhook:
            return [_github(webhook, piece)]
        handler = EVENTS.get(webhook.text("type") or "")
        return [handler(webhook, webhook.sub("data")) if handler else unknown(NAME, piece)]

    def address(self, event: Event) -> Mapping[str, str]:
        named = {"conversation": event.conversation, "message": event.id, "author": event.author}
        return {key: value for key, value in named.items() if value is not None}

    def capabilities(self, event: Event) -> frozenset[Capability]:
        return frozenset({Capability.REPLY}) if event.kind in INBOUND else frozenset()

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(LONGEST, "bytes of JSON")

    def length(self, outgoing: Outgoing) -> int:
        return len(_json(clean(outgoing.text)))

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """A ``reply.sent`` under the reply's own id: whoever gets it twice knows that it is one."""
        url = credentials.options.get("reply_url") or credentials.api
        if not url or outgoing.attempted_at is None:
            raise ValueError("a reply needs the account's option reply_url and the time it is sent")
        stamp, body = str(int(outgoing.attempted_at.timestamp())), _reply(outgoing)
        signatures = [signature(key, outgoing.id, stamp, body) for key in _keys(credentials.secrets)]
        headers = {
            "content-type": "application/json",
            "webhook-id": outgoing.id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(signatures),
        }
        return Request("POST", url, headers, body)

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        """Only the status counts, and any other than 2xx may be tried again: the id makes a repeat harmless."""
        if 200 <= response.status < 300:
            return Sent(_native_id(outgoing, response))
        if response.status in _REFUSALS:
            return Failed(_REFUSALS[response.status], f"HTTP {response.status}")
        if 300 <= response.status < 500 and response.status not in (408, 425, 429):
            return Failed("refused", f"HTTP {response.status}")
        after = pause(seconds(response.headers.get("retry-after")), PAUSE)
        return Later(after, "rate_limited" if response.status == 429 else "unreachable")

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """To say it once more is to ask: the receiver knows the id, or learns it now."""
        return self.render(outgoing, credentials)

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        outcome = self.outcome(outgoing, response)
        return outcome.native_id if isinstance(outcome, Sent) else None


def signature(key: bytes, id: str, stamp: str, body: bytes) -> str:
    """What Standard Webhooks sign: the id, the time and the exact bytes."""
    message = b".".join((id.encode(), stamp.encode(), body))
    return f"v1,{b64encode(hmac_sha256(key, message)).decode()}"


def _header(request: Inbound, name: str) -> str:
    """Svix, where the standard began, writes its own name before the headers."""
    value = request.headers.get(f"webhook-{name}") or request.headers.get(f"svix-{name}")
    if not value:
        raise Refused(f"the header webhook-{name} is missing")
    return value


def _keys(secrets: Sequence[str]) -> list[bytes]:
    """GitHub's secrets are any text; the standard's are base64 after a prefix. An empty key would be everybody's."""
    keys = [decode_secret(one, PREFIX) if one.startswith(PREFIX) else one.encode() for one in secrets]
    return [key for key in keys if key]


def _reply(outgoing: Outgoing) -> bytes:
    at = iso(outgoing.attempted_at) if outgoing.attempted_at else None
    data = {
        "id": outgoing.id,
        "conversation_id": outgoing.address.get("conversation"),
        "in_reply_to": outgoing.address.get("message"),
        "recipient": {"id": outgoing.address.get("author")},
        "visibility": "public" if outgoing.mode is Mode.PUBLIC else "private",
        "text": clean(outgoing.text),
        "sent_at": at,
        **({"attachments": [_enclosed(outgoing.file, outgoing.link)]} if outgoing.file else {}),
    }
    return _json({"type": "reply.sent", "timestamp": at, "data": data})


def _enclosed(file: Enclosure, link: str) -> dict[str, Any]:
    """As such a system tells of its customers' files."""
    return {"url": link, "name": file.name, "content_type": file.mime}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _native_id(outgoing: Outgoing, response: Response) -> str:
    """The receiver may name the reply in its own words; else it goes by ours."""
    try:
        return answered(response).id("id") or outgoing.id
    except Unreadable:
        return outgoing.id


_REFUSALS = {401: "expired_token", 403: "not_allowed", 404: "gone", 410: "gone", 413: "too_long"}


# -- what such a system tells -------------------------------------------------------------------------------------


def _received(webhook: Fields, data: Fields) -> Event:
    public = data.text("visibility") == "public"
    return Event(
        kind=Kind.COMMENT if public else Kind.MESSAGE,
        channel=NAME,
        id=data.need("id"),
        at=data.time("sent_at") or webhook.time("timestamp"),
        text=data.text("text"),
        attachments=tuple(_attachment(one) for one in data.each("attachments")),
        conversation=data.id("conversation_id"),
        parent=data.id("in_reply_to"),
        public=public,
        language=data.text("language"),
        **_person(data.sub("author")),
    )


def _person(person: Fields) -> dict[str, Any]:
    return {
        "author": person.id("id"),
        "name": person.text("name"),
        "handle": person.text("handle"),
        "phone": person.text("phone"),
        "followers": person.number("followers"),
    }


def _attachment(file: Fields) -> Attachment:
    mime = file.text("content_type") or ""
    return Attachment(kind_of(mime), url=file.text("url"), id=file.id("id"), name=file.text("name"), mime=mime or None)


def _edited(webhook: Fields, data: Fields) -> Event:
    at = data.time("edited_at") or webhook.time("timestamp")
    return Event(Kind.EDIT, NAME, of=data.need("id"), at=at, text=data.text("text"), **_thread(data))


def _deleted(webhook: Fields, data: Fields) -> Event:
    at = data.time("deleted_at") or webhook.time("timestamp")
    return Event(Kind.DELETE, NAME, of=data.need("id"), at=at, **_thread(data))


def _thread(data: Fields) -> dict[str, Any]:
    return {"conversation": data.id("conversation_id"), "author": data.sub("author").id("id")}


def _answered(webhook: Fields, data: Fields) -> Event:
    """Our own reply told back, or a colleague's in that system: the id tells which."""
    agent = data.sub("agent")
    by = agent.id("id") or agent.text("name")
    return Event(
        kind=Kind.ECHO,
        channel=NAME,
        id=data.need("id"),
        at=data.time("sent_at") or webhook.time("timestamp"),
        text=data.text("text"),
        conversation=data.id("conversation_id"),
        parent=data.id("in_reply_to"),
        recipient=data.sub("recipient").id("id"),
        public=data.text("visibility") == "public",
        extra={"by": by} if by else {},
    )


def _receipt(kind: Kind) -> Callable[[Fields, Fields], Event]:
    def read(webhook: Fields, data: Fields) -> Event:
        at, reason = webhook.time("timestamp"), data.text("reason")
        return Event(kind, NAME, of=data.need("id"), at=at, reason=reason, conversation=data.id("conversation_id"))

    return read


EVENTS: Mapping[str, Callable[[Fields, Fields], Event]] = {
    "message.received": _received,
    "message.edited": _edited,
    "message.deleted": _deleted,
    "reply.sent": _answered,
    "reply.delivered": _receipt(Kind.DELIVERED),
    "reply.read": _receipt(Kind.READ),
    "reply.failed": _receipt(Kind.FAILED),
}


def _github(webhook: Fields, body: Any) -> Event:
    """A bot's comment is ours or another machine's, never a customer's."""
    comment, user = webhook.sub("comment"), webhook.sub("comment").sub("user")
    action, id = webhook.text("action"), comment.need("id")
    thread = f"{webhook.sub('repository').text('full_name')}#{webhook.sub('issue').need('number')}"
    said = Event(
        kind=Kind.COMMENT,
        channel=NAME,
        id=id,
        at=comment.time("created_at" if action == "created" else "updated_at"),
        author=user.id("id"),
        handle=user.text("login"),
        text=comment.text("body"),
        conversation=thread,
        root=thread,
        public=True,
    )
    if action == "created":
        return replace(echoed(said), extra={"by": said.handle}) if user.text("type") == "Bot" else said
    if action not in _GITHUB:
        return unknown(NAME, body)
    return replace(said, kind=_GITHUB[action], id=None, of=id)


_GITHUB = {"edited": Kind.EDIT, "deleted": Kind.DELETE}

CHANNEL = StandardWebhooks()
