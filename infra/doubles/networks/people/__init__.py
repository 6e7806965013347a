"""Customers of the brand: the signed webhook requests that the networks would send about them.

`build(account, Event("message", person, id, at, text))` gives a `WebhookRequest`; `KINDS[network]` lists what each
network can tell. The same event always gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people import facebook, instagram, standard_webhooks, telegram, whatsapp, x
from infra.doubles.networks.people.shapes import Event, Person, Voice, WebhookRequest
from infra.doubles.networks.signing import standard_headers

__all__ = ["KINDS", "Account", "Event", "Person", "UnknownKindError", "WebhookRequest", "build", "fresh", "handshake"]

VOICES: Mapping[str, Voice] = {
    "facebook": facebook.VOICE,
    "instagram": instagram.VOICE,
    "whatsapp": whatsapp.VOICE,
    "x": x.VOICE,
    "telegram": telegram.VOICE,
    "standard_webhooks": standard_webhooks.VOICE,
}
KINDS: Mapping[str, frozenset[str]] = {network: frozenset(voice.kinds) for network, voice in VOICES.items()}


class UnknownKindError(ValueError):
    """The network tells nobody about such a thing."""


def build(account: Account, event: Event) -> WebhookRequest:
    voice = VOICES[account.network]
    if event.kind not in voice.kinds:
        raise UnknownKindError(f"{account.network} has no webhook for {event.kind}")
    body = voice.encode(voice.kinds[event.kind](account, event))
    return WebhookRequest("POST", _path(account), voice.sign(account, event, body), body)


def fresh(account: Account, request: WebhookRequest, at: datetime) -> WebhookRequest:
    """The request as it is sent at that time: Standard Webhooks signs the time of sending, the others do not."""
    if account.network != "standard_webhooks":
        return request
    message_id = request.headers["webhook-id"]
    signed = standard_headers(account.secret, message_id, int(at.timestamp()), request.body)
    return replace(request, headers={**request.headers, **signed})


def handshake(account: Account, challenge: str) -> WebhookRequest:
    """The GET that proves the address ours: Meta's `hub.challenge`, X's `crc_token`."""
    if account.network == "x":
        query = {"crc_token": challenge}
    elif account.network in ("facebook", "instagram", "whatsapp"):
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": account.verify_token}
    else:
        raise UnknownKindError(f"{account.network} has no handshake")
    return WebhookRequest("GET", f"{_path(account)}?{urlencode(query)}", {}, b"")


def _path(account: Account) -> str:
    return f"{account.network}/{account.key}"
