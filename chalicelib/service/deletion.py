"""Meta's data-deletion callback: somebody asks, through Meta, that what an app has of them be erased."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from chalicelib.channels.parts.signatures import signed_payload
from chalicelib.domain import ids
from chalicelib.domain.config import Account
from chalicelib.domain.privacy import Erasure
from chalicelib.service.ports import Shelf, Store
from chalicelib.service.privacy import mark, request, requested

CHANNELS = ("facebook", "instagram", "whatsapp")
OLDEST = timedelta(days=7)
_CODE = re.compile(r"[a-z2-7]{20}")


class Forged(ValueError):
    """Not signed by Meta for this account, or not what Meta sends."""


def receive(body: bytes, account: Account, secrets: Sequence[str], store: Store, shelf: Shelf, now: datetime) -> str:
    """Queue the erasure that a callback asks for; returns its confirmation code.

    The same request has the same code, whatever is put around what was signed, and whichever account it is sent to: a
    repeat, a month later too, changes nothing. From now on what the person writes begins a new case.

    The id is that of a person who logged in to the app, seldom that of a customer. Of whom nothing is stored the first
    words may be on their way, and are not taken in either. Raises Forged.
    """
    signed = _signed(body)
    payload = _read(signed, secrets)
    code = ids.digest("deletion", account.brand, signed.partition(".")[2])
    if requested(shelf, code) is None:
        _check_age(payload, now)
        person = partial(ids.contact_id, account.brand, author=payload["user_id"])
        contacts = [store.contact(account.brand, person(channel=channel))[0] for channel in CHANNELS]
        found = [one for one in contacts if one]
        who = tuple(one.id for one in found) or (person(channel=account.channel),)
        erasure = Erasure(code, account.brand, who, now, "meta", "data deletion callback")
        request(shelf, erasure)
        if not any(person.held_at for person in found):
            mark(store, erasure)
    return code


def _check_age(payload: Mapping[str, Any], now: datetime) -> None:
    """Meta gives up within hours. What comes later for the first time was recorded by somebody, and who came back since
    must not be erased by it."""
    issued = payload.get("issued_at")
    if isinstance(issued, int | float) and abs(now.timestamp() - issued) > OLDEST.total_seconds():
        raise Forged("the signed_request was issued at another time")


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
