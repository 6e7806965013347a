"""What windows of the desk need of Slack: people, moments, words told while they are typed, files, shortcuts."""

from base64 import b64encode
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from infra.doubles.slack import CannotDoError
from tests.doubles.slack_kit import ANA, CARE, NOON, TOM, Desk, modal, opened, plain

WHO: dict[str, Any] = {"type": "users_select", "action_id": "who"}
UNTIL: dict[str, Any] = {"type": "datetimepicker", "action_id": "until", "initial_date_time": int(NOON)}
FILE: dict[str, Any] = {"type": "file_input", "action_id": "file", "max_files": 1}
TYPED: dict[str, Any] = {
    "type": "plain_text_input",
    "action_id": "text",
    "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": element["action_id"], "label": plain("?"), "element": element, **more}


def test_people_and_moments_travel_as_slack_sends_them(desk: Desk) -> None:
    view_id = opened(desk, blocks=[field(WHO), field(UNTIL)])
    sent = desk.slack.submit(view_id, {"who": {"who": TOM}}, ANA)
    values = sent.payload["view"]["state"]["values"]
    assert values["who"]["who"] == {"type": "users_select", "selected_user": TOM}
    assert values["until"]["until"] == {"type": "datetimepicker", "selected_date_time": int(NOON)}


def test_a_person_must_be_chosen(desk: Desk) -> None:
    view_id = opened(desk, blocks=[field(WHO)])
    with pytest.raises(CannotDoError, match="required"):
        desk.slack.submit(view_id, {}, ANA)


def test_words_are_told_while_they_are_typed(desk: Desk) -> None:
    view_id = opened(desk, blocks=[field(TYPED, dispatch_action=True)])
    told = desk.slack.click_view(view_id, "text", ANA, "Hel", {"text": {"text": "Hel"}})
    assert told.payload["actions"][0]["value"] == "Hel"
    assert told.payload["view"]["state"]["values"]["text"]["text"]["value"] == "Hel"


@pytest.mark.parametrize(
    ("element", "complaint"),
    [
        (UNTIL | {"initial_date_time": 17}, "10 digits"),
        (UNTIL | {"initial_date_time": "2026-11-20"}, "10 digits"),
        (WHO | {"initial_user": "tom"}, "user id"),
        (TYPED | {"dispatch_action_config": {"trigger_actions_on": ["on_tuesday"]}}, "trigger_actions_on"),
    ],
)
def test_fields_that_slack_would_refuse(desk: Desk, element: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        desk.client.views_open(trigger_id=desk.trigger(desk.card()), view=modal(blocks=[field(element)]))
    assert complaint in str(refused.value.response["response_metadata"]["messages"])


def test_a_chosen_file_is_told_whole_and_read_with_the_token(desk: Desk) -> None:
    view_id = opened(desk, blocks=[field(FILE, optional=True)])
    told = desk.control("upload", {"name": "bill.pdf", "bytes": b64encode(b"%PDF").decode(), "user": ANA})
    sent = desk.slack.submit(view_id, {"file": {"file": [told["file"]]}}, ANA)
    (file,) = sent.payload["view"]["state"]["values"]["file"]["file"]["files"]
    assert (file["id"], file["name"], file["mimetype"], file["size"]) == (
        told["file"],
        "bill.pdf",
        "application/pdf",
        4,
    )
    assert desk.client.files_info(file=file["id"])["file"] == file
    with pytest.raises(SlackApiError, match="file_not_found"):
        desk.client.files_info(file="F0NONE")


def test_where_no_file_was_chosen_there_is_an_empty_list(desk: Desk) -> None:
    sent = desk.slack.submit(opened(desk, blocks=[field(FILE, optional=True)]), {}, ANA)
    assert sent.payload["view"]["state"]["values"]["file"]["file"] == {"type": "file_input", "files": []}


def test_what_stood_in_a_closed_window_is_not_told(desk: Desk) -> None:
    view_id = opened(desk, notify_on_close=True)
    closed = desk.slack.close_view(view_id, ANA)
    assert closed is not None and closed.payload["type"] == "view_closed"
    assert closed.payload["view"]["state"] == {"values": {}}


def test_files_come_with_the_words(desk: Desk) -> None:
    desk.slack.say(CARE, desk.card(), "look", ANA, ["bill.pdf"])
    (event,) = [one for one in desk.heed.events() if one.get("subtype") == "file_share"]
    assert [one["name"] for one in event["files"]] == ["bill.pdf"] and event["text"] == "look"


def test_a_message_shortcut_does_not_name_the_app(desk: Desk) -> None:
    used = desk.slack.shortcut("reply_to_this", CARE, desk.card(), ANA)
    assert used.payload["type"] == "message_action" and "api_app_id" not in used.payload
    assert used.payload["team"]["id"] and used.payload["trigger_id"]


def test_a_newer_home_is_not_covered_by_an_older_one(desk: Desk) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = desk.client.views_publish(user_id=ANA, view=home)["view"]
    desk.client.views_publish(user_id=ANA, view=home, hash=first["hash"])
    with pytest.raises(SlackApiError, match="hash_conflict"):
        desk.client.views_publish(user_id=ANA, view=home, hash=first["hash"])
