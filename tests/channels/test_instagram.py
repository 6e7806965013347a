"""Instagram's own: two login flavours, ids instead of words, bytes instead of characters."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.base import Capability, Credentials, Limit, Malformed, Request
from chalicelib.channels.instagram import CHANNEL
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Failed, Mode, Unclear
from tests.channels.graph import (
    ANY_JSON,
    BEARER,
    CREDENTIALS,
    JSON,
    NOW,
    answered_after,
    broken,
    error,
    one,
    outgoing,
    payload,
    response,
    sent_json,
    survives,
)

ACCOUNT = "17841405822300001"
HOST = "https://graph.instagram.com/v26.0"
TO_COMMENT = {"comment": "17900011122233344", "account": ACCOUNT}
TO_PERSON = {"igsid": "2905511447730188", "account": ACCOUNT}
MENTIONED = {"media": "17999", "comment": "17911", "account": ACCOUNT}


def change(field: str, **value: Any) -> Event:
    changes = [{"field": field, "value": value}]
    return one(CHANNEL, {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1780671600, "changes": changes}]})


def item(**what: Any) -> Event:
    base = {"sender": {"id": "29"}, "recipient": {"id": ACCOUNT}, "timestamp": 1780660800250}
    return one(CHANNEL, {"object": "instagram", "entry": [{"id": ACCOUNT, "messaging": [{**base, **what}]}]})


# -- listening --------------------------------------------------------------------------------------------------------


def test_an_array_of_envelopes_is_one_envelope() -> None:
    bodies = [payload("instagram", name) for name in ("message_text", "comment_changes")]
    events = CHANNEL.read(CHANNEL.decode(json.dumps(bodies).encode()))
    assert [event.kind for event in events] == [Kind.MESSAGE, Kind.COMMENT]


@pytest.mark.parametrize("raw", [b"[]", b"[1]", b'[{"object":"instagram"}]', b"7", b"[", b"\xff"])
def test_any_other_body_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        CHANNEL.decode(raw)


def test_the_flat_form_travels_in_the_common_one() -> None:
    (fragment,) = CHANNEL.fragments(payload("instagram", "comment_flat_reply"))
    assert fragment.body["entry"][0]["changes"][0]["field"] == "comments"
    assert CHANNEL.read(fragment.body) == CHANNEL.read(payload("instagram", "comment_flat_reply"))


def test_a_comment_may_call_its_id_by_the_older_name_and_lack_all_else() -> None:
    event = change("comments", comment_id="179", text="hi")
    assert (event.id, event.author, event.post, event.conversation) == ("179", None, None, "179")


def test_the_same_comment_under_an_advertisement_is_the_same_comment() -> None:
    author = {"id": "44", "username": "kai"}
    organic = change("comments", id="179", text="scam?", media={"id": "180"}, **{"from": author})
    boosted = change("comments", id="179", text="scam?", media={"id": "999", "ad_id": "12"}, **{"from": author})
    assert organic.identity == boosted.identity and boosted.extra["campaign"] == "12"


@pytest.mark.parametrize("author", [{"id": ACCOUNT}, {"id": "1044", "self_ig_scoped_id": "1044"}])
def test_our_own_comment_is_an_echo(author: dict[str, str]) -> None:
    event = change("comments", id="179", text="hi", **{"from": author})
    assert (event.kind, event.author, event.own) == (Kind.ECHO, None, None)


def test_answers_beneath_one_comment_are_one_thread() -> None:
    assert change("comments", id="2", parent_id="1").conversation == "1"


def test_a_mention_in_a_caption_is_known_by_its_media() -> None:
    event = change("mentions", media_id="17999")
    assert (event.id, event.public) == ("17999", True)
    assert CHANNEL.address(event) == {"media": "17999", "account": ACCOUNT}


def test_talking_to_oneself_is_never_a_case() -> None:
    tap = {"mid": "m", "title": "Where is my order?", "payload": "WISMO"}
    assert item(sender={"id": ACCOUNT}, is_self=True, postback=tap).kind is Kind.IGNORE
    assert item(sender={"id": ACCOUNT}, message={"mid": "m", "is_echo": True, "is_self": True}).kind is Kind.ECHO
    assert item(sender={"id": ACCOUNT}, recipient={"id": "29"}, message={"mid": "m"}).kind is Kind.ECHO


def test_a_view_once_picture_has_no_address() -> None:
    event = item(message={"mid": "m", "attachments": [{"type": "ephemeral"}]})
    assert [(one.kind, one.url) for one in event.attachments] == [("ephemeral", None)]


def test_a_messaging_item_inside_changes_is_a_message() -> None:
    event = change("messages", sender={"id": "29"}, timestamp="1527459824", message={"mid": "m", "text": "hi"})
    assert (event.kind, event.conversation) == (Kind.MESSAGE, f"{ACCOUNT}:29")


def test_one_poisoned_update_of_a_thousand_costs_only_itself() -> None:
    (first,) = payload("instagram", "comment_changes")["entry"][0]["changes"]
    changes = [copy.deepcopy(first) for _ in range(1000)]
    for number, update in enumerate(changes):
        update["value"]["id"] = f"1790{number}"
    changes[7]["value"] = ["no object"]
    entry = {"id": ACCOUNT, "time": 1780671600, "changes": changes}
    fragments = list(CHANNEL.fragments({"object": "instagram", "entry": [entry]}))
    read = [event.id for number, piece in enumerate(fragments) if number != 7 for event in CHANNEL.read(piece.body)]
    assert len(fragments) == 1000 and read == [f"1790{number}" for number in range(1000) if number != 7]


@settings(max_examples=150, deadline=None)
@given(broken("instagram") | st.dictionaries(st.text(max_size=6), ANY_JSON, max_size=3))
def test_nothing_that_arrives_breaks_the_reader(body: Any) -> None:
    survives(CHANNEL, body)


# -- speaking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("message_text", {"igsid": "2905511447730188"}),
        ("comment_changes", {"comment": "17900011122233344"}),
        ("comment_flat_reply", {"comment": "17900011122233355", "thread": "17900011122233344"}),
        ("mention_ids_only", {"media": "17999000111222333", "comment": "17911122233344455"}),
    ],
)
def test_the_address_is_ids_only(name: str, address: dict[str, str]) -> None:
    assert CHANNEL.address(one(CHANNEL, payload("instagram", name))) == {**address, "account": ACCOUNT}


def test_a_signal_has_no_address_and_no_capability() -> None:
    event = one(CHANNEL, payload("instagram", "seen"))
    assert CHANNEL.address(event) == {} and CHANNEL.capabilities(event) == frozenset()


def test_an_answer_to_a_comment_asks_for_no_fields() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT), CREDENTIALS)
    expected = '{"message":"Grüße 👋"}'.encode()
    assert request == Request("POST", f"{HOST}/17900011122233344/replies", JSON, expected)


@pytest.mark.parametrize("comment", ["17911", None])
def test_an_answer_to_a_mention(comment: str | None) -> None:
    address = {key: value for key, value in {**MENTIONED, "comment": comment}.items() if value}
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PUBLIC, address, "hi"), CREDENTIALS)
    assert request.url == f"{HOST}/{ACCOUNT}/mentions"
    assert sent_json(request) == {"media_id": "17999", **({"comment_id": comment} if comment else {}), "message": "hi"}


def test_a_direct_message() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON), CREDENTIALS)
    body = '{"recipient":{"id":"2905511447730188"},"message":{"text":"Grüße 👋"}}'.encode()
    assert request == Request("POST", f"{HOST}/{ACCOUNT}/messages", JSON, body)


def test_behind_a_facebook_page_the_page_sends() -> None:
    behind_page = Credentials(token="t", api="https://graph.facebook.com", options={"page_id": "1045"})
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON), behind_page)
    assert request.url == "https://graph.facebook.com/v26.0/1045/messages"


def test_a_private_reply_names_the_comment() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE_REPLY, TO_COMMENT, "hi"), CREDENTIALS)
    assert sent_json(request) == {"recipient": {"comment_id": "17900011122233344"}, "message": {"text": "hi"}}


@pytest.mark.parametrize(("hours", "tag"), [(24, None), (25, "HUMAN_AGENT"), (168, "HUMAN_AGENT"), (169, None)])
def test_a_late_answer_is_tagged_as_a_persons(hours: int, tag: str | None) -> None:
    late = outgoing(CHANNEL, Mode.PRIVATE, TO_PERSON, **answered_after(timedelta(hours=hours)))
    body = sent_json(CHANNEL.render(late, replace(CREDENTIALS, options={"human_agent": "yes"})))
    assert body.get("tag") == tag


@pytest.mark.parametrize(("text", "size"), [("abc", 3), ("ä", 2), ("👋🏽", 8), ("\ud800", 3)])
def test_direct_messages_are_measured_in_bytes_and_comments_in_characters(text: str, size: int) -> None:
    private, public = (outgoing(CHANNEL, mode, {}, text) for mode in (Mode.PRIVATE, Mode.PUBLIC))
    assert (CHANNEL.length(private), CHANNEL.length(public)) == (size, len(text))
    assert (CHANNEL.limit(private), CHANNEL.limit(public)) == (Limit(1000, "bytes"), Limit(2200))


def test_windows() -> None:
    open_for = [CHANNEL.window(mode, {}) for mode in (Mode.PUBLIC, Mode.PRIVATE, Mode.PRIVATE_REPLY)]
    assert open_for == [None, timedelta(hours=24), timedelta(days=7)]
    assert CHANNEL.window(Mode.PRIVATE, {"human_agent": "yes"}) == timedelta(days=7)


def test_a_live_comment_is_answered_in_private_only_and_nothing_can_be_liked() -> None:
    live = one(CHANNEL, payload("instagram", "live_comment"))
    comment = one(CHANNEL, payload("instagram", "comment_changes"))
    assert CHANNEL.capabilities(live) == {Capability.PRIVATE_REPLY}
    wanted = {Capability.REPLY, Capability.PRIVATE_REPLY, Capability.HIDE, Capability.DELETE}
    assert CHANNEL.capabilities(comment) == wanted


def test_the_error_that_came_after_the_comment_was_created_is_unclear() -> None:
    answer = response(400, error(20, 1772107))
    assert isinstance(CHANNEL.outcome(outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT), answer), Unclear)


def test_a_second_private_reply_is_a_duplicate() -> None:
    outcome = CHANNEL.outcome(outgoing(CHANNEL, Mode.PRIVATE_REPLY, TO_COMMENT), response(400, error(100, 2534025)))
    assert isinstance(outcome, Failed) and outcome.reason == "duplicate"


# -- looking up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("thread", "under"), [(None, "17900011122233344"), ("178", "178")])
def test_where_an_answer_of_unknown_fate_would_stand(thread: str | None, under: str) -> None:
    address = TO_COMMENT | ({"thread": thread} if thread else {})
    request = CHANNEL.lookup(outgoing(CHANNEL, Mode.PUBLIC, address), CREDENTIALS)
    url = f"{HOST}/{under}/replies?fields=id%2Ctext%2Cfrom%2Ctimestamp&limit=100"
    assert request == Request("GET", url, BEARER)


@pytest.mark.parametrize(("mode", "address"), [(Mode.PRIVATE, TO_PERSON), (Mode.PUBLIC, MENTIONED)])
def test_what_cannot_be_read_back(mode: Mode, address: dict[str, str]) -> None:
    assert CHANNEL.lookup(outgoing(CHANNEL, mode, address), CREDENTIALS) is None


@pytest.mark.parametrize(
    ("change", "native_id"),
    [
        ({}, "1795"),
        ({"from": {"id": ACCOUNT}}, "1795"),
        ({"from": {"id": "44"}}, None),
        ({"timestamp": "2026-06-09T12:00:00+0000"}, None),
    ],
)
def test_an_answer_is_found_by_its_words(change: dict[str, Any], native_id: str | None) -> None:
    row = {"id": "1795", "text": "Grüße 👋", "timestamp": "2026-06-10T12:00:02+0000", **change}
    reply = outgoing(CHANNEL, Mode.PUBLIC, TO_COMMENT, attempted_at=NOW)
    assert CHANNEL.found(reply, response(200, {"data": [row]})) == native_id
