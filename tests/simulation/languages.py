"""How three real networks write their webhooks and read our requests, so that the real channels run in between."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.channels.base import Credentials, Request, Response
from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.channels.standard_webhooks import signature
from chalicelib.domain.instants import iso
from tests.build import ACCOUNTS

Json = dict[str, Any]
SECRET = "a-secret-of-the-simulation"
PAGE_INBOX = "263902037430900"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that stands on the network. ``reply_id`` is ours, when we said it."""

    id: str
    customer: str
    text: str
    at: datetime
    reply_id: str | None = None


class Language(ABC):
    """One network's ways. ``echoes`` and ``fails_late`` say which news it sends of what we said."""

    channel: str
    account: str
    echoes = True
    fails_late = True
    keeps_our_id = False
    """Whether what we said goes by our own id there."""
    credentials = Credentials(secrets=(SECRET,), token="t")

    def signed(self, body: bytes, now: datetime) -> dict[str, str]:
        return {"x-hub-signature-256": f"sha256={hex_sha256(SECRET, body)}"}

    @abstractmethod
    def message(self, said: Said) -> Json: ...

    @abstractmethod
    def edit(self, said: Said, version: int) -> Json: ...

    @abstractmethod
    def delete(self, said: Said) -> Json: ...

    @abstractmethod
    def echo(self, said: Said) -> Json: ...

    @abstractmethod
    def receipt(self, said: Said, kind: str) -> Json: ...

    @abstractmethod
    def sent(self, request: Request) -> tuple[str, str, str]:
        """The reply id, the customer and the text of a request that sends."""

    @abstractmethod
    def accepted(self, said: Said) -> Response: ...

    def refused(self) -> Response:
        return Response(400, {}, b'{"error":{"code":100,"message":"no"}}')

    def found(self, request: Request, said: list[Said]) -> Response:
        """The answer to a read-back."""
        raise NotImplementedError


class Messenger(Language):
    channel, account = "facebook", "harbor-facebook"
    fails_late = False

    def _told(self, said: Said, item: Json, *, ours: bool = False) -> Json:
        page, customer = {"id": ACCOUNTS["facebook"]}, {"id": said.customer}
        sides = {"sender": page, "recipient": customer} if ours else {"sender": customer, "recipient": page}
        stamp = int(said.at.timestamp() * 1000)
        item = {**sides, "timestamp": stamp, **item}
        return {"object": "page", "entry": [{"id": page["id"], "time": stamp, "messaging": [item]}]}

    def message(self, said: Said) -> Json:
        return self._told(said, {"message": {"mid": said.id, "text": said.text}})

    def edit(self, said: Said, version: int) -> Json:
        return self._told(said, {"message_edit": {"mid": said.id, "text": said.text, "num_edit": version}})

    def delete(self, said: Said) -> Json:
        return self._told(said, {"message": {"mid": said.id, "is_deleted": True}})

    def echo(self, said: Said) -> Json:
        whose = {"app_id": "1234", "metadata": said.reply_id} if said.reply_id else {"app_id": PAGE_INBOX}
        return self._told(said, {"message": {"mid": said.id, "text": said.text, "is_echo": True, **whose}}, ours=True)

    def receipt(self, said: Said, kind: str) -> Json:
        return self._told(said, {"delivery": {"mids": [said.id], "watermark": int(said.at.timestamp() * 1000)}})

    def sent(self, request: Request) -> tuple[str, str, str]:
        body = json.loads(request.body or b"")
        return body["message"]["metadata"], body["recipient"]["id"], body["message"]["text"]

    def accepted(self, said: Said) -> Response:
        return Response(200, {}, json.dumps({"recipient_id": said.customer, "message_id": said.id}).encode())

    def found(self, request: Request, said: list[Said]) -> Response:
        [customer] = parse_qs(urlsplit(request.url).query)["user_id"]
        page = {"id": ACCOUNTS["facebook"]}
        rows = [
            {"id": one.id, "message": one.text, "from": page, "created_time": iso(one.at)}
            for one in said
            if one.customer == customer
        ]
        return Response(200, {}, json.dumps({"data": [{"messages": {"data": rows}}]}).encode())


class WhatsApp(Language):
    channel, account = "whatsapp", "harbor-whatsapp"
    echoes = False

    def _told(self, **lists: list[Json]) -> Json:
        number = {"phone_number_id": ACCOUNTS["whatsapp"]}
        value = {"messaging_product": "whatsapp", "metadata": number, **lists}
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": "9", "changes": [{"field": "messages", "value": value}]}],
        }

    def _written(self, said: Said, item: Json) -> Json:
        return self._told(messages=[{"from": said.customer, "timestamp": str(int(said.at.timestamp())), **item}])

    def message(self, said: Said) -> Json:
        return self._written(said, {"id": said.id, "type": "text", "text": {"body": said.text}})

    def edit(self, said: Said, version: int) -> Json:
        after = {"type": "text", "text": {"body": said.text}}
        edit = {"original_message_id": said.id, "message": after}
        return self._written(said, {"id": f"{said.id}-e{version}", "type": "edit", "edit": edit})

    def delete(self, said: Said) -> Json:
        revoke = {"original_message_id": said.id}
        return self._written(said, {"id": f"{said.id}-d", "type": "revoke", "revoke": revoke})

    def echo(self, said: Said) -> Json:
        echo = {"to": said.customer, "id": said.id, "timestamp": str(int(said.at.timestamp()))}
        body = self._told(message_echoes=[{**echo, "type": "text", "text": {"body": said.text}}])
        body["entry"][0]["changes"][0]["field"] = "smb_message_echoes"
        return body

    def receipt(self, said: Said, kind: str) -> Json:
        status = {"id": said.id, "status": kind, "recipient_id": said.customer}
        errors = {"errors": [{"code": 131026, "title": "undeliverable"}]} if kind == "failed" else {}
        ours = {"timestamp": str(int(said.at.timestamp())), "biz_opaque_callback_data": said.reply_id}
        return self._told(statuses=[{**status, **ours, **errors}])

    def sent(self, request: Request) -> tuple[str, str, str]:
        body = json.loads(request.body or b"")
        return body["biz_opaque_callback_data"], body["to"], body["text"]["body"]

    def accepted(self, said: Said) -> Response:
        return Response(200, {}, json.dumps({"messages": [{"id": said.id}]}).encode())


class Forum(Language):
    channel, account = "standard_webhooks", "harbor-standard"
    keeps_our_id = True
    credentials = Credentials(secrets=(SECRET,), options={"reply_url": "https://forum.example/replies"})

    def signed(self, body: bytes, now: datetime) -> dict[str, str]:
        stamp = str(int(now.timestamp()))
        proof = signature(SECRET.encode(), "w-1", stamp, body)
        return {"webhook-id": "w-1", "webhook-timestamp": stamp, "webhook-signature": proof}

    def _told(self, kind: str, said: Said, **data: Any) -> Json:
        about = {"id": said.id, "conversation_id": f"talk-{said.customer}", "visibility": "private"}
        return {"type": kind, "timestamp": iso(said.at), "data": {**about, **data}}

    def message(self, said: Said) -> Json:
        return self._told("message.received", said, text=said.text, author={"id": said.customer})

    def edit(self, said: Said, version: int) -> Json:
        return self._told("message.edited", said, text=said.text, author={"id": said.customer})

    def delete(self, said: Said) -> Json:
        return self._told("message.deleted", said, author={"id": said.customer})

    def echo(self, said: Said) -> Json:
        return self._told("reply.sent", said, text=said.text, recipient={"id": said.customer})

    def receipt(self, said: Said, kind: str) -> Json:
        return self._told(f"reply.{kind}", said, **({"reason": "blocked"} if kind == "failed" else {}))

    def sent(self, request: Request) -> tuple[str, str, str]:
        data = json.loads(request.body or b"")["data"]
        return request.headers["webhook-id"], data["recipient"]["id"], data["text"]

    def accepted(self, said: Said) -> Response:
        return Response(200, {}, json.dumps({"id": said.id}).encode())


LANGUAGES = (Messenger(), WhatsApp(), Forum())
KEYS = {one.channel: one for one in LANGUAGES}
