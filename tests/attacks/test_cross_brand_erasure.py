"""Meta tells one brand that somebody wants to be forgotten. The other brand knows them too, and keeps what it has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.channels.base import Credentials
from chalicelib.domain import ids
from chalicelib.domain.contact import Contact
from chalicelib.handlers.privacy import eraser
from chalicelib.service.deletion import CHANNELS
from tests.attacks.kit import CUSTOMER, HARBOR, RIVAL, Stand, accounts, message
from tests.handlers.test_doors import TICK, Context
from tests.handlers.test_privacy import PAYLOAD, signed

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WORDS = {HARBOR: "Where is the parcel of Harbor's?", RIVAL: "Where is the parcel of the rival's?"}


def asked(heed: Stand, brand: str, network: str, secret_of: str, more: Mapping[str, Any] | None = None) -> Any:
    """Somebody has the person erased at the door of that brand, with the app secret of either."""
    payload = {**PAYLOAD, "user_id": CUSTOMER.id, **(more or {})}
    form = {"signed_request": signed(payload, accounts(secret_of)[network].secret)}
    return heed.post(f"/privacy/meta/{accounts(brand)[network].key}", FORM, urlencode(form).encode())


def erased(heed: Stand) -> None:
    for _ in range(2):
        eraser(TICK, Context())


def rows(heed: Stand, brand: str) -> dict[Any, Any]:
    return {key: row for key, row in heed.parts.store._rows.items() if row.brand == brand}


def known(heed: Stand, brand: str, network: str) -> Contact:
    found, _ = heed.parts.store.contact(brand, ids.contact_id(brand, network, CUSTOMER.id))
    assert found is not None
    return found


@pytest.fixture
def both(heed: Stand) -> Stand:
    """The same person has written to both brands on every one of Meta's networks."""
    for number, (brand, network) in enumerate((brand, network) for brand in WORDS for network in CHANNELS):
        person = replace(CUSTOMER, phone="")
        heed.tell(message(network, WORDS[brand], person, brand=brand, id=f"{7100 + number}"))
    heed.take_in()
    assert all(known(heed, brand, network) for brand in WORDS for network in CHANNELS)
    return heed


@pytest.mark.parametrize("network", CHANNELS)
def test_who_is_forgotten_by_one_brand_is_known_to_the_other_as_before(both: Stand, network: str, figure: Any) -> None:
    before, kept = rows(both, HARBOR), dict(both.parts.archive.kept)
    answer = asked(both, RIVAL, network, RIVAL)
    assert answer.status_code == 200
    erased(both)
    assert b"was carried out" in both.client.http.get(f"/privacy/status/{answer.json_body['confirmation_code']}").body
    assert rows(both, HARBOR) == before and WORDS[HARBOR] in repr(before)
    assert WORDS[RIVAL] not in repr(rows(both, RIVAL)) and known(both, RIVAL, network).erased_at
    assert {key: body for key, body in both.parts.archive.kept.items() if key in kept} == kept
    figure("foreign", f"{network}: one brand forgets, {len(before)} rows of the other stay as they were")


@pytest.mark.parametrize("network", CHANNELS)
def test_no_brands_secret_opens_the_others_door(both: Stand, network: str) -> None:
    before = dict(both.parts.store._rows)
    for brand, other in ((HARBOR, RIVAL), (RIVAL, HARBOR)):
        for more in ({}, {"brand": brand}, {"account": accounts(brand)[network].key, "brand": brand}):
            assert asked(both, brand, network, other, more).status_code == 400
    erased(both)
    assert both.parts.store._rows == before and both.parts.archive.kept == {}


def test_one_request_of_an_app_that_both_brands_share_forgets_for_the_brand_it_is_sent_to(both: Stand) -> None:
    """An agency has one app for both: then the address alone says whom it is about."""
    one = Credentials(secrets=(accounts(RIVAL)["facebook"].secret,))
    both.parts.vault.hooks["facebook", accounts(HARBOR)["facebook"].key] = one
    before = rows(both, HARBOR)
    codes = [asked(both, RIVAL, "facebook", RIVAL).json_body["confirmation_code"]]
    erased(both)
    assert rows(both, HARBOR) == before
    codes.append(asked(both, HARBOR, "facebook", RIVAL).json_body["confirmation_code"])
    erased(both)
    assert WORDS[HARBOR] not in repr(rows(both, HARBOR)) and len(set(codes)) == 2
