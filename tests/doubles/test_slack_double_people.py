"""What people do in the Slack double reaches Heed signed and shaped as from Slack, and its answers are followed."""

import json
import time
from contextlib import ExitStack

import pytest
from slack_sdk.signature import Clock as SdkClock
from slack_sdk.signature import SignatureVerifier

from infra.doubles.slack import CannotDoError
from tests.doubles.slack_kit import (
    ANA,
    CARE,
    HELLO,
    NOON,
    TOM,
    Answer,
    Desk,
    Json,
    Received,
    button,
    modal,
    open_desk,
    opened,
)
from tests.doubles.slack_kit import plain as words


class At(SdkClock):
    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


def stack_of(desk: Desk, user: str = ANA) -> list[Json]:
    views: list[Json] = desk.control("state")["views"].get(user, [])
    return views


def test_every_kind_of_delivery_carries_a_signature_slacks_own_verifier_accepts(desk: Desk) -> None:
    view_id = opened(desk)
    desk.slack.say(CARE, None, "grüß dich", ANA)
    desk.slack.command("/heed", "show payload", CARE, ANA)
    desk.slack.submit(view_id, HELLO, ANA)
    desk.slack.settle()
    assert len(desk.heed.received) == 5
    for secret, wanted in (("double-signing-secret", True), ("another", False)):
        verifier = SignatureVerifier(secret, At(NOON))
        assert {verifier.is_valid_request(one.body, one.headers) for one in desk.heed.received} == {wanted}


def test_a_click_is_shaped_like_block_actions(desk: Desk) -> None:
    ts = desk.card()
    payload = desk.slack.click(CARE, ts, "reply", ANA).payload
    assert payload["container"] == {"type": "message", "message_ts": ts, "channel_id": CARE, "is_ephemeral": False}
    assert payload["user"] == {"id": ANA, "username": "ana", "name": "ana", "team_id": "T0HEED"}
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("reply", "case_0042", "0042")
    assert payload["message"]["blocks"][1]["block_id"]


def test_a_choice_from_a_menu_names_the_option(desk: Desk) -> None:
    delivery = desk.slack.click(CARE, desk.card(), "priority", TOM, "high")
    assert delivery.payload["actions"][0]["selected_option"] == {"text": words("High"), "value": "high"}


@pytest.mark.parametrize(
    ("action_id", "user", "value", "complaint"),
    [
        ("close", ANA, None, "there is open, reply, priority"),
        ("priority", ANA, "urgent", "no option 'urgent'"),
        ("reply", "U0NOBODY", None, "no user U0NOBODY"),
    ],
)
def test_what_a_person_cannot_click_is_not_sent(
    desk: Desk, action_id: str, user: str, value: str | None, complaint: str
) -> None:
    with pytest.raises(CannotDoError, match=complaint):
        desk.slack.click(CARE, desk.card(), action_id, user, value)


def test_equal_action_ids_in_two_blocks_need_the_block(desk: Desk) -> None:
    blocks = [{"type": "actions", "block_id": b, "elements": [button("take", value=b)]} for b in ("one", "two")]
    ts = desk.client.chat_postMessage(channel=CARE, text="x", blocks=blocks)["ts"]
    with pytest.raises(CannotDoError, match="say which block_id"):
        desk.slack.click(CARE, ts, "take", ANA)
    assert desk.slack.click(CARE, ts, "take", ANA, block_id="two").payload["actions"][0]["value"] == "two"


def test_buttons_of_an_ephemeral_message_are_for_its_reader(desk: Desk) -> None:
    blocks = [{"type": "actions", "elements": [button("undo")]}]
    ts = desk.client.chat_postEphemeral(channel=CARE, user=ANA, text="x", blocks=blocks)["message_ts"]
    payload = desk.slack.click(CARE, ts, "undo", ANA).payload
    assert payload["container"]["is_ephemeral"] and "message" not in payload
    with pytest.raises(CannotDoError, match="only U0ANA"):
        desk.slack.click(CARE, ts, "undo", TOM)


def test_a_submission_carries_raw_values_and_closes_the_modal(desk: Desk) -> None:
    view_id = opened(desk)
    delivery = desk.slack.submit(view_id, HELLO | {"then": {"flags": ["resolve"]}}, ANA)
    values = delivery.payload["view"]["state"]["values"]
    assert values["body"]["text"] == {"type": "plain_text_input", "value": "Hi & <3"}
    assert [one["value"] for one in values["then"]["flags"]["selected_options"]] == ["resolve"]
    assert delivery.payload["view"]["private_metadata"] == "0042"
    assert (delivery.outcome, stack_of(desk)) == ("close", [])


def test_the_client_itself_stops_forms_that_are_not_filled_in(desk: Desk) -> None:
    view_id = opened(desk)
    before = len(desk.slack.deliveries)
    for values, complaint in (
        ({}, "required field"),
        ({"body": {"text": "x" * 281}}, "at most 280"),
        ({"body": {"nothing": "x"}}, "no field body/nothing"),
    ):
        with pytest.raises(CannotDoError, match=complaint):
            desk.slack.submit(view_id, values, ANA)
    with pytest.raises(CannotDoError, match="not the one U0TOM is looking at"):
        desk.slack.submit(view_id, HELLO, TOM)
    assert len([one for one in desk.slack.deliveries[before:] if one.kind == "interaction"]) == 0


def test_errors_keep_the_modal_open(desk: Desk) -> None:
    view_id = opened(desk)
    desk.heed.answers({"response_action": "errors", "errors": {"body": "Too long for Bluesky"}})
    delivery = desk.slack.submit(view_id, HELLO, ANA)
    assert (delivery.outcome, delivery.errors) == ("errors", {"body": "Too long for Bluesky"})
    assert [view["id"] for view in stack_of(desk)] == [view_id]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(body=json.dumps({"response_action": "errors", "errors": {"nowhere": "x"}})),
        Answer(body=json.dumps({"response_action": "push", "view": modal(title=words("x" * 25))})),
    ],
    ids=["500", "errors for no input block", "a view past a limit"],
)
def test_an_answer_slack_cannot_follow_leaves_the_modal_with_trouble_connecting(desk: Desk, answer: Answer) -> None:
    view_id = opened(desk)
    desk.heed.react = lambda received: answer
    assert desk.slack.submit(view_id, HELLO, ANA).outcome == "failed"
    assert [view["id"] for view in stack_of(desk)] == [view_id]


def test_update_push_and_clear_move_the_stack(desk: Desk) -> None:
    view_id = opened(desk)
    desk.heed.answers({"response_action": "update", "view": modal(title=words("Sure?"))})
    assert desk.slack.submit(view_id, HELLO, ANA).outcome == "update"
    assert [(view["id"], view["title"]["text"]) for view in stack_of(desk)] == [(view_id, "Sure?")]
    desk.heed.answers({"response_action": "push", "view": modal(title=words("Next"))})
    assert desk.slack.submit(view_id, HELLO, ANA).outcome == "push"
    top = stack_of(desk)[-1]
    assert (top["previous_view_id"], top["title"]["text"]) == (view_id, "Next")
    desk.heed.answers({"response_action": "clear"})
    assert desk.slack.submit(top["id"], HELLO, ANA).outcome == "clear"
    assert stack_of(desk) == []


def test_heed_may_open_a_modal_while_the_click_still_waits_for_its_answer(desk: Desk) -> None:
    def react(received: Received) -> Answer:
        if received.body.startswith(b"payload="):
            desk.client.views_open(trigger_id=received.payload["trigger_id"], view=modal())
        return Answer()

    ts = desk.card()
    desk.heed.react = react
    assert desk.slack.click(CARE, ts, "reply", TOM).ok
    assert len(stack_of(desk, TOM)) == 1


def test_a_button_inside_a_view_sends_what_the_form_holds(desk: Desk) -> None:
    blocks = [*modal()["blocks"], {"type": "actions", "elements": [button("macro")]}]
    view_id = opened(desk, blocks=blocks)
    payload = desk.slack.click_view(view_id, "macro", ANA, values=HELLO).payload
    assert payload["container"] == {"type": "view", "view_id": view_id}
    assert payload["view"]["state"]["values"]["body"]["text"]["value"] == "Hi & <3"
    assert "channel" not in payload and "response_url" not in payload


def test_cancel_is_told_only_when_the_view_asked_for_it(desk: Desk) -> None:
    assert desk.slack.close_view(opened(desk), ANA) is None
    told = desk.slack.close_view(opened(desk, notify_on_close=True), ANA)
    assert told is not None and told.payload["type"] == "view_closed"
    assert stack_of(desk) == []


def test_what_people_say_is_escaped_in_text_and_literal_in_rich_text(desk: Desk) -> None:
    ts = desk.card()
    desk.slack.say(CARE, ts, "a < b & <@U0TOM> :wave: https://x.example/?a=1&b=2 :no:", ANA)
    event = desk.slack.deliveries[-1].payload["event"]
    assert event["text"] == "a &lt; b &amp; <@U0TOM> :wave: <https://x.example/?a=1&amp;b=2> :no:"
    leaves = event["blocks"][0]["elements"][0]["elements"]
    assert leaves[0] == {"type": "text", "text": "a < b & "}
    assert {"type": "emoji", "name": "wave", "unicode": "1f44b"} in leaves
    assert (event["thread_ts"], event["parent_user_id"], event["user"]) == (ts, "U0HEEDBOT", ANA)


def test_a_mention_of_the_bot_sends_two_events(desk: Desk) -> None:
    desk.slack.say(CARE, None, "<@U0HEEDBOT> status 0042", ANA)
    assert [event["type"] for event in desk.heed.events()] == ["message", "app_mention"]


def test_the_bots_own_messages_come_back_as_events_with_its_bot_id(desk: Desk) -> None:
    ts = desk.card()
    desk.slack.settle()
    event = desk.heed.events()[0]
    assert (event["ts"], event["bot_id"], event["user"]) == (ts, "B0HEEDBOT", "U0HEEDBOT")


def test_the_bots_own_events_can_be_turned_off() -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, bot_events=False)
        desk.card()
        desk.slack.settle()
        assert desk.heed.received == []


def test_people_edit_and_delete_what_they_said(desk: Desk) -> None:
    ts = desk.slack.say(CARE, None, "Hi Ana", TOM).payload["event"]["ts"]
    changed = desk.slack.edit(CARE, ts, "Hi Ana (fixed)", TOM).payload["event"]
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("Hi Ana (fixed)", "Hi Ana")
    with pytest.raises(CannotDoError, match="not by U0ANA"):
        desk.slack.delete(CARE, ts, ANA)
    assert desk.slack.delete(CARE, ts, TOM).payload["event"]["deleted_ts"] == ts


def test_an_event_is_delivered_again_with_the_same_id_and_a_retry_number(desk: Desk) -> None:
    first = desk.slack.say(CARE, None, "once", ANA)
    for _ in range(2):
        desk.slack.redeliver(first.payload)
    assert len({one.body for one in desk.heed.received}) == 1
    assert [one.headers.get("x-slack-retry-num") for one in desk.heed.received] == [None, "1", "2"]
    assert desk.heed.received[1].headers["x-slack-retry-reason"] == "http_timeout"


@pytest.mark.parametrize(("headers", "tries"), [({}, 4), ({"X-Slack-No-Retry": "1"}, 1)])
def test_failed_events_are_retried_three_times_unless_heed_declines(headers: dict[str, str], tries: int) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, retry_events=True)
        desk.heed.react = lambda received: Answer(503, headers=headers)
        desk.slack.say(CARE, None, "hello?", ANA)
        assert [one.headers.get("x-slack-retry-reason") for one in desk.heed.received[1:]] == ["http_error"] * (
            tries - 1
        )


def test_no_answer_in_time_and_nobody_there() -> None:
    def too_late(received: Received) -> Answer:
        time.sleep(0.5)
        return Answer()

    with ExitStack() as stack:
        desk = open_desk(stack, answer_seconds=0.2)
        desk.heed.react = too_late
        assert desk.slack.say(CARE, None, "x", ANA).problem == "http_timeout"
        desk.slack.events_url = "http://127.0.0.1:9/"
        assert desk.slack.say(CARE, None, "x", ANA).problem == "connection_failed"
        desk.slack.events_url = ""
        assert desk.slack.say(CARE, None, "x", ANA).problem == "no_url"


def test_a_slash_command_shows_its_answer_to_the_one_who_typed_it(desk: Desk) -> None:
    desk.heed.answers({"text": "3 open cases"})
    desk.slack.command("/heed", "list & more", CARE, ANA)
    assert desk.heed.received[0].form["text"] == "list & more"
    assert [one["user"] for one in desk.control("state")["ephemerals"]] == [ANA]
    desk.heed.answers({"text": "Case 0042 is Tom's", "response_type": "in_channel"})
    desk.slack.command("/heed", "assign", CARE, ANA)
    assert desk.control("state")["messages"][0]["message"]["text"] == "Case 0042 is Tom's"


def test_a_message_shortcut_and_the_home_tab(desk: Desk) -> None:
    ts = desk.card()
    payload = desk.slack.shortcut("close_case", CARE, ts, ANA).payload
    assert (payload["type"], payload["callback_id"], payload["message"]["ts"]) == ("message_action", "close_case", ts)
    assert "view" not in desk.slack.open_home(ANA).payload["event"]


def test_the_events_url_must_give_the_challenge_back(desk: Desk) -> None:
    assert not desk.slack.verify_events_url()
    desk.heed.react = lambda received: Answer(body=received.payload["challenge"])
    assert desk.slack.verify_events_url()
    desk.heed.react = lambda received: Answer(body=json.dumps({"challenge": received.payload["challenge"]}))
    assert desk.slack.verify_events_url()
