"""The edge does three things: check the signature over the raw bytes, split the body, hand the pieces to the queue."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.channels.base import Answer, Channel, Fragment, Inbound, Malformed, Refused, TooMany
from chalicelib.domain.instants import iso

if TYPE_CHECKING:
    from chalicelib.service.ports import Archive, Fragments, Meter, Vault

LARGEST = 6 * 1024 * 1024
"""As much as an invocation of Lambda takes. API Gateway lets 10 MB through, which no function would ever see."""
WIDEST = 200_000
"""Objects and lists in one body: far more than any network's largest has, and no more than is read at little cost."""
MOST_VALUES = 1_000_000
"""Texts in one body, names included; and as many values of any kind."""
QUEUED_AT_MOST = 200_000
"""A piece above this many bytes travels by reference; the queue takes 256 KiB of every region and age."""

_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Edge:
    vault: "Vault"
    fragments: "Fragments"
    archive: "Archive"
    meter: "Meter"

    def receive(self, channel: Channel, account: str, request: Inbound, now: datetime) -> Answer:
        """The answer to one webhook call. 200 only once the queue has every piece; raises when the queue refuses."""
        credentials = self.vault.hook(channel.name, account)
        if credentials is None:
            return _problem(404, f"no account {account!r} on {channel.name}; check the webhook URL")
        if len(request.body) > LARGEST:
            return _problem(413, "the body is larger than 6 MB; send fewer updates at once")
        try:
            answer = channel.handshake(request, credentials) if request.method == "GET" else None
            if answer is not None:
                return answer
            if request.method != "POST":
                return _problem(405, "only POST is understood here")
            channel.verify(request, credentials.secrets, now)
            return self._accept(channel, account, request.body, now)
        except Refused as error:
            self.meter.count("webhooks_refused", channel=channel.name)
            return _problem(403 if request.method == "GET" else 401, str(error))
        except (Malformed, TooMany) as error:
            return _problem(413 if isinstance(error, TooMany) else 400, str(error))

    def _accept(self, channel: Channel, account: str, raw: bytes, now: datetime) -> Answer:
        if _too_wide(raw):
            raise TooMany("the body holds more than any network sends; send fewer updates at once")
        body = channel.decode(raw)
        head = json.dumps({"channel": channel.name, "hook": account, "received_at": iso(now)})[:-1]
        entries = [(piece.group, piece.dedupe, self._wire(head, piece)) for piece in channel.fragments(body)]
        if entries:
            self.fragments.send(entries)
        self.meter.count("fragments", len(entries), channel=channel.name)
        return Answer(200, json.dumps({"accepted": len(entries)}), "application/json")

    def _wire(self, head: str, piece: Fragment) -> str:
        """One message of the queue: what all pieces of a webhook share, and the piece or where it was kept."""
        text = _compact(piece.body)
        if len(text) <= QUEUED_AT_MOST:
            return f'{head},"body":{text}}}'
        return f'{head},"ref":{json.dumps(self.archive.keep("inbound", piece.dedupe, text.encode()))}}}'


def _too_wide(body: bytes) -> bool:
    """Whether reading it would cost more than refusing it: counted in the bytes, before anything is made of them."""
    containers, texts = body.count(b"{") + body.count(b"["), body.count(b'"') // 2
    return containers > WIDEST or texts > MOST_VALUES or body.count(b",") > MOST_VALUES


def _problem(status: int, text: str) -> Answer:
    return Answer(status, json.dumps({"error": text}), "application/json")
