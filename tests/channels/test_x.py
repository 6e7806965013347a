"""What only X does: the challenge, weighted lengths, and two families of bodies."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.channels.base import Capability, Credentials, Inbound, Refused, Unreadable
from chalicelib.channels.parts.x_text import weighted
from chalicelib.channels.x import CHANNEL
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Mode, Outgoing
from tests.channels import kit

FOLDER = kit.FIXTURES / "x"
BODIES = kit.bodies(CHANNEL, FOLDER)
US = "1455001122334455667"
ANA = "1788000011112222333"
POST = Outgoing("rep1", "x", "x-main", Mode.PUBLIC, "So sorry!", {"post": "2090", "user": ANA})
DIRECT = replace(POST, mode=Mode.PRIVATE, address={"user": ANA})


def tweet(**changed: Any) -> Event:
    body = copy.deepcopy(BODIES["aaa_mention.json"])
    body["tweet_create_events"][0].update(changed)
    return CHANNEL.read(body)[0]


def activity(type: str, payload: Any, **more: Any) -> Event:
    data = {"event_uuid": "-7", "filter": {"user_id": US}, "event_type": type, "payload": payload, **more}
    return CHANNEL.read({"data": data})[0]


# -- the challenge ------------------------------------------------------------------------------------------------


def challenged(token: str, *secrets: str) -> tuple[int, str, Any]:
    answer = CHANNEL.handshake(Inbound("GET", {}, {"crc_token": token}), Credentials(secrets=secrets))
    assert answer is not None
    return answer.status, answer.content_type, json.loads(answer.body)


@pytest.mark.parametrize("secrets", [("heed-x-consumer-secret-1",), ("", "heed-x-consumer-secret-1", "older")])
def test_the_challenge_is_answered_with_the_newest_secret(secrets: tuple[str, ...]) -> None:
    token = {"response_token": "sha256=fwEi3n+ACJ+C13wy0f+Li4qEJOWjWQxCGn4AFEVBxC8="}
    assert challenged("9c4e2f+ab=", *secrets) == (200, "application/json", token)


@pytest.mark.parametrize(("query", "secrets"), [({}, ("s",)), ({"crc_token": ""}, ("s",)), ({"crc_token": "t"}, ("",))])
def test_no_challenge_no_answer(query: dict[str, str], secrets: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        CHANNEL.handshake(Inbound("GET", {}, query), Credentials(secrets=secrets))


# -- weighted lengths ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("hello", 5),
        ("caf\u00e9", 4),
        ("cafe\u0301", 4),
        ("\u65e5\u672c\u8a9e", 6),
        ("\U0001f600", 2),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 2),
        ("\U0001f44d\U0001f3fd", 2),
        ("\U0001f1e8\U0001f1ed\U0001f1e9\U0001f1ea", 4),
        ("\u2764\ufe0f", 2),
        ("1\ufe0f\u20e3", 2),
        ("\u00a9", 1),
        ("\u00a9\ufe0f", 2),
        ("\u2018quoted\u2019 \u2014 so", 13),
        ("\u2026", 2),
        ("see https://acme.example/a/very/long/path/that/is/much/longer?than=23.", 28),
        ("https://t.co/a", 23),
        ("acme.com", 23),
        ("write to a@acme.com", 19),
        ("e.g. this, i.e. that", 20),
        ("x" * 280, 280),
    ],
)
def test_a_post_weighs_what_x_says(text: str, length: int) -> None:
    assert weighted(text) == length
    assert CHANNEL.length(replace(POST, text=text)) == length
    assert CHANNEL.length(replace(DIRECT, text=text)) == len(text)


@pytest.mark.parametrize(
    "text", ["a" * 25_000, "a." * 12_000, "a-" * 12_000, "https://" * 3_000, "\U0001f469\u200d" * 9_000]
)
def test_no_text_takes_long_to_weigh(text: str) -> None:
    assert weighted(text) > 0


def test_posts_and_messages_have_their_own_limits() -> None:
    assert (CHANNEL.limit(POST).size, CHANNEL.limit(DIRECT).size) == (280, 10_000)


# -- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"in_reply_to_user_id_str": US, "in_reply_to_status_id_str": "1"}, Kind.COMMENT),
        ({"in_reply_to_user_id_str": "99", "in_reply_to_status_id_str": "1"}, Kind.MENTION),
        ({"in_reply_to_user_id_str": "99", "in_reply_to_status_id_str": "1", "entities": {}}, Kind.COMMENT),
        ({"user": {"id_str": US}}, Kind.ECHO),
        ({"quoted_status_id_str": "7"}, Kind.MENTION),
        ({"retweeted_status": {"id_str": "7"}, "is_quote_status": True, "quoted_status_id_str": "8"}, Kind.REPOST),
        ({"entities": {"user_mentions": [{"id_str": None}]}}, Kind.MENTION),
    ],
)
def test_a_post_of_the_older_family_concerns_us_in_one_way(changed: dict[str, Any], kind: Kind) -> None:
    assert tweet(**changed).kind is kind


def test_a_thread_of_our_own_answers_nobody() -> None:
    ours = {"user": {"id_str": US}, "in_reply_to_user_id_str": US, "in_reply_to_status_id_str": "1"}
    assert (tweet(**ours).recipient, tweet(**ours).author, tweet(**ours).own) == (None, None, None)


def test_numbers_that_javascript_rounded_are_not_read() -> None:
    assert tweet(id=1924465506158879000).id == "1924465506158878979"


def test_a_post_without_milliseconds_still_has_a_time() -> None:
    assert tweet(timestamp_ms=None).at == datetime(2026, 8, 21, 9, 0, tzinfo=UTC)
    with pytest.raises(Unreadable, match=r"^tweet_create_events\[0\]\.created_at is not a time$"):
        tweet(timestamp_ms=None, created_at="yesterday")


def test_media_of_a_long_post_stand_inside_its_extension() -> None:
    video = {"id_str": "5", "type": "video", "media_url_https": "https://pbs.twimg.com/v.jpg"}
    extended = {"full_text": "long", "extended_entities": {"media": [video]}}
    assert [one.kind for one in tweet(truncated=True, extended_tweet=extended).attachments] == ["video"]


@pytest.mark.parametrize(
    ("lang", "language"), [("de", "de"), ("und", None), ("qme", None), ("zxx", None), (None, None)]
)
def test_codes_for_no_language_are_no_language(lang: str | None, language: str | None) -> None:
    assert tweet(lang=lang).language == language


@pytest.mark.parametrize(
    ("written", "meant"), [("&amp;lt;", "&lt;"), ("AT&T &copy", "AT&T &copy"), ("a &lt; b", "a < b")]
)
def test_texts_are_unescaped_once(written: str, meant: str) -> None:
    assert tweet(text=written).text == meant


def test_where_the_words_begin_is_told() -> None:
    event = CHANNEL.read(BODIES["aaa_reply_extended.json"])[0]
    assert (event.text or "")[event.extra["visible_from"] :].startswith("\U0001f600\U0001f600 I waited")


def test_a_post_that_comes_by_two_subscriptions_is_one_message() -> None:
    payload = BODIES["xaa_post_reply_no_includes.json"]["data"]["payload"]
    both = [
        activity(type, payload, event_uuid=uuid)
        for type, uuid in (("post.mention.create", "1"), ("post.reply.create", "-2"))
    ]
    assert both[0].id == both[1].id
    assert both[0].conversation == both[1].conversation


@pytest.mark.parametrize(
    ("type", "payload", "kind"),
    [
        ("spaces.start", {}, Kind.IGNORE),
        ("news.new", {}, Kind.IGNORE),
        ("chat.conversation_join", {}, Kind.IGNORE),
        ("profile.update.bio", {"before": "a", "after": "b"}, Kind.ACCOUNT_EVENT),
        ("dm.something_new", {}, Kind.UNKNOWN),
        ("follow.request", {}, Kind.UNKNOWN),
        ("post.create", None, Kind.UNKNOWN),
        ("", {}, Kind.UNKNOWN),
        ("broadcast.chat", {"message_id": "1", "author": {"data": {"id": US}}}, Kind.ECHO),
    ],
)
def test_an_activity_has_a_kind(type: str, payload: Any, kind: Kind) -> None:
    assert activity(type, payload).kind is kind


def test_several_messages_in_one_activity_travel_alone() -> None:
    body = copy.deepcopy(BODIES["xaa_dm_received.json"])
    messages = body["data"]["payload"]["direct_message_events"]
    messages.append({**messages[0], "id": "2090100000000000012"})
    pieces = [fragment.body for fragment in CHANNEL.fragments(body)]
    assert [CHANNEL.read(piece)[0].id for piece in pieces] == ["2090100000000000010", "2090100000000000012"]
    assert {CHANNEL.read(piece)[0].name for piece in pieces} == {"Ana \U0001f33b Beltr\u00e1n"}


@pytest.mark.parametrize("kind", ["location", "card"])
def test_other_attachments_keep_their_name(kind: str) -> None:
    body = copy.deepcopy(BODIES["aaa_dm_with_photo.json"])
    body["direct_message_events"][0]["message_create"]["message_data"]["attachment"] = {"type": kind}
    assert [one.kind for one in CHANNEL.read(body)[0].attachments] == [kind]


@pytest.mark.parametrize(
    ("file", "capabilities"),
    [
        ("xaa_post_mention.json", {Capability.REPLY, Capability.PRIVATE_REPLY, Capability.LIKE}),
        ("xaa_dm_received.json", {Capability.REPLY}),
        ("xaa_chat_received_encrypted.json", set()),
        ("xaa_broadcast_chat.json", set()),
        ("xaa_post_create_own.json", set()),
        ("xaa_like.json", set()),
    ],
)
def test_what_can_be_done_about_it(file: str, capabilities: set[Capability]) -> None:
    assert CHANNEL.capabilities(CHANNEL.read(BODIES[file])[0]) == capabilities
