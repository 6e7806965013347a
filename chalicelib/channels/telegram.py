"""Telegram bots: private chats, groups and forums, business inboxes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from chalicelib.channels.base import Capability, Channel, Credentials, Inbound, Limit, Request, Response, Unreadable
from chalicelib.channels.parts.files import TELEGRAM as FILES
from chalicelib.channels.parts.files import Takes
from chalicelib.channels.parts.reading import Fields, answered, pause
from chalicelib.channels.parts.signatures import any_equal
from chalicelib.channels.parts.telegram_updates import NAME, events
from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Failed, Later, Mode, Outcome, Outgoing, Sent, Unclear

HEADER = "x-telegram-bot-api-secret-token"
PAUSE = timedelta(seconds=30)
LONGEST = 4096

_REFUSALS = (
    ("too long", "too_long"),
    ("not found", "gone"),
    ("not enough rights", "not_allowed"),
    ("have no rights", "not_allowed"),
    ("topic_closed", "not_allowed"),
    ("write_forbidden", "not_allowed"),
)


class Telegram(Channel):
    name = NAME
    title = "Telegram"
    public_kinds = frozenset({Kind.MESSAGE})
    api = "https://api.telegram.org"
    files = FILES

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        """Telegram does not sign: it only says the word that was agreed when the webhook was set."""
        return any_equal(request.headers.get(HEADER, ""), secrets)

    def split(self, body: Any) -> Iterable[Any]:
        return [body]

    def parse(self, piece: Any) -> Iterable[Event]:
        return events(piece)

    def address(self, event: Event) -> Mapping[str, str]:
        """In a private chat an answer needs no quote; in a group it is lost without one."""
        wanted = {key: event.extra[key] for key in ("chat", "topic", "inbox") if key in event.extra}
        return {**wanted, "message": event.id.rpartition(":")[2]} if event.public and event.id else wanted

    def capabilities(self, event: Event) -> frozenset[Capability]:
        return frozenset({Capability.REPLY}) if event.kind is Kind.MESSAGE else frozenset()

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(LONGEST)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """Without ``parse_mode``: an agent's words are words, not markup."""
        address = outgoing.address
        method, content = _content(outgoing)
        body: dict[str, Any] = {"chat_id": address["chat"], **content}
        if "topic" in address:
            body["message_thread_id"] = int(address["topic"])
        if "inbox" in address:
            body["business_connection_id"] = address["inbox"]
        if "message" in address:
            body["reply_parameters"] = {"message_id": int(address["message"]), "allow_sending_without_reply": True}
        return Request(
            method="POST",
            url=f"{credentials.api or self.api}/bot{quote(credentials.token or '', safe=':')}/{method}",
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )

    def takes(self, mode: Mode) -> Mapping[str, Takes]:
        """A group takes what a private chat does."""
        return self.files

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        try:
            return _outcome(outgoing, answered(response), response.status)
        except Unreadable as error:
            return Unclear(str(error))


def _content(outgoing: Outgoing) -> tuple[str, dict[str, str | None]]:
    """The method, and what it says: words, or a file by its link."""
    if outgoing.file is None:
        return "sendMessage", {"text": clean(outgoing.text)}
    kind = FILES[outgoing.file.mime].kind
    return f"send{kind.title()}", {kind: outgoing.link}


def _outcome(outgoing: Outgoing, answer: Fields, status: int) -> Outcome:
    detail = answer.text("description") or ""
    if status == 200:
        return _sent(outgoing, answer.sub("result"))
    if status == 400:
        return _refused(answer.sub("parameters"), detail)
    if status == 403:
        return Failed("blocked", detail)
    # A path with a token that never existed is not found; one that was taken back is not authorised.
    if status in (401, 404):
        return Failed("expired_token", detail)
    if status == 429:
        return Later(pause(answer.sub("parameters").number("retry_after"), PAUSE))
    return Unclear(f"HTTP {status}")


def _sent(outgoing: Outgoing, message: Fields) -> Outcome:
    place, number = message.sub("chat").id("id"), message.id("message_id")
    if place is None or number is None:
        return Unclear("Telegram names no message")
    return Sent(":".join(part for part in (outgoing.address.get("inbox"), place, number) if part))


def _refused(parameters: Fields, detail: str) -> Outcome:
    """A group that grew into a supergroup has a new id; the old one takes nothing any more."""
    moved = parameters.id("migrate_to_chat_id")
    if moved is not None:
        return Failed("gone", f"the group is now chat {moved}")
    reasons = [reason for words, reason in _REFUSALS if words in detail.lower()]
    return Failed(reasons[0] if reasons else "refused", detail)


CHANNEL = Telegram()
