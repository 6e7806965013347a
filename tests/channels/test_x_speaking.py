"""How X is answered, what its answers mean, and how it is asked whether a reply stands there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.channels.base import Credentials, Response
from chalicelib.channels.x import CHANNEL
from chalicelib.domain.reply import Failed, Later, Mode, Outgoing, Sent, Unclear

US = "1455001122334455667"
ANA = "1788000011112222333"
NOW = datetime(2026, 8, 20, 9, 10, tzinfo=UTC)
CREDENTIALS = Credentials(secrets=("heed-x-consumer-secret-1",), token="token-1", account=US)
POST = Outgoing("rep1", "x", "x-main", Mode.PUBLIC, "So sorry!", {"post": "2090", "user": ANA}, attempted_at=NOW)
DIRECT = replace(POST, mode=Mode.PRIVATE, address={"user": ANA})


def said(status: int, headers: dict[str, str] | None = None, **answer: Any) -> Response:
    return Response(status, headers or {}, json.dumps(answer).encode())


def test_a_reply_is_a_post_that_answers() -> None:
    request = CHANNEL.render(POST, CREDENTIALS)
    assert (request.method, request.url) == ("POST", "https://api.x.com/2/tweets")
    assert request.headers == {"authorization": "Bearer token-1", "content-type": "application/json"}
    assert json.loads(request.body or b"") == {"text": "So sorry!", "reply": {"in_reply_to_tweet_id": "2090"}}


@pytest.mark.parametrize("mode", [Mode.PRIVATE, Mode.PRIVATE_REPLY])
def test_anything_private_is_a_direct_message(mode: Mode) -> None:
    request = CHANNEL.render(replace(POST, mode=mode), CREDENTIALS)
    assert request.url == f"https://api.x.com/2/dm_conversations/with/{ANA}/messages"
    assert json.loads(request.body or b"") == {"text": "So sorry!"}


def test_what_x_took_has_its_id() -> None:
    assert CHANNEL.outcome(POST, said(201, data={"id": "77", "text": "x"})) == Sent("77")
    assert CHANNEL.outcome(DIRECT, said(201, data={"dm_event_id": "78", "dm_conversation_id": "1-2"})) == Sent("78")
    assert isinstance(CHANNEL.outcome(DIRECT, said(201, data={"id": "77"})), Unclear)


NEVER_MENTIONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged"
    " by the author of the post you are replying to."
)


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (401, {"title": "Unauthorized"}, "expired_token"),
        (403, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}, "expired_token"),
        (403, {"title": "Forbidden", "detail": NEVER_MENTIONED}, "not_allowed"),
        (403, {"errors": [{"code": 433, "message": "x"}]}, "not_allowed"),
        (403, {"errors": [{"code": 349, "message": "You cannot send messages to this user."}]}, "blocked"),
        (403, {"errors": [{"code": 385, "message": "x"}]}, "gone"),
        (403, {"errors": [{"code": 186, "message": "Tweet needs to be a bit shorter."}]}, "too_long"),
        (403, {"type": "https://api.twitter.com/2/problems/client-forbidden"}, "refused"),
        (403, {"errors": [{"code": 453, "message": "x"}]}, "refused"),
        (403, {"errors": [{"code": 226, "message": "x"}]}, "refused"),
        (404, {"title": "Not Found Error"}, "gone"),
        (400, {"title": "Invalid Request"}, "refused"),
    ],
)
def test_a_refusal_has_a_reason(status: int, answer: dict[str, Any], reason: str) -> None:
    outcome = CHANNEL.outcome(POST, said(status, **answer))
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


def test_a_refusal_says_what_x_said_once() -> None:
    errors = [{"message": "Forbidden"}, {"message": "No."}]
    assert CHANNEL.outcome(POST, said(403, title="Forbidden", errors=errors)) == Failed("refused", "Forbidden; No.")


@pytest.mark.parametrize(
    "answer",
    [{"errors": [{"code": 187, "message": "x"}]}, {"detail": "You are not allowed to create duplicate content."}],
)
def test_a_text_that_stands_there_already_may_be_ours(answer: dict[str, Any]) -> None:
    assert CHANNEL.outcome(POST, said(403, **answer)) == Unclear("X has this text already")


DATE = {"date": "Thu, 20 Aug 2026 09:10:00 GMT"}
RESET = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "answer", "after"),
    [
        ({**DATE, "x-rate-limit-reset": str(RESET + 40)}, {}, 40),
        ({**DATE, "x-rate-limit-reset": str(RESET - 5)}, {}, 1),
        ({"x-rate-limit-reset": str(RESET + 40)}, {}, 900),
        ({}, {}, 3600),
        ({**DATE, "x-rate-limit-reset": str(RESET + 40)}, {"type": "https://x.com/2/problems/usage-capped"}, 3600),
    ],
)
def test_it_waits_by_xs_own_clock(headers: dict[str, str], answer: dict[str, Any], after: int) -> None:
    assert CHANNEL.outcome(POST, said(429, headers, **answer)) == Later(timedelta(seconds=after))


@pytest.mark.parametrize("status", [202, 301, 408, 409, 500, 503])
def test_anything_else_is_unclear(status: int) -> None:
    assert isinstance(CHANNEL.outcome(POST, said(status)), Unclear)


# -- asking whether it stands there -------------------------------------------------------------------------------


def listed(**changed: Any) -> Response:
    post = {
        "id": "77",
        "text": "@ana_b So sorry!",
        "created_at": "2026-08-20T09:10:01.000Z",
        "sender_id": US,
        "referenced_tweets": [{"type": "replied_to", "id": "2090"}],
    }
    return said(200, data=[{**post, "id": "76", "text": "another"}, {**post, **changed}])


def test_our_own_posts_are_asked_for() -> None:
    request = CHANNEL.lookup(POST, CREDENTIALS)
    assert request is not None
    assert request.body is None
    url = urlsplit(request.url)
    assert url.path == f"/2/users/{US}/tweets"
    assert parse_qs(url.query)["tweet.fields"] == ["created_at,referenced_tweets,note_tweet"]
    assert CHANNEL.lookup(POST, replace(CREDENTIALS, account=None)) is None


def test_the_talk_is_asked_for() -> None:
    request = CHANNEL.lookup(DIRECT, CREDENTIALS)
    assert request is not None
    assert urlsplit(request.url).path == f"/2/dm_conversations/with/{ANA}/dm_events"


@pytest.mark.parametrize(
    ("ours", "shown"),
    [
        ("So sorry!", "@ana_b So sorry!"),
        ("So sorry!", "@ana_b @tom_brews So  sorry!"),
        ("2 < 3 & https://acme.example/long", "2 &lt; 3 &amp; https://t.co/abc"),
    ],
)
def test_our_words_are_known_again(ours: str, shown: str) -> None:
    assert CHANNEL.found(replace(POST, text=ours), listed(text=shown)) == "77"
    assert CHANNEL.found(replace(DIRECT, text=ours), listed(text=shown)) == "77"


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "So sorry?"},
        {"created_at": "2026-08-20T09:08:59.000Z"},
        {"created_at": None},
        {"referenced_tweets": [{"type": "replied_to", "id": "2091"}], "sender_id": ANA},
        {"referenced_tweets": [{"type": "quoted", "id": "2090"}], "sender_id": None},
    ],
)
def test_what_only_looks_alike_is_not_ours(changed: dict[str, Any]) -> None:
    assert CHANNEL.found(POST, listed(**changed)) is None
    assert CHANNEL.found(DIRECT, listed(**changed)) is None


def test_an_attempt_without_a_time_is_never_found() -> None:
    assert CHANNEL.found(replace(POST, attempted_at=None), listed()) is None


@pytest.mark.parametrize("data", [{}, [7], [{"text": 7}], [{"created_at": "yesterday"}]])
def test_a_list_that_cannot_be_read_shows_nothing(data: Any) -> None:
    assert CHANNEL.found(POST, said(200, data=data)) is None
