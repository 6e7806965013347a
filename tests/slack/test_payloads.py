"""Everything Slack posts, from documented bodies; and what it never would."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.base import Malformed
from chalicelib.slack.incoming import (
    Asked,
    Challenge,
    Click,
    Closed,
    HomeOpened,
    Ignored,
    Incoming,
    Probe,
    Revised,
    Said,
    Shortcut,
    Standing,
    Submitted,
)
from chalicelib.slack.mrkdwn import plain
from chalicelib.slack.payloads import parse

FIXTURES = Path(__file__).parents[1] / "fixtures" / "slack"

REPLY = Said(
    event_id="Ev0HEED0001",
    user="U0AGENT01",
    team="T0ACME001",
    app="A0HEED001",
    channel="C0CARE001",
    thread_ts="1795165140.000100",
    ts="1795165200.000200",
    text="Hi Ana",
    bot="U0HEEDBOT",
)
WHO = ("U0AGENT01", "T0ACME001", "A0HEED001")
WITH_LINKS = "Hi Ana &amp; team, see <https://acme.example/help|our guide> or ask <@U0AGENT02> 👋"
EXPECTED: dict[str, Incoming] = {
    "app_rate_limited.json": Standing(
        "T0ACME001", "A0HEED001", "app_rate_limited:1795165200", "1795165200", error="app_rate_limited"
    ),
    "block_actions_reply_button.form": Click(
        user="U0AGENT01",
        team="T0ACME001",
        app="A0HEED001",
        action="reply",
        value="case_0042",
        trigger_id="12466734323.1395872398.abc",
        channel="C0CARE001",
        ts="1795165140.000100",
        action_ts="1795165200.548000",
        response_url="https://hooks.slack.com/actions/T0ACME001/222/yyyy",
    ),
    "event_app_home_opened.json": HomeOpened(*WHO, "1732093200.abcd1234", "Ev0HEED0006"),
    "event_app_mention.json": Asked(*WHO, "status 0042", "C0CARE001", "Ev0HEED0007", mention=True),
    "event_file_share.json": Said(
        **{name: getattr(REPLY, name) for name in ("user", "team", "app", "channel", "thread_ts")},
        event_id="Ev0HEED0005",
        ts="1795165200.000500",
        text="",
        bot="U0HEEDBOT",
        files=("guide.pdf",),
    ),
    "event_message_changed.json": Revised(
        **{name: getattr(REPLY, name) for name in ("user", "team", "app", "channel", "thread_ts", "ts")},
        event_id="Ev0HEED0002",
        order="1795165230.000300",
        text="Hi Ana (fixed)",
    ),
    "event_message_deleted.json": Revised(
        **{name: getattr(REPLY, name) for name in ("user", "team", "app", "channel", "thread_ts", "ts")},
        event_id="Ev0HEED0003",
        order="1795165250.000400",
        text=None,
    ),
    "event_message_own_bot.json": Ignored("not something a person said"),
    "event_message_thread_reply.json": Said(
        **{name: getattr(REPLY, name) for name in ("event_id", "user", "team", "app", "channel", "thread_ts", "ts")},
        text=WITH_LINKS,
        bot="U0HEEDBOT",
        parent="U0HEEDBOT",
    ),
    "event_message_thread_reply_retry.json": REPLY,
    "message_shortcut.form": Shortcut(
        user="U0AGENT01",
        team="T0ACME001",
        app="",
        callback="close_case",
        trigger_id="12466734325.1395872398.ghi",
        channel="C0CARE001",
        ts="1795165140.000100",
        text="New case",
        response_url="https://hooks.slack.com/app/T0ACME001/333/zzzz",
    ),
    "slash_command.form": Asked(
        user="U0AGENT01",
        team="T0ACME001",
        app="A0HEED001",
        text="assign 0042 @joão & notify",
        channel="C0CARE001",
        id="13345224609.738474920.8088930838d88f008e0",
        response_url="https://hooks.slack.com/commands/T0ACME001/111/xxxx",
    ),
    "ssl_check.form": Probe(),
    "url_verification.json": Challenge("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"),
    "view_submission_reply.form": Submitted(
        user="U0AGENT01",
        team="T0ACME001",
        app="A0HEED001",
        view_id="V0REPLY01",
        callback="reply_modal",
        metadata={"case": "0042"},
        values={"body": "Hi Ana & team <3\nWe fixed it 🎉"},
        blocks={"body": "body"},
        trigger_id="12466734324.1395872398.def",
    ),
}


def body(name: str) -> dict[str, Any]:
    raw = (FIXTURES / name).read_text()
    loaded: dict[str, Any] = json.loads(raw if raw.startswith("{") else parse_qs(raw)["payload"][0])
    return loaded


def event(**changes: Any) -> Incoming:
    whole = body("event_message_thread_reply_retry.json")
    whole["event"] |= changes
    return parse(json.dumps(whole).encode())


def form(payload: Any) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def test_every_fixture_has_its_meaning() -> None:
    assert set(EXPECTED) == {path.name for path in FIXTURES.iterdir()} - {"vectors.json"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_slack_posts_is_understood(name: str) -> None:
    assert parse((FIXTURES / name).read_bytes()) == EXPECTED[name]


def test_an_agents_words_come_out_as_they_were_meant() -> None:
    assert plain(WITH_LINKS, {"U0AGENT02": "Tom"}.get) == (
        "Hi Ana & team, see our guide (https://acme.example/help) or ask Tom 👋"
    )


def test_a_buttons_value_names_brand_case_and_subject() -> None:
    payload = body("block_actions_reply_button.form")
    payload["actions"][0]["value"] = "acme/abc-1/r7"
    click = parse(form(payload))
    assert isinstance(click, Click)
    assert (click.brand, click.case_id, click.subject) == ("acme", "abc-1", "r7")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bot_id": "B1"}, "said by a bot"),
        ({"user": None}, "said by a bot"),
        ({"subtype": "channel_join"}, "not something a person said"),
        ({"subtype": ["a"]}, "not something a person said"),
        ({"thread_ts": None}, "not in a thread"),
        ({"thread_ts": "1795165200.000200"}, "not in a thread"),
        ({"team": "T0STRANGER"}, "said by a stranger"),
        ({"user_team": "T0STRANGER"}, "said by a stranger"),
        ({"source_team": ["T0ACME001"]}, "said by a stranger"),
        ({"text": ""}, "no words"),
    ],
)
def test_only_what_a_colleague_says_in_a_thread_counts(changes: dict[str, Any], reason: str) -> None:
    assert event(**changes) == Ignored(reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": "Hi Ana"}, "as before"),
        ({"bot_id": "B1"}, "said by a bot"),
        ({"thread_ts": None}, "not in a thread"),
        ({"subtype": "tombstone"}, "not something a person said"),
        ({"team": "T0STRANGER"}, "said by a stranger"),
    ],
)
def test_only_what_a_colleague_changed_in_a_thread_counts(changes: dict[str, Any], reason: str) -> None:
    """A preview of a link, our own edit of a card, a thread whose first message is gone: all come in the same way."""
    whole = body("event_message_changed.json")
    whole["event"]["message"] |= changes
    assert parse(json.dumps(whole).encode()) == Ignored(reason)


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_some_subtypes_are_still_words(subtype: str) -> None:
    assert event(subtype=subtype, user_team="T0ACME001") == REPLY


def test_in_a_shared_channel_an_author_without_team_is_a_stranger() -> None:
    whole = body("event_message_thread_reply_retry.json") | {"is_ext_shared_channel": True}
    del whole["event"]["team"]
    assert parse(json.dumps(whole).encode()) == Ignored("said by a stranger")


def test_team_may_be_null_on_organisation_wide_installs() -> None:
    payload = body("view_submission_reply.form") | {"team": None}
    del payload["user"]["team_id"]
    submitted = parse(form(payload))
    assert isinstance(submitted, Submitted) and submitted.team == "T0ACME001"
    del payload["view"]["app_installed_team_id"]
    with pytest.raises(Malformed, match="team"):
        parse(form(payload))


def test_empty_inputs_and_choices_are_read_by_block() -> None:
    payload = body("view_submission_reply.form")
    chosen = {"type": "radio_buttons", "selected_option": {"value": "public:x"}}
    empty = {"type": "plain_text_input", "value": None}
    payload["view"]["state"]["values"] = {"where": {"where": chosen}, "text": {"text": empty}, "odd": []}
    submitted = parse(form(payload))
    assert isinstance(submitted, Submitted)
    assert submitted.values == {"where": "public:x", "text": ""}


def in_view(**view: Any) -> Incoming:
    payload = body("block_actions_reply_button.form") | {"container": {"type": "view", "view_id": "V1"}}
    del payload["channel"], payload["message"], payload["response_url"]
    return parse(form(payload | {"view": {"id": "V1", "type": "modal", "hash": "h1", "callback_id": "reply"} | view}))


def test_a_button_in_a_window_knows_what_stands_there_meanwhile() -> None:
    typed = {"text~2": {"text": {"type": "plain_text_input", "value": "Hello"}}}
    click = in_view(private_metadata='{"brand":"acme","case":"abc-1","turn":"2"}', state={"values": typed})
    assert isinstance(click, Click)
    assert (click.view_id, click.view_hash, click.home, click.callback) == ("V1", "h1", False, "reply")
    assert (click.brand, click.case_id, click.values) == ("acme", "abc-1", {"text": "Hello"})
    assert click.press == "V1::1795165200.548000"


def test_a_button_on_the_home_tab_says_so() -> None:
    click = in_view(type="home")
    assert isinstance(click, Click) and click.home and click.channel == ""


def test_an_action_somewhere_else_is_ignored() -> None:
    payload = body("block_actions_reply_button.form") | {"container": {"type": "message_attachment"}}
    assert isinstance(parse(form(payload)), Ignored)


def test_a_window_that_was_closed_tells_what_slack_tells() -> None:
    payload = body("view_submission_reply.form") | {"type": "view_closed", "is_cleared": False}
    closed = parse(form(payload))
    assert isinstance(closed, Closed) and closed.values["body"].startswith("Hi Ana") and closed.case_id == "0042"
    payload["view"]["state"] = {"values": {}}
    closed = parse(form(payload))
    assert isinstance(closed, Closed) and closed.values == {}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"selected_user": "U0TOM"}, "U0TOM"),
        ({"selected_date_time": 1795165200}, "1795165200"),
        ({"selected_options": [{"value": "yes"}, {"value": "no"}]}, "yes,no"),
        ({"selected_options": []}, ""),
        ({"selected_option": None}, ""),
        ({"selected_date_time": True}, ""),
    ],
)
def test_every_kind_of_field_is_read(element: dict[str, Any], value: str) -> None:
    payload = body("view_submission_reply.form")
    payload["view"]["state"]["values"] = {"field": {"field": element}}
    submitted = parse(form(payload))
    assert isinstance(submitted, Submitted) and submitted.values == {"field": value}


def test_a_field_that_was_filled_anew_keeps_its_name() -> None:
    payload = body("view_submission_reply.form")
    payload["view"]["state"]["values"] = {"text~3": {"text": {"type": "plain_text_input", "value": "Hi"}}}
    submitted = parse(form(payload))
    assert isinstance(submitted, Submitted)
    assert (submitted.values, submitted.blocks) == ({"text": "Hi"}, {"text": "text~3"})


def test_a_slash_command_may_speak_of_a_payload() -> None:
    fields = parse_qs((FIXTURES / "slash_command.form").read_text())
    raw = urlencode({key: values[0] for key, values in fields.items()} | {"text": "find payload=x"})
    asked = parse(raw.encode())
    assert isinstance(asked, Asked) and asked.text == "find payload=x"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"thread_ts": "1795165140.000100"}, "told as a message too"),
        ({"bot_id": "B1"}, "said by a bot"),
        ({"team": "T0STRANGER"}, "said by a stranger"),
    ],
)
def test_a_mention_in_a_thread_or_of_somebody_else_is_not_for_us(changes: dict[str, Any], reason: str) -> None:
    whole = body("event_app_mention.json")
    whole["event"] |= changes
    assert parse(json.dumps(whole).encode()) == Ignored(reason)


def test_words_to_us_begin_with_our_name() -> None:
    said = event(text="<@U0HEEDBOT>  take")
    assert isinstance(said, Said) and said.to_us == "take"
    for text in ("ask <@U0HEEDBOT> to take", "take", "<@U0AGENT02> take"):
        said = event(text=text)
        assert isinstance(said, Said) and said.to_us is None


def test_the_messages_tab_is_not_the_home_tab() -> None:
    whole = body("event_app_home_opened.json")
    whole["event"]["tab"] = "messages"
    assert parse(json.dumps(whole).encode()) == Ignored("not the Home tab")


def test_half_a_character_becomes_a_question_mark() -> None:
    raw = json.dumps(body("event_message_thread_reply_retry.json")).replace("Hi Ana", "Hi \\ud83d")
    said = parse(raw.encode())
    assert isinstance(said, Said) and said.text == "Hi ?"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b"a=%ff",
        b"hello=world",
        b"payload=x",
        b"payload=[]",
        b"payload={}",
        b'{"type":"url_verification"}',
        b'{"type":"event_callback"}',
        b'{"type":"event_callback","event":[]}',
        b'{"type":"event_callback","event":{"type":7}}',
        b'{"type":' * 2000,
        b"&".join(b"a=1" for _ in range(1000)),
        form({"type": "block_actions", "actions": []}),
        form({"type": "block_actions", "actions": ["x"], "container": {"type": "message"}}),
        form({"type": "view_submission", "view": {"private_metadata": "[]"}}),
    ],
)
def test_what_slack_would_never_post_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse(raw)


@pytest.mark.parametrize("code", ["zz", "-", "ffffffff", "-1"])
def test_an_emoji_without_code_points_is_malformed(code: str) -> None:
    with pytest.raises(Malformed, match="emoji"):
        event(blocks=[{"type": "rich_text", "elements": [{"type": "emoji", "name": "x", "unicode": code}]}])


def test_blocks_nested_without_end_are_not_followed() -> None:
    deep: dict[str, Any] = {"type": "emoji", "name": "wave", "unicode": "1f44b"}
    for _ in range(300):
        deep = {"elements": [deep]}
    assert event(text=":wave:", blocks=[deep]) == Said(**{**_fields(REPLY), "text": ":wave:"})


def _fields(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in Said.__dataclass_fields__}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _replaced(node: Any, draw: Callable[[], Any], at: list[int]) -> Any:
    """The body with one value, counted in depth-first order, replaced."""
    at[0] -= 1
    if at[0] == 0:
        return draw()
    if isinstance(node, dict):
        return {key: _replaced(value, draw, at) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, draw, at) for value in node]
    return node


@given(st.sampled_from([name for name in EXPECTED if name not in ("slash_command.form", "ssl_check.form")]), st.data())
def test_a_body_with_anything_in_any_place_is_understood_or_malformed(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(min_value=1, max_value=60))
    broken = _replaced(body(name), lambda: data.draw(_JSON), [place])
    try:
        parse(form(broken) if name.endswith(".form") else json.dumps(broken).encode())
    except Malformed as malformed:
        assert str(malformed)
