"""Facebook's own: which verb means what, how a reply is written, and how one is found again."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.base import Capability, Limit, Request, Unreadable
from chalicelib.channels.facebook import CHANNEL
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Enclosure, Failed, Mode
from tests.channels.graph import (
    ANY_JSON,
    BEARER,
    CREDENTIALS,
    JSON,
    NOW,
    answered_after,
    broken,
    one,
    outgoing,
    payload,
    response,
    sent_json,
    survives,
)

PAGE = "104552811223344"
HOST = "https://graph.facebook.com/v26.0"
TO_COMMENT = {"comment": "889_501", "account": PAGE}
TO_POST = {"post": f"{PAGE}_889", "account": PAGE}
TO_PERSON = {"psid": "7245118832190456", "account": PAGE}


def feed(**value: Any) -> Event:
    base = {"from": {"id": "7001", "name": "Jörg"}, "post_id": f"{PAGE}_8", "created_time": 1780480801, "verb": "add"}
    change = {"field": value.pop("field", "feed"), "value": {**base, **value}}
    return one(CHANNEL, {"object": "page", "entry": [{"id": PAGE, "time": 1780480803, "changes": [change]}]})


def item(where: str = "messaging", **what: Any) -> list[Event]:
    base = {"sender": {"id": "72"}, "recipient": {"id": PAGE}, "timestamp": 1780305242417}
    return CHANNEL.read({"object": "page", "entry": [{"id": PAGE, "time": 1780305242807, where: [{**base, **what}]}]})


@pytest.mark.parametrize(
    ("what", "verb", "kind"),
    [
        ("comment", "add", Kind.COMMENT),
        ("comment", "edit", Kind.EDIT),
        ("comment", "edited", Kind.EDIT),
        ("comment", "remove", Kind.DELETE),
        ("comment", "delete", Kind.DELETE),
        ("comment", "hide", Kind.HIDDEN),
        ("comment", "unhide", Kind.UNKNOWN),
        ("post", "add", Kind.POST),
        ("photo", "add", Kind.POST),
        ("video", "edited", Kind.EDIT),
        ("post", "remove", Kind.DELETE),
        ("post", "hide", Kind.HIDDEN),
        ("reaction", "add", Kind.REACTION),
        ("reaction", "edit", Kind.REACTION),
        ("reaction", "remove", Kind.REACTION_REMOVED),
        ("like", "add", Kind.REACTION),
        ("event", "add", Kind.UNKNOWN),
    ],
)
def test_thing_and_verb_decide(what: str, verb: str, kind: Kind) -> None:
    event = feed(item=what, verb=verb, comment_id="8_9" if what == "comment" else None)
    assert event.kind is kind
    new = kind in (Kind.COMMENT, Kind.POST, Kind.UNKNOWN)
    assert event.of == (None if new else "8_9" if what == "comment" else f"{PAGE}_8")


def test_a_like_of_the_page_itself_is_a_follower() -> None:
    assert feed(item="like", post_id=None).kind is Kind.FOLLOW
    assert feed(item="like", post_id=None, verb="remove").kind is Kind.UNFOLLOW


def test_the_pages_own_doings_name_no_customer() -> None:
    for value in ({"item": "comment", "comment_id": "8_9"}, {"item": "reaction", "reaction_type": "love"}):
        assert feed(**value, **{"from": {"id": PAGE, "name": "Harbor & Hill Coffee"}}).author is None


def test_our_answer_to_a_visitors_post_says_which_post() -> None:
    own = feed(item="comment", comment_id="8_9", parent_id=f"{PAGE}_8", **{"from": {"id": PAGE}})
    assert (own.kind, own.parent) == (Kind.ECHO, f"{PAGE}_8")


def test_a_thread_is_its_top_level_comment_or_its_post() -> None:
    assert feed(item="comment", comment_id="8_9", parent_id=f"{PAGE}_8").conversation == "8_9"
    assert feed(item="comment", comment_id="8_10", parent_id="8_9").conversation == "8_9"
    assert feed(item="post").conversation == f"{PAGE}_8"


def test_what_was_said_in_public_is_public() -> None:
    assert feed(item="comment", comment_id="8_9").public and feed(item="post").public
    assert feed(field="mention", item="post").public
    assert not one(CHANNEL, payload("facebook", "messenger_text")).public


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"item": "rating", "verb": "edit", "review_text": "better now"}, Kind.EDIT),
        ({"item": "rating", "verb": "remove"}, Kind.DELETE),
        ({"item": "comment", "verb": "add", "comment_id": "90_1"}, Kind.COMMENT),
        ({"item": "reaction", "verb": "add"}, Kind.REACTION),
        ({"item": "rating", "verb": "follow"}, Kind.UNKNOWN),
    ],
)
def test_reviews_live_on(value: dict[str, Any], kind: Kind) -> None:
    event = feed(field="ratings", open_graph_story_id="90", post_id=None, reviewer_id=7055, **value)
    assert event.kind is kind
    assert event.of == ("90" if kind in (Kind.EDIT, Kind.DELETE, Kind.REACTION) else None)


def test_a_mention_can_be_taken_back_and_our_own_is_none() -> None:
    assert feed(field="mention", item="post", verb="remove").kind is Kind.DELETE
    assert feed(field="mention", item="post", **{"from": {"id": PAGE}}).kind is Kind.IGNORE


@pytest.mark.parametrize(
    ("app", "where", "own"),
    [
        (884213377550921, "messaging", True),
        ("884213377550921", "messaging", True),
        (26390203743090, "messaging", False),
        (263902037430900, "messaging", False),
        (None, "messaging", None),
        (1517776481860111, "standby", False),
    ],
)
def test_whose_echo_it_is(app: Any, where: str, own: bool | None) -> None:
    said = {"mid": "m_1", "text": "hi", "is_echo": True, "app_id": app}
    (event,) = item(where, sender={"id": PAGE}, recipient={"id": "72"}, message=said)
    assert (event.kind, event.own, event.recipient, event.author) == (Kind.ECHO, own, "72", None)


@pytest.mark.parametrize(
    ("what", "kind", "subtype"),
    [
        ({"message": {"mid": "m", "is_unsupported": True}}, Kind.MESSAGE, "unsupported"),
        ({"postback": {"title": "Go", "payload": "GO"}}, Kind.MESSAGE, "postback"),
        ({"referral": {"ref": "r", "source": "ADS", "ad_id": 6}}, Kind.ACTION, "referral"),
        ({"optin": {"type": "notification_messages"}}, Kind.PREFERENCE, "optin"),
        ({"take_thread_control": {"previous_owner_app_id": "1"}}, Kind.HANDOVER, "take"),
        ({"request_thread_control": {"requested_owner_app_id": 1}}, Kind.HANDOVER, "request"),
        ({"app_roles": {"1": ["primary_receiver"]}}, Kind.ACCOUNT_EVENT, "app_roles"),
        ({"policy-enforcement": {"action": "unblock"}}, Kind.ACCOUNT_EVENT, "policy_unblock"),
        ({"account_linking": {"status": "linked"}}, Kind.UNKNOWN, None),
        ({}, Kind.UNKNOWN, None),
    ],
)
def test_every_messaging_item_has_a_meaning(what: dict[str, Any], kind: Kind, subtype: str | None) -> None:
    (event,) = item(**what)
    assert (event.kind, event.subtype) == (kind, subtype)


def test_a_thread_passed_to_page_inbox_is_not_ours() -> None:
    (event,) = item(pass_thread_control={"new_owner_app_id": 263902037430900})
    assert event.extra["to_us"] is False


def test_a_postback_without_an_id_gets_one_that_a_redelivery_has_too() -> None:
    first, again = (item(postback={"title": "Go"})[0] for _ in range(2))
    later = item(postback={"title": "Go"}, timestamp=1780305249999)[0]
    assert first.id == again.id and first.id != later.id


def test_a_delivery_without_ids_says_up_to_when() -> None:
    (event,) = item(delivery={"watermark": 1780305885000})
    assert event.of is None and event.up_to is not None


def test_somebody_from_a_plugin_has_no_id_yet() -> None:
    (event,) = item(sender={"user_ref": "ref-1"}, message={"mid": "m", "text": "hi"})
    assert (event.author, event.extra["user_ref"]) == (None, "ref-1")
    assert CHANNEL.address(event) == {"account": PAGE}


def test_a_shared_post_under_both_names_is_one_attachment() -> None:
    both = [{"type": "share", "payload": {"url": "u"}}, {"type": "ig_post", "payload": {"ig_post_media_id": 7}}]
    (event,) = item(message={"mid": "m", "attachments": [*both, {"type": "fallback", "payload": "text"}, {}]})
    assert [one.kind for one in event.attachments] == ["ig_post", "fallback", "unknown"]


# -- splitting --------------------------------------------------------------------------------------------------------


def test_one_poisoned_update_of_a_thousand_costs_only_itself() -> None:
    body = payload("facebook", "messenger_text")
    (first,) = body["entry"][0]["messaging"]
    items = [copy.deepcopy(first) for _ in range(1000)]
    for number, update in enumerate(items):
        update["message"]["mid"] = f"m_{number}"
    items[500]["message"]["text"] = {"not": "a text"}
    fragments = list(CHANNEL.fragments({"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": items}]}))
    read = [event for number, piece in enumerate(fragments) if number != 500 for event in CHANNEL.read(piece.body)]
    assert len(fragments) == 1000 and [event.id for event in read] == [f"m_{n}" for n in range(1000) if n != 500]
    assert len({piece.group for piece in fragments}) == 2
    with pytest.raises(Unreadable, match=r"message\.text"):
        CHANNEL.read(fragments[500].body)


def test_a_message_without_an_id_is_unreadable_by_name() -> None:
    with pytest.raises(Unreadable, match=r"entry\[0\]\.messaging\[0\]\.message\.mid"):
        item(message={"text": "hi"})


@settings(max_examples=150, deadline=None)
@given(broken("facebook") | st.dictionaries(st.text(max_size=6), ANY_JSON, max_size=3))
def test_nothing_that_arrives_breaks_the_reader(body: Any) -> None:
    survives(CHANNEL, body)


# -- speaking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("messenger_text", {"psid": "7245118832190456"}),
        ("feed_comment_add", {"comment": "889900112233_501"}),
        ("feed_comment_reply_photo_no_message", {"comment": "889900112233_502", "thread": "889900112233_501"}),
        ("feed_visitor_post_add", {"post": f"{PAGE}_889900112299"}),
        ("mention_comment_no_from", {"comment": "7788_9911"}),
        ("ratings_recommendation_add", {"post": "904801129604590"}),
    ],
)
def test_the_address_is_ids_only(name: str, address: dict[str, str]) -> None:
    assert CHANNEL.address(one(CHANNEL, payload("facebook", name))) == {**address, "account": PAGE}


def test_what_cannot_be_answered_has_no_address_and_no_capability() -> None:
    event = one(CHANNEL, payload("facebook", "messenger_read"))
    assert CHANNEL.address(event) == {} and CHANNEL.capabilities(event) == frozenset()


def test_an_answer_to_a_comment() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT), CREDENTIALS)
    assert request == Request("POST", f"{HOST}/889_501/comments", JSON, '{"message":"Grüße 👋"}'.encode())


def test_an_answer_to_a_post() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PUBLIC, TO_POST), CREDENTIALS)
    assert request.url == f"{HOST}/{PAGE}_889/comments"


def test_a_direct_message() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON, 'a "quote"\n'), CREDENTIALS)
    body = (
        b'{"recipient":{"id":"7245118832190456"},"messaging_type":"RESPONSE",'
        b'"message":{"text":"a \\"quote\\"\\n","metadata":"rep_01J0"}}'
    )
    assert request == Request("POST", f"{HOST}/{PAGE}/messages", JSON, body)


@pytest.mark.parametrize(
    ("address", "recipient"),
    [(TO_COMMENT, {"comment_id": "889_501"}), (TO_POST, {"post_id": f"{PAGE}_889"})],
)
def test_a_private_reply_names_what_it_answers(address: dict[str, str], recipient: dict[str, str]) -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE_REPLY, address), CREDENTIALS)
    assert request.url == f"{HOST}/{PAGE}/messages"
    assert sent_json(request) == {"recipient": recipient, "message": {"text": "Grüße 👋", "metadata": "rep_01J0"}}


@pytest.mark.parametrize(
    ("granted", "waited", "tagged"),
    [
        ("yes", timedelta(hours=23), False),
        ("yes", timedelta(hours=24), False),
        ("yes", timedelta(hours=25), True),
        ("yes", timedelta(days=7), True),
        ("yes", timedelta(days=7, seconds=1), False),
        ("no", timedelta(hours=25), False),
    ],
)
def test_a_late_answer_is_tagged_as_a_persons_where_meta_allows_it(
    granted: str, waited: timedelta, tagged: bool
) -> None:
    credentials = replace(CREDENTIALS, options={"human_agent": granted})
    body = sent_json(CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON, **answered_after(waited)), credentials))
    expected = ("MESSAGE_TAG", "HUMAN_AGENT") if tagged else ("RESPONSE", None)
    assert (body["messaging_type"], body.get("tag")) == expected


PICTURE = Enclosure("files/1/label.png", "label.png", "image/png", 9)
LINK = "https://archive.example/files/1/label.png?signature=a%2Fb"
PHOTO = replace(outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT, "", attempted_at=NOW), file=PICTURE, link=LINK)


def test_below_a_comment_a_picture_is_a_comment_without_words() -> None:
    request = CHANNEL.render(PHOTO, CREDENTIALS)
    assert (request.url, sent_json(request)) == (f"{HOST}/889_501/comments", {"attachment_url": LINK})


def test_what_a_comment_and_a_message_take() -> None:
    public, private = (CHANNEL.takes(mode) for mode in (Mode.PUBLIC, Mode.PRIVATE))
    assert {mime: takes.size for mime, takes in public.items()} == {"image/jpeg": 4_000_000, "image/png": 4_000_000}
    assert private["application/pdf"].size == 25_000_000 and CHANNEL.takes(Mode.PRIVATE_REPLY) == {}


def test_a_picture_that_facebook_cannot_use_is_refused() -> None:
    refused = {"error": {"message": "Invalid", "code": 324, "error_subcode": 1366046}}
    assert isinstance(CHANNEL.outcome(PHOTO, response(400, refused)), Failed)


def test_limits_windows_and_capabilities() -> None:
    public, private = (outgoing(CHANNEL, mode, TO_COMMENT, "x" * 10) for mode in (Mode.PUBLIC, Mode.PRIVATE))
    assert (CHANNEL.limit(public), CHANNEL.limit(private)) == (Limit(8000), Limit(2000))
    open_for = [CHANNEL.window(mode, {}) for mode in (Mode.PUBLIC, Mode.PRIVATE, Mode.PRIVATE_REPLY)]
    assert open_for == [None, timedelta(hours=24), timedelta(days=7)]
    assert CHANNEL.window(Mode.PRIVATE, {"human_agent": "yes"}) == timedelta(days=7)
    assert CHANNEL.capabilities(feed(item="comment", comment_id="8_9")) == frozenset(Capability) - {Capability.EDIT}
    assert CHANNEL.capabilities(feed(field="mention", item="post")) == {Capability.REPLY, Capability.LIKE}


# -- looking up -------------------------------------------------------------------------------------------------------


def test_where_a_comment_of_unknown_fate_would_stand() -> None:
    query = "fields=id%2Cmessage%2Cfrom%2Ccreated_time&order=reverse_chronological&limit=100"
    for address, under in (
        (TO_COMMENT, "889_501"),
        ({**TO_COMMENT, "thread": "889_400"}, "889_400"),
        (TO_POST, f"{PAGE}_889"),
    ):
        request = CHANNEL.lookup(outgoing(CHANNEL, Mode.PUBLIC, address), CREDENTIALS)
        assert request == Request("GET", f"{HOST}/{under}/comments?{query}", BEARER)


def test_where_a_message_of_unknown_fate_would_stand() -> None:
    request = CHANNEL.lookup(outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON), CREDENTIALS)
    query = "user_id=7245118832190456&fields=messages%7Bid%2Cmessage%2Cfrom%2Ccreated_time%7D"
    assert request == Request("GET", f"{HOST}/{PAGE}/conversations?{query}", BEARER)


def test_a_private_reply_cannot_be_looked_up() -> None:
    assert CHANNEL.lookup(outgoing(CHANNEL, Mode.PRIVATE_REPLY, TO_COMMENT), CREDENTIALS) is None


OURS = {"id": "889_600", "message": "Grüße 👋", "from": {"id": PAGE}, "created_time": "2026-06-10T12:00:01+0000"}


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ({}, True),
        ({"message": " Grüße 👋\n"}, True),
        ({"created_time": "2026-06-10T11:59:30+0000"}, True),
        ({"created_time": "2026-06-10T09:00:00+0000"}, False),
        ({"created_time": "2026-06-10"}, False),
        ({"message": "Grüße"}, False),
        ({"message": None}, False),
        ({"from": {"id": "7001"}}, False),
        ({"from": "me"}, False),
        ({"id": None}, False),
    ],
)
def test_a_reply_is_found_by_its_own_words_from_our_account_since_the_attempt(
    change: dict[str, Any], there: bool
) -> None:
    reply = outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT, attempted_at=NOW)
    answer = response(200, {"data": [{"id": "1", "message": "other", "from": {"id": PAGE}}, {**OURS, **change}]})
    assert CHANNEL.found(reply, answer) == ("889_600" if there else None)


OUR_PHOTO = {**OURS, "message": "", "attachment": {"type": "photo"}}


def test_a_picture_is_asked_for_by_what_it_is() -> None:
    request = CHANNEL.lookup(PHOTO, CREDENTIALS)
    query = "fields=id%2Cmessage%2Cfrom%2Ccreated_time%2Cattachment%7Btype%7D&order=reverse_chronological&limit=100"
    assert request == Request("GET", f"{HOST}/889_501/comments?{query}", BEARER)
    private = replace(PHOTO, mode=Mode.PRIVATE, address=TO_PERSON)
    assert CHANNEL.lookup(private, CREDENTIALS) is None


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ({}, True),
        ({"message": None}, True),
        ({"message": "Grüße 👋"}, False),
        ({"attachment": {"type": "sticker"}}, False),
        ({"attachment": {}}, False),
        ({"attachment": "photo"}, False),
        ({"from": {"id": "7001"}}, False),
        ({"created_time": "2026-06-10T09:00:00+0000"}, False),
    ],
)
def test_a_picture_is_found_by_being_one_of_ours_without_words(change: dict[str, Any], there: bool) -> None:
    answer = response(200, {"data": [{**OURS, "message": "other", "id": "1"}, {**OUR_PHOTO, **change}]})
    assert CHANNEL.found(PHOTO, answer) == ("889_600" if there else None)


def test_a_message_is_found_in_the_conversation() -> None:
    reply = outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON, attempted_at=NOW)
    thread = {"id": "t_1", "messages": {"data": [{**OURS, "id": "m_9"}]}}
    assert CHANNEL.found(reply, response(200, {"data": [{"id": "t_0"}, thread]})) == "m_9"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data":7}', b'{"data":[7,{"messages":[]}]}', json.dumps({"error": {}}).encode()]
)
def test_an_answer_that_cannot_be_read_finds_nothing(body: bytes) -> None:
    for mode in (Mode.PUBLIC, Mode.PRIVATE):
        assert CHANNEL.found(outgoing(CHANNEL, mode, TO_PERSON), response(200, body)) is None
