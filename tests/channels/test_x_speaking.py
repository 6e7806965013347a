"""How X is answered, what its answers mean, and how it is asked whether a reply stands there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.channels.base import Credentials, Response
from chalicelib.channels.x import CHANNEL
from chalicelib.domain.reply import Enclosure, Failed, Later, Mode, Outgoing, Sent, Unclear

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


PICTURE = replace(POST, text="", file=Enclosure("files/1/label.png", "label.png", "image/png", 9), media="71")
IN_PRIVATE = replace(PICTURE, mode=Mode.PRIVATE, address={"user": ANA})


def test_a_picture_is_a_post_that_shows_what_was_uploaded() -> None:
    request = CHANNEL.render(PICTURE, CREDENTIALS)
    shown = {"media": {"media_ids": ["71"]}, "reply": {"in_reply_to_tweet_id": "2090"}}
    assert (request.url, json.loads(request.body or b"")) == ("https://api.x.com/2/tweets", shown)


def test_a_direct_message_has_it_attached() -> None:
    for mode in (Mode.PRIVATE, Mode.PRIVATE_REPLY):
        request = CHANNEL.render(replace(IN_PRIVATE, mode=mode), CREDENTIALS)
        assert request.url == f"https://api.x.com/2/dm_conversations/with/{ANA}/messages"
        assert json.loads(request.body or b"") == {"attachments": [{"media_id": "71"}]}


@pytest.mark.parametrize(("reply", "category"), [(PICTURE, "tweet_image"), (IN_PRIVATE, "dm_image")])
def test_it_is_uploaded_for_what_it_is_to_be_shown_in(reply: Outgoing, category: str) -> None:
    request = CHANNEL.upload(reply, CREDENTIALS, b"\x89PNG\x00")
    assert (request.method, request.url) == ("POST", "https://api.x.com/2/media/upload")
    assert request.headers == {"authorization": "Bearer token-1", "content-type": "application/json"}
    said = {"media": "iVBORwA=", "media_category": category, "media_type": "image/png"}
    assert json.loads(request.body or b"") == said


@pytest.mark.parametrize("mode", list(Mode))
def test_pictures_go_everywhere_and_nothing_that_goes_in_pieces(mode: Mode) -> None:
    takes = {mime: one.size for mime, one in CHANNEL.takes(mode).items()}
    assert takes == {"image/jpeg": 5_000_000, "image/png": 5_000_000}


@pytest.mark.parametrize(
    ("response", "means"),
    [
        (said(200, data={"id": "71", "media_key": "3_71", "expires_after_secs": 86400}), "71"),
        (said(201, data={"id": "71"}), "71"),
        (said(400, title="Invalid Request", detail="no"), Failed("not_taken", "Invalid Request; no")),
        (said(413, title="Too large"), Failed("not_taken", "Too large")),
        (said(401, title="Unauthorized"), Failed("expired_token", "Unauthorized")),
        (said(403, title="Forbidden"), Failed("not_allowed", "Forbidden")),
        (said(429), Later(timedelta(hours=1))),
        (said(200, data={"media_key": "3_71"}), Unclear("X names nothing that was uploaded")),
        (said(200, data={"id": ["71"]}), Unclear("the answer.data.id is not a text")),
        (said(503), Unclear("HTTP 503")),
    ],
)
def test_an_upload_has_an_id_or_a_reason(response: Response, means: object) -> None:
    assert CHANNEL.uploaded(response) == means


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
    assert parse_qs(url.query)["tweet.fields"] == ["created_at,referenced_tweets,note_tweet,attachments"]
    assert CHANNEL.lookup(POST, replace(CREDENTIALS, account=None)) is None


def test_the_talk_is_asked_for() -> None:
    request = CHANNEL.lookup(DIRECT, CREDENTIALS)
    assert request is not None
    url = urlsplit(request.url)
    assert url.path == f"/2/dm_conversations/with/{ANA}/dm_events"
    assert parse_qs(url.query)["dm_event.fields"] == ["sender_id,text,created_at,attachments"]


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


SHOWN = {"attachments": {"media_keys": ["3_71"]}}


@pytest.mark.parametrize("text", ["https://t.co/abc", "@ana_b https://t.co/abc", "", None])
def test_a_picture_is_known_again_by_being_one_without_words(text: str | None) -> None:
    for reply in (PICTURE, IN_PRIVATE):
        assert CHANNEL.found(reply, listed(text=text, **SHOWN)) == "77"
        assert CHANNEL.found(reply, listed(text=text)) is None
        assert CHANNEL.found(reply, listed(text="Look: https://t.co/abc", **SHOWN)) is None


def test_a_picture_is_not_taken_for_words_that_are_a_link() -> None:
    words = replace(POST, text="https://acme.example/label")
    assert CHANNEL.found(words, listed(text="https://t.co/abc", **SHOWN)) is None
    assert CHANNEL.found(words, listed(text="https://t.co/abc")) == "77"


def test_an_attempt_without_a_time_is_never_found() -> None:
    assert CHANNEL.found(replace(POST, attempted_at=None), listed()) is None


@pytest.mark.parametrize("data", [{}, [7], [{"text": 7}], [{"created_at": "yesterday"}]])
def test_a_list_that_cannot_be_read_shows_nothing(data: Any) -> None:
    assert CHANNEL.found(POST, said(200, data=data)) is None
