"""Meta's data-deletion callback: somebody asks, through Meta, that what an app has of them be erased."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from chalicelib.channels.parts.signatures import signed_payload
from chalicelib.domain import ids
from chalicelib.domain.config import Account
from chalicelib.domain.privacy import Erasure
from chalicelib.service.ports import Shelf, Store
from chalicelib.service.privacy import request, requested

CHANNELS = ("facebook", "instagram", "whatsapp")
_CODE = re.compile(r"[a-z2-7]{20}")


class Forged(ValueError):
    """Not signed by Meta for this account, or not what Meta sends."""


def receive(body: bytes, account: Account, secrets: Sequence[str], store: Store, shelf: Shelf, now: datetime) -> str:
    """Queue the erasure that a callback asks for; returns its confirmation code. The same request has the same code.

    The id is that of a person who logged in to the app, seldom that of a customer: then there is nothing to erase.
    Raises Forged.
    """
    signed = _signed(body)
    user = _read(signed, secrets)["user_id"]
    code = ids.digest("deletion", account.key, signed)
    contacts = [ids.contact_id(account.brand, channel, user) for channel in CHANNELS]
    known = tuple(one for one in contacts if store.contact(account.brand, one)[0] is not None)
    request(shelf, Erasure(code, account.brand, known, now, "meta", "data deletion callback"))
    return code


def status(shelf: Shelf, code: str) -> Erasure | None:
    """What became of a request; None for a code that was never given out."""
    return requested(shelf, code) if _CODE.fullmatch(code) else None


def _signed(body: bytes) -> str:
    try:
        given = parse_qs(body.decode("ascii"), max_num_fields=10).get("signed_request", [])
    except ValueError as error:
        raise Forged("the body is not a form") from error
    if len(given) != 1:
        raise Forged("the form has no signed_request, or several")
    return given[0]


def _read(signed: str, secrets: Sequence[str]) -> Mapping[str, Any]:
    try:
        payload = json.loads(signed_payload(signed, secrets))
    except (ValueError, RecursionError) as error:
        raise Forged("the signed_request cannot be believed") from error
    if not isinstance(payload, dict) or str(payload.get("algorithm")).upper() != "HMAC-SHA256":
        raise Forged("the signed_request is not signed with HMAC-SHA256")
    if not isinstance(payload.get("user_id"), str) or not payload["user_id"]:
        raise Forged("the signed_request names nobody")
    return payload
