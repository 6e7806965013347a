"""What only the generic channel does: two ways of signing in, one way of signing out, and repeats that are harmless."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.channels.base import Credentials, Inbound, Refused, Response
from chalicelib.channels.parts.signatures import decode_secret
from chalicelib.channels.standard_webhooks import CHANNEL, EVENTS, signature
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import Failed, Later, Mode, Outgoing, Sent
from tests.channels import kit

FOLDER = kit.FIXTURES / "standard_webhooks"
SECRET = "whsec_aGVlZC1zdGFuZGFyZC13ZWJob29rLWtleS0wMDAxISE="
OTHER = "whsec_b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXk="
NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
CREDENTIALS = Credentials(secrets=(SECRET,), options={"reply_url": "https://crm.example/replies"})
ADDRESS = {"conversation": "conv_1", "message": "ext_1", "author": "u1"}
REPLY = Outgoing(
    "rep1", "standard_webhooks", "crm", Mode.PRIVATE, "Gr\u00fc\u00dfe \U0001f33b", ADDRESS, attempted_at=NOW
)


def test_every_type_has_a_fixture() -> None:
    types = {body.get("type") for body in kit.bodies(CHANNEL, FOLDER).values()}
    assert types >= EVENTS.keys()


def test_the_signer_agrees_with_the_standards_own() -> None:
    vector = next(one for one in kit.genuine(FOLDER) if one.file == "outbound_reply_sent.json")
    key, body = decode_secret(vector.secret, "whsec_"), (FOLDER / vector.file).read_bytes()
    signed = signature(key, vector.headers["webhook-id"], vector.headers["webhook-timestamp"], body)
    assert signed == vector.headers["webhook-signature"]


def test_a_reply_is_a_webhook_that_its_receiver_can_verify() -> None:
    request = CHANNEL.render(REPLY, replace(CREDENTIALS, secrets=(SECRET, OTHER)))
    assert (request.method, request.url) == ("POST", "https://crm.example/replies")
    assert request.headers["webhook-id"] == "rep1"
    for secret in (SECRET, OTHER):
        CHANNEL.verify(Inbound("POST", request.headers, {}, request.body or b""), [secret], NOW)


def test_a_reply_says_what_it_answers() -> None:
    body = json.loads(CHANNEL.render(REPLY, CREDENTIALS).body or b"")
    assert body == {
        "type": "reply.sent",
        "timestamp": "2026-11-20T09:05:00.000Z",
        "data": {
            "id": "rep1",
            "conversation_id": "conv_1",
            "in_reply_to": "ext_1",
            "recipient": {"id": "u1"},
            "visibility": "private",
            "text": "Grüße 🌻",
            "sent_at": "2026-11-20T09:05:00.000Z",
        },
    }


def test_our_reply_told_back_is_an_echo_under_the_id_we_gave_it() -> None:
    told = CHANNEL.read(json.loads(CHANNEL.render(REPLY, CREDENTIALS).body or b""))[0]
    assert (told.kind, told.id, told.recipient) == (Kind.ECHO, "rep1", "u1")
    assert CHANNEL.outcome(REPLY, Response(204)) == Sent("rep1")


@pytest.mark.parametrize("credentials", [Credentials(secrets=(SECRET,)), Credentials(options={"reply_url": ""})])
def test_without_a_url_nothing_is_rendered(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="reply_url"):
        CHANNEL.render(REPLY, credentials)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (301, "refused"),
        (400, "refused"),
        (401, "expired_token"),
        (403, "not_allowed"),
        (404, "gone"),
        (410, "gone"),
        (413, "too_long"),
    ],
)
def test_a_refusal_has_a_reason(status: int, reason: str) -> None:
    assert CHANNEL.outcome(REPLY, Response(status)) == Failed(reason, f"HTTP {status}")


@pytest.mark.parametrize(
    ("status", "headers", "after", "reason"),
    [
        (429, {"retry-after": "7"}, 7, "rate_limited"),
        (429, {"retry-after": "Fri, 20 Nov 2026 09:06:00 GMT"}, 60, "rate_limited"),
        (503, {"retry-after": "999999999999"}, 86_400, "unreachable"),
        (408, {}, 60, "unreachable"),
        (500, {}, 60, "unreachable"),
    ],
)
def test_whatever_is_not_answered_is_tried_again(status: int, headers: dict[str, str], after: int, reason: str) -> None:
    assert CHANNEL.outcome(REPLY, Response(status, headers)) == Later(timedelta(seconds=after), reason)


@pytest.mark.parametrize(("answer", "native_id"), [({"id": "crm_9"}, "crm_9"), ({"id": 9}, "9"), ({"id": []}, "rep1")])
def test_the_receiver_may_name_the_reply(answer: dict[str, Any], native_id: str) -> None:
    response = Response(200, {}, json.dumps(answer).encode())
    assert CHANNEL.outcome(REPLY, response) == Sent(native_id)
    assert CHANNEL.found(REPLY, response) == native_id


def test_asking_again_is_saying_it_again_under_the_same_id() -> None:
    assert CHANNEL.lookup(REPLY, CREDENTIALS) == CHANNEL.render(REPLY, CREDENTIALS)
    assert CHANNEL.found(REPLY, Response(500)) is None


def test_any_of_several_signatures_may_be_ours() -> None:
    vector = kit.genuine(FOLDER)[0]
    request = vector.inbound(FOLDER)
    several = f"v1,AAAA v1a,BBBB  {request.headers['webhook-signature']}"
    headers = {**request.headers, "webhook-signature": several}
    CHANNEL.verify(replace(request, headers=headers), [SECRET], vector.clock())


def test_a_missing_header_is_named() -> None:
    with pytest.raises(Refused, match="webhook-timestamp is missing"):
        CHANNEL.verify(Inbound("POST", {"webhook-id": "msg_1"}), [SECRET], NOW)


def test_the_longest_text_still_fits_the_standards_body() -> None:
    text = "\U0001f33b" * ((CHANNEL.limit(REPLY).size - 2) // 4)
    longest = replace(REPLY, text=text)
    assert CHANNEL.length(longest) <= CHANNEL.limit(longest).size
    assert len(CHANNEL.render(longest, CREDENTIALS).body or b"") < 20_000


def test_a_comment_of_which_github_says_something_new_is_unknown() -> None:
    body = kit.bodies(CHANNEL, FOLDER)["github_style_issue_comment.json"]
    assert CHANNEL.read({**body, "action": "pinned"})[0].kind is Kind.UNKNOWN
