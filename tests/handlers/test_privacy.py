"""Meta's data-deletion callback, as Meta calls it and as others might."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib.channels.base import Credentials
from chalicelib.domain import ids
from chalicelib.domain.contact import Contact
from chalicelib.handlers.privacy import eraser
from chalicelib.service.intake import Intake
from tests.build import BRAND, config, event
from tests.fakes.channel import PlainChannel
from tests.handlers.conftest import Parts
from tests.handlers.test_doors import TICK, Context

USER = "7245118832190456"
PAYLOAD = {"algorithm": "HMAC-SHA256", "issued_at": 1780315200, "expires": 0, "user_id": USER}


def signed(payload: Any = PAYLOAD, secret: str = "fb-secret") -> str:
    told = urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    mark = urlsafe_b64encode(hmac.digest(secret.encode(), told, "sha256")).rstrip(b"=")
    return f"{mark.decode()}.{told.decode()}"


def post(body: str, account: str = "harbor-facebook") -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "care.example"}
    with Client(app) as client:
        return client.http.post(f"/privacy/meta/{account}", headers=headers, body=body.encode())


def page(code: str) -> Any:
    with Client(app) as client:
        return client.http.get(f"/privacy/status/{code}")


@pytest.fixture(autouse=True)
def connected(parts: Parts) -> None:
    parts.vault.hooks["facebook", "harbor-facebook"] = Credentials(secrets=("old", "fb-secret"))
    Intake(parts.store, config(), PlainChannel()).take(event(), "harbor-facebook", parts.clock())


def test_a_signed_request_is_queued_carried_out_and_confirmed(parts: Parts) -> None:
    answer = post(urlencode({"signed_request": signed()}))
    told = answer.json_body
    assert answer.status_code == 200
    code = told["confirmation_code"]
    assert told == {"url": f"https://care.example/privacy/status/{code}", "confirmation_code": code}
    assert "Where is my order?" in repr(parts.store._rows)
    assert b"is being carried out" in page(code).body
    parts.clock.pass_by(timedelta(hours=1))
    eraser(TICK, Context())
    assert b"is being carried out" in page(code).body and "Where is my order?" not in repr(parts.store._rows)
    eraser(TICK, Context())
    shown = page(code)
    assert b"was carried out on 2026-06-01" in shown.body
    assert USER not in repr(parts.store._rows) + repr(parts.archive.kept) + shown.body.decode()
    assert "Where is my order?" not in repr(parts.store._rows)


def test_the_same_request_again_is_the_same_request(parts: Parts) -> None:
    """Also after it was carried out: who came back since is not erased by a replay."""
    body = urlencode({"signed_request": signed()})
    first = post(body).json_body
    eraser(TICK, Context())
    at = parts.clock.pass_by(timedelta(days=1))
    fresh = event(id="mid-2", text="back again", at=at)
    Intake(parts.store, config(), PlainChannel()).take(fresh, "harbor-facebook", at)
    assert post(body).json_body == first
    eraser(TICK, Context())
    assert "back again" in repr(parts.store._rows)


@pytest.mark.parametrize("change", ["padding", "another account", "more of it", "another secret"])
def test_the_same_signed_request_put_otherwise_is_the_same_request(parts: Parts, change: str) -> None:
    """What is not signed can be anything; it must not make a new request of a recorded one."""
    parts.vault.hooks["instagram", "harbor-instagram"] = Credentials(secrets=("fb-secret",))
    first = post(urlencode({"signed_request": signed()})).json_body["confirmation_code"]
    eraser(TICK, Context())
    at = parts.clock.pass_by(timedelta(days=1))
    Intake(parts.store, config(), PlainChannel()).take(
        event(id="mid-2", text="back again", at=at), "harbor-facebook", at
    )
    mark, _, told = signed(secret="old" if change == "another secret" else "fb-secret").partition(".")
    again = f"{mark}==.{told}" if change == "padding" else f"{mark}.{told}"
    account = "harbor-instagram" if change == "another account" else "harbor-facebook"
    extra = {"more": "x"} if change == "more of it" else {}
    assert post(urlencode({"signed_request": again, **extra}), account).json_body["confirmation_code"] == first
    eraser(TICK, Context())
    assert "back again" in repr(parts.store._rows)


def test_a_month_later_a_recorded_request_changes_nothing_and_one_never_seen_is_refused(parts: Parts) -> None:
    body = urlencode({"signed_request": signed()})
    first = post(body).json_body
    eraser(TICK, Context())
    at = parts.clock.pass_by(timedelta(days=31))
    Intake(parts.store, config(), PlainChannel()).take(
        event(id="mid-2", text="back again", at=at), "harbor-facebook", at
    )
    assert post(body).json_body == first
    stolen = post(urlencode({"signed_request": signed({**PAYLOAD, "expires": 1})}))
    assert (stolen.status_code, "another time" in stolen.json_body["error"]) == (400, True)
    eraser(TICK, Context())
    assert "back again" in repr(parts.store._rows)


def test_what_is_said_between_the_request_and_its_carrying_out_stays(parts: Parts) -> None:
    post(urlencode({"signed_request": signed()}))
    at = parts.clock.pass_by(timedelta(minutes=2))
    Intake(parts.store, config(), PlainChannel()).take(event(id="mid-2", text="wait!", at=at), "harbor-facebook", at)
    eraser(TICK, Context())
    assert "wait!" in repr(parts.store._rows)
    assert "Where is my order?" not in repr(parts.store._rows)


def test_a_run_of_the_eraser_says_that_something_failed_after_all_else_was_done(parts: Parts) -> None:
    code = post(urlencode({"signed_request": signed()})).json_body["confirmation_code"]
    parts.archive.keep(
        "erasures/open",
        "odd",
        b'{"code": "odd", "brand": "no brand", "contacts": ["x"], "at": '
        b'"2026-06-01T12:00:00.000Z", "by": "x", "reason": "x"}',
    )
    for _ in range(2):
        with pytest.raises(ExceptionGroup, match="1 erasures are tried again"):
            eraser(TICK, Context())
    assert b"was carried out" in page(code).body


def test_of_somebody_we_never_heard_of_a_mark_is_made_that_names_nobody(parts: Parts) -> None:
    before = set(parts.store._rows)
    code = post(urlencode({"signed_request": signed({**PAYLOAD, "user_id": "stranger-1"})})).json_body[
        "confirmation_code"
    ]
    for _ in range(2):
        eraser(TICK, Context())
    assert b"was carried out" in page(code).body
    [mark] = [parts.store._rows[key] for key in set(parts.store._rows) - before]
    assert isinstance(mark, Contact) and (mark.identities, mark.cases, mark.erasing) == ((), 0, None)
    assert "stranger-1" not in repr(parts.store._rows) + repr(parts.archive.kept)


def test_first_words_that_were_on_their_way_when_it_was_asked_are_not_taken_in(parts: Parts) -> None:
    asked = parts.clock()
    post(urlencode({"signed_request": signed({**PAYLOAD, "user_id": "stranger-1"})}))
    late = event(id="mid-8", text="said before", at=asked - timedelta(seconds=1), author="stranger-1")
    at = parts.clock.pass_by(timedelta(hours=1))
    fresh = event(id="mid-9", text="said after", at=at, author="stranger-1")
    for one in (late, fresh):
        Intake(parts.store, config(), PlainChannel()).take(one, "harbor-facebook", at)
        eraser(TICK, Context())
    assert "said before" not in repr(parts.store._rows) and "said after" in repr(parts.store._rows)


FORGED = {
    "another secret": urlencode({"signed_request": signed(secret="guessed")}),
    "no signature": urlencode({"signed_request": "." + signed().partition(".")[2]}),
    "changed": urlencode({"signed_request": signed().partition(".")[0] + "." + signed({"user_id": "1"}).split(".")[1]}),
    "another algorithm": urlencode({"signed_request": signed({**PAYLOAD, "algorithm": "none"})}),
    "an algorithm that is none": urlencode({"signed_request": signed({**PAYLOAD, "algorithm": 5})}),
    "nobody": urlencode({"signed_request": signed({"algorithm": "HMAC-SHA256"})}),
    "no object": urlencode({"signed_request": signed(["HMAC-SHA256"])}),
    "nothing": "",
    "two": urlencode([("signed_request", signed()), ("signed_request", signed())]),
    "no text": "signed_request=%ff%fe.\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
}


@pytest.mark.parametrize("body", FORGED.values(), ids=list(FORGED))
def test_what_is_forged_is_refused_and_queues_nothing(parts: Parts, body: str) -> None:
    assert post(body).status_code == 400
    assert parts.archive.kept == {}


def test_an_unknown_account_is_nobodys() -> None:
    assert post(urlencode({"signed_request": signed()}), "nobody").status_code == 404


@pytest.mark.parametrize("code", ["nonsense", "a" * 20, "..%2F..%2Ferasures"])
def test_an_unknown_code_shows_nothing(code: str) -> None:
    assert page(code).status_code == 404


def test_who_is_held_stays_until_released(parts: Parts) -> None:
    from chalicelib.service.holding import hold

    person = ids.contact_id(BRAND, "facebook", USER)
    hold(parts.store, BRAND, person, "odo", "lawsuit", parts.clock())
    code = post(urlencode({"signed_request": signed()})).json_body["confirmation_code"]
    eraser(TICK, Context())
    assert b"is being carried out" in page(code).body
    assert parts.meter.counts["erasures_held"] == 1
