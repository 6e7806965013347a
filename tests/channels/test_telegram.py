"""What only Telegram does: numbers that count per chat, errors in words, no way to ask again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.channels.base import Credentials, Response, Unreadable
from chalicelib.channels.parts.telegram_updates import EVENTS
from chalicelib.channels.telegram import CHANNEL
from chalicelib.domain.closing import closes
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Failed, Later, Mode, Outgoing, Sent, Unclear
from tests.channels import kit

FOLDER = kit.FIXTURES / "telegram"
TOKEN = "7000000001:AAtoken"
NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)


def event(name: str) -> Event:
    return CHANNEL.read(CHANNEL.decode((FOLDER / name).read_bytes()))[0]


def answer_to(name: str, text: str = "On it.") -> Outgoing:
    mode = Mode.PUBLIC if event(name).public else Mode.PRIVATE
    return Outgoing("rep1", "telegram", "bot", mode, text, CHANNEL.address(event(name)), attempted_at=NOW)


def body_for(name: str) -> Any:
    return json.loads(CHANNEL.render(answer_to(name), Credentials(token=TOKEN)).body or b"")


def said(status: int, **answer: Any) -> Response:
    return Response(status, {}, json.dumps({"ok": status == 200, **answer}).encode())


def message(**more: Any) -> dict[str, Any]:
    chat = {"id": -100, "type": "supergroup", "title": "Helpers"}
    return {"update_id": 1, "message": {"message_id": 9, "chat": chat, "from": {"id": 5}, "date": 1795165200, **more}}


def test_every_kind_of_update_has_a_fixture() -> None:
    bodies = kit.bodies(CHANNEL, FOLDER).values()
    assert {key for body in bodies for key in body if key in EVENTS} == EVENTS.keys()


def test_an_answer_in_a_private_chat_names_only_the_chat() -> None:
    request = CHANNEL.render(answer_to("message_text.json"), Credentials(token=TOKEN))
    assert request.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    assert json.loads(request.body or b"") == {"chat_id": "5500110022", "text": "On it."}


def test_an_answer_in_a_forum_stays_in_its_topic_and_quotes() -> None:
    assert body_for("group_reply_to_bot.json") == {
        "chat_id": "-1001987654321",
        "text": "On it.",
        "message_thread_id": 77,
        "reply_parameters": {"message_id": 900, "allow_sending_without_reply": True},
    }


def test_an_answer_from_a_business_inbox_leaves_from_there() -> None:
    assert body_for("business_message.json")["business_connection_id"] == "bc_QwErTy123"


def test_the_same_person_has_two_threads_in_the_bot_and_in_the_business_inbox() -> None:
    assert event("business_message.json").conversation != event("message_text.json").conversation


@pytest.mark.parametrize(
    ("name", "native_id"),
    [("message_text.json", "5500110022:60"), ("business_message.json", "bc_QwErTy123:5500110022:60")],
)
def test_a_sent_reply_has_the_id_by_which_edits_and_reactions_will_name_it(name: str, native_id: str) -> None:
    response = said(200, result={"message_id": 60, "chat": {"id": 5500110022}})
    assert CHANNEL.outcome(answer_to(name), response) == Sent(native_id)


@pytest.mark.parametrize(
    ("status", "description", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (400, "Bad Request: chat not found", "gone"),
        (400, "Bad Request: message is too long", "too_long"),
        (400, "Bad Request: TOPIC_CLOSED", "not_allowed"),
        (400, "Bad Request: something new", "refused"),
        (401, "Unauthorized", "expired_token"),
        (404, "Not Found", "expired_token"),
    ],
)
def test_a_refusal_has_a_reason(status: int, description: str, reason: str) -> None:
    outcome = CHANNEL.outcome(answer_to("message_text.json"), said(status, description=description))
    assert outcome == Failed(reason, description)


def test_a_group_that_moved_says_where_to() -> None:
    outcome = CHANNEL.outcome(
        answer_to("message_text.json"), said(400, description="x", parameters={"migrate_to_chat_id": -1001444000222})
    )
    assert outcome == Failed("gone", "the group is now chat -1001444000222")


@pytest.mark.parametrize(
    ("parameters", "after"),
    [({"retry_after": 17}, 17), ({}, 30), ({"retry_after": 0}, 1), ({"retry_after": 10**9}, 86_400)],
)
def test_it_waits_as_long_as_it_is_told(parameters: dict[str, int], after: int) -> None:
    outcome = CHANNEL.outcome(answer_to("message_text.json"), said(429, parameters=parameters))
    assert outcome == Later(timedelta(seconds=after))


@pytest.mark.parametrize("status", [200, 302, 408, 500, 504])
def test_anything_else_is_unclear_and_cannot_be_asked(status: int) -> None:
    reply = answer_to("message_text.json")
    assert isinstance(CHANNEL.outcome(reply, said(status)), Unclear)
    assert CHANNEL.lookup(reply, Credentials(token=TOKEN)) is None


def test_the_first_message_of_a_topic_is_not_a_parent() -> None:
    body = message(message_thread_id=77, is_topic_message=True, reply_to_message={"message_id": 77})
    assert CHANNEL.read(body)[0].parent is None


@pytest.mark.parametrize("more", [{"sender_chat": {"id": -100, "title": "Helpers"}}, {"is_automatic_forward": True}])
def test_a_group_that_speaks_as_itself_is_our_side(more: dict[str, Any]) -> None:
    assert CHANNEL.read(message(text="Hi", **more))[0].kind is Kind.ECHO


def test_a_channel_that_speaks_in_a_group_is_somebody() -> None:
    said = CHANNEL.read(message(text="Hi", sender_chat={"id": -777, "title": "Fans", "username": "fans"}))[0]
    assert (said.kind, said.author, said.name, said.handle) == (Kind.MESSAGE, "-777", "Fans", "fans")


@pytest.mark.parametrize(
    "key", ["new_chat_members", "pinned_message", "forum_topic_created", "supergroup_chat_created"]
)
def test_housekeeping_of_a_group_is_no_message(key: str) -> None:
    assert CHANNEL.read(message(**{key: [{}]}))[0].kind is Kind.IGNORE


@pytest.mark.parametrize("text", ["/start", "/start x", "/start@acme_bot x"])
def test_opening_a_bot_asks_nothing(text: str) -> None:
    assert CHANNEL.read(message(text=text))[0].kind is Kind.ACTION


@pytest.mark.parametrize("text", ["/started", "please /start", "/stop"])
def test_other_words_are_messages(text: str) -> None:
    assert CHANNEL.read(message(text=text))[0].kind is Kind.MESSAGE


def test_files_told_twice_count_once() -> None:
    told = message(animation={"file_id": "a"}, document={"file_id": "a"})
    assert [one.kind for one in CHANNEL.read(told)[0].attachments] == ["video"]
    assert CHANNEL.read(message(venue={"title": "x"}, location={}))[0].attachments[0].kind == "location"
    assert CHANNEL.read(message(photo=[]))[0].attachments[0].id is None


def test_somebody_elses_number_is_not_the_writers() -> None:
    assert CHANNEL.read(message(contact={"phone_number": "+1", "user_id": 6}))[0].phone is None


def test_a_bot_in_a_group_tells_an_operator() -> None:
    change = {"chat": {"id": -100, "type": "group"}, "date": 1, "new_chat_member": {"status": "administrator"}}
    told = CHANNEL.read({"update_id": 1, "my_chat_member": change})[0]
    assert (told.kind, told.subtype) == (Kind.ACCOUNT_EVENT, "administrator")


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(Unreadable, match=r"^message\.chat\.id is missing$"):
        CHANNEL.read(message(chat={"type": "private"}))
    with pytest.raises(Unreadable, match=r"^message\.date is not a time$"):
        CHANNEL.read(message(date=10**30))


def test_a_press_below_a_message_out_of_reach_is_still_a_press() -> None:
    query = {"id": "1", "from": {"id": 5}, "data": "x"}
    told = CHANNEL.read({"update_id": 1, "callback_query": query})[0]
    assert (told.kind, told.of, told.extra) == (Kind.ACTION, None, {"payload": "x"})


def test_a_custom_reaction_is_named_by_its_id() -> None:
    reaction = {"type": "custom_emoji", "custom_emoji_id": "5"}
    change = {"chat": {"id": 5, "type": "private"}, "message_id": 4, "date": 1, "new_reaction": [reaction]}
    assert CHANNEL.read({"update_id": 1, "message_reaction": change})[0].emoji == "5"


def test_texts_are_as_long_as_they_look() -> None:
    reply = answer_to("message_text.json")
    assert CHANNEL.length(replace(reply, text="x" * 4096)) == CHANNEL.limit(reply).size == 4096


def test_a_sticker_is_called_by_what_it_stands_for() -> None:
    [told] = CHANNEL.read(message(sticker={"file_id": "f1", "emoji": "👍", "type": "regular"}))
    [sticker] = told.attachments
    assert (sticker.kind, sticker.name) == ("sticker", "👍")
    assert closes(told.text, told.attachments)
