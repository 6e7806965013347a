"""What a stranger or a broken sender posts gets a clear refusal, never a crash, and costs its neighbours nothing."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.aws.queues import dead_letter_queue
from infra.doubles.networks.people import VOICES, WebhookRequest, fresh
from infra.doubles.slack.signing import signed_headers
from infra.local.clients import clients
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import SIGNING_SECRET, World

SIGNATURES = {
    "facebook": "X-Hub-Signature-256",
    "instagram": "X-Hub-Signature-256",
    "whatsapp": "X-Hub-Signature-256",
    "x": "x-twitter-webhooks-signature",
    "telegram": "X-Telegram-Bot-Api-Secret-Token",
    "standard_webhooks": "webhook-signature",
}
CHANNELS = sorted(SIGNATURES)
BAD: Mapping[str, str | bytes] = {
    "empty": "",
    "word": "sha256",
    "zeros": "sha256=" + "0" * 64,
    "no hex": "sha256=" + "z" * 64,
    "cut": "sha256=ab",
    "base64 of nothing": "v1,",
    "other version": "v0,AAAA",
    "umlaut": "sha256=ü",
    "emoji": "v1,😡".encode(),
    "no unicode": b"sha256=\xff\xfe\xfa",
    "long": "sha256=" + "a" * 20_000,
}
STAMPS: Mapping[str, str | bytes] = {
    "empty": "",
    "word": "now",
    "negative": "-1",
    "other digits": "१२३".encode(),
    "endless": "9" * 400,
    "fraction": "1.5",
    "not a number": "nan",
}
AGES = [timedelta(minutes=-6), timedelta(minutes=6), timedelta(days=-20_000), timedelta(days=100)]


@pytest.fixture(scope="module")
def rate_limit() -> None:
    """At a message a second the lines of all these people take minutes, and nothing here is about them."""


def signed(world: World, channel: str, body: bytes) -> WebhookRequest:
    one = customer(world, channel)
    request = one.request(one.event("Where is my order?"))
    headers = VOICES[channel].sign(one.account, one.event("unused"), body)
    return replace(request, headers=headers, body=body)


def genuine(world: World, channel: str) -> WebhookRequest:
    one = customer(world, channel)
    return one.request(one.event("Where is my order?"))


def status(world: World, request: WebhookRequest, **headers: str | bytes | None) -> int:
    """The answer to the request with some headers changed, or left out where None is given."""
    changed = {**request.headers, **headers}
    kept = {name: value for name, value in changed.items() if value is not None}
    return world.http(f"/hooks/{request.path}", kept, request.body)[0]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_wrong_signature_is_refused_with_401_whatever_it_looks_like(world: World, channel: str) -> None:
    request, header = genuine(world, channel), SIGNATURES[channel]
    answers = {name: status(world, request, **{header: value}) for name, value in BAD.items()}
    answers["missing"] = status(world, request, **{header: None})
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("channel", sorted(SIGNATURES.keys() - {"telegram"}))
def test_a_body_that_changed_by_one_byte_after_it_was_signed_is_refused_with_401(world: World, channel: str) -> None:
    """Telegram signs nothing; it only shows a word."""
    request = genuine(world, channel)
    assert status(world, replace(request, body=request.body + b" ")) == 401


def test_a_signed_time_that_is_old_or_to_come_or_no_time_is_refused_with_401(world: World) -> None:
    request = genuine(world, "standard_webhooks")
    account = world.account("standard_webhooks")
    aged = [status(world, fresh(account, request, datetime.now(UTC) + age)) for age in AGES]
    stamped = {name: status(world, request, **{"webhook-timestamp": value}) for name, value in STAMPS.items()}
    assert set(aged) == {401}
    assert set(stamped.values()) == {401}, stamped


def slack(world: World, headers: Mapping[str, str | bytes | None], body: bytes = b"{}") -> int:
    kept = {name: value for name, value in headers.items() if value is not None}
    return world.http("/slack", {"Content-Type": "application/json", **kept}, body)[0]


def test_slack_requests_with_a_bad_signature_or_time_are_refused_with_401(world: World) -> None:
    now, body = int(time.time()), b'{"type":"event_callback"}'
    good: dict[str, str | bytes | None] = dict(signed_headers(SIGNING_SECRET, now, body))
    names = {name.lower(): name for name in good}
    signature, stamp = names["x-slack-signature"], names["x-slack-request-timestamp"]
    answers = {name: slack(world, {**good, signature: value}, body) for name, value in BAD.items()}
    answers |= {f"time {name}": slack(world, {**good, stamp: value}, body) for name, value in STAMPS.items()}
    answers |= {f"no {name}": slack(world, {**good, name: None}, body) for name in good}
    for age in (-301, 301, -(10**9)):
        answers[f"aged {age}"] = slack(world, dict(signed_headers(SIGNING_SECRET, now + age, body)), body)
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("body", [b"", b"not json", b"{", b"[]", b"7", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_object_is_refused_with_400(world: World, channel: str, body: bytes) -> None:
    assert status(world, signed(world, channel, body)) == 400


def test_a_signed_slack_body_that_is_no_json_is_refused_with_400(world: World) -> None:
    for body in (b"", b"not json", b"[]", b"\xff"):
        assert slack(world, dict(signed_headers(SIGNING_SECRET, int(time.time()), body)), body) == 400


def test_a_body_of_eleven_megabytes_is_refused_with_413_and_says_so(world: World) -> None:
    request = signed(world, "facebook", b'{"object":"page","entry":"' + b"x" * 11_000_000 + b'"}')
    code, text = world.http(f"/hooks/{request.path}", dict(request.headers), request.body)
    assert code == 413
    assert "send less" in text


@pytest.mark.parametrize("path", ["facebook/nobody", "facebook/..%2Fslack", "myspace/harbor-facebook"])
def test_an_unknown_account_or_channel_is_404(world: World, path: str) -> None:
    assert status(world, replace(genuine(world, "facebook"), path=path)) == 404


def test_of_a_thousand_updates_with_one_poison_999_land_and_the_poison_is_kept_with_its_reason(world: World) -> None:
    world.runtime.pause("publisher")
    people = [customer(world, "facebook") for _ in range(1000)]
    events = [one.event(f"Update {number}") for number, one in enumerate(people)]
    pairs = list(zip(people, events, strict=True))
    body = {"object": "page", "entry": [json.loads(one.request(event).body)["entry"][0] for one, event in pairs]}
    body["entry"][500]["messaging"][0]["message"]["mid"] = ["no", "id"]

    assert status(world, signed(world, "facebook", json.dumps(body).encode())) == 200
    eventually(lambda: not world.waiting("Inbound"), 90)
    ids = [one.message_id(event) for one, event in pairs]
    found = [key for start in range(0, 1000, 100) for key in world.store.messages(BRAND, ids[start : start + 100])]
    assert len(found) == 999
    assert ids[500] not in found
    (grave,) = buried(world)
    assert grave["MessageAttributes"]["reason"]["StringValue"].startswith("Unreadable at chalicelib.channels.")
    assert json.loads(grave["Body"])["body"]["entry"] == [body["entry"][500]]


def buried(world: World) -> list[dict[str, Any]]:
    """What lies in intake's dead-letter queue."""
    url = world.heed.stack.physical_id("InboundDead")
    assert url.endswith(dead_letter_queue("inbound.fifo"))
    answer = clients()("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found
