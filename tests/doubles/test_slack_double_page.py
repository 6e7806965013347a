"""The Slack double seen from outside: the state, the control endpoints and the page."""

from contextlib import ExitStack

import pytest
from slack_sdk.errors import SlackApiError

from infra.doubles.slack.static import FILES
from tests.doubles.slack_kit import ANA, CARE, HELLO, Desk, fetch, open_desk, opened


def test_the_state_tells_only_what_changed_since_a_revision(desk: Desk) -> None:
    first, second = desk.card(), desk.card()
    whole = desk.control("state")
    assert (len(whole["messages"]), whole["calls"][0]["method"]) == (2, "chat.postMessage")
    revision = whole["revision"]
    assert desk.control(f"state?since={revision}") == {"boot": whole["boot"], "revision": revision, "unchanged": True}
    desk.client.chat_update(channel=CARE, ts=first, text="edited")
    desk.client.chat_delete(channel=CARE, ts=second)
    changed = desk.control(f"state?since={revision}")
    assert [one["message"]["text"] for one in changed["messages"]] == ["edited"]
    assert changed["gone"] == [{"channel": CARE, "ts": second}]
    assert "calls" not in changed


def test_a_reply_touches_its_root_so_that_the_page_counts_it(desk: Desk) -> None:
    ts = desk.card()
    revision = desk.control("state")["revision"]
    desk.control("say", {"channel": CARE, "thread_ts": ts, "text": "note", "user": ANA})
    changed = desk.control(f"state?since={revision}")["messages"]
    assert [(one["ts"], one["message"].get("reply_count")) for one in changed if one["ts"] == ts] == [(ts, 1)]


def test_the_page_clicks_submits_and_says_over_the_control_endpoints(desk: Desk) -> None:
    ts = desk.card()
    clicked = desk.control("click", {"channel": CARE, "ts": ts, "action_id": "priority", "value": "low", "user": ANA})
    assert (clicked["ok"], clicked["kind"]) == (True, "interaction")
    view_id = opened(desk)
    missing = desk.control("submit", {"view_id": view_id, "values": {}, "user": ANA})
    assert missing["errors"] == {"body": "Please complete this required field."}
    assert desk.control("submit", {"view_id": view_id, "values": HELLO, "user": ANA})["outcome"] == "close"
    said = desk.control("say", {"channel": CARE, "text": "hello", "user": ANA})
    event_id = next(one.payload["event_id"] for one in desk.slack.deliveries if one.kind == "event")
    assert said["ok"] and desk.control("redeliver", {"event_id": event_id})["retry"] == 1
    desk.control("urls", {"events_url": "", "interactivity_url": ""})
    assert desk.control("command", {"command": "/heed", "channel": CARE, "user": ANA})["problem"] == "no_url"


@pytest.mark.parametrize(
    ("name", "body", "status", "error"),
    [
        ("click", b"{}", 400, "missing: channel"),
        ("say", b"[]", 400, "the body must be an object"),
        ("dance", b"{}", 404, "no such control; there are channels, click, close"),
        ("faults", b'{"method": "auth.test", "kind": "explode"}', 400, "unknown kind of fault"),
        ("redeliver", b'{"event_id": "Ev0"}', 409, "no event Ev0 was delivered"),
        ("say", b'{"channel": "C0NONE", "text": "x", "user": "U0ANA"}', 409, "channel_not_found"),
    ],
)
def test_wrong_control_calls_are_explained(desk: Desk, name: str, body: bytes, status: int, error: str) -> None:
    found, _, answer = fetch(f"{desk.slack.url}/_double/{name}", body)
    assert (found, answer["error"].startswith(error)) == (status, True)


def test_another_sites_form_cannot_use_the_controls(desk: Desk) -> None:
    status, _, _ = fetch(f"{desk.slack.url}/_double/say", b"text=x", **{"Content-Type": "text/plain"})
    assert status == 400


def test_the_page_comes_with_a_policy_that_allows_nothing_from_elsewhere(desk: Desk) -> None:
    status, headers, text = fetch(desk.slack.url)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert 'src="/page.js"' in text and "<script>" not in text and "style=" not in text


def test_the_pages_files_load_nothing_from_elsewhere_and_write_no_html(desk: Desk) -> None:
    assert {"/page.js", "/page.css", "/blocks.css", "/emoji.json"} <= set(FILES)
    for name in FILES:
        status, _, body = fetch(f"{desk.slack.url}{name}")
        assert status == 200
        assert not any(
            word in str(body) for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "@import")
        )
    assert fetch(f"{desk.slack.url}/../double.py")[0] == 404


def test_a_stopped_double_is_not_reachable() -> None:
    with ExitStack() as stack:
        desk = open_desk(stack)
        desk.slack.stop()
        with pytest.raises((OSError, SlackApiError)):
            desk.client.auth_test()


def test_a_response_url_works_five_times_and_for_half_an_hour(desk: Desk) -> None:
    ts = desk.card()
    url = desk.slack.click(CARE, ts, "reply", ANA).payload["response_url"]
    assert fetch(url, b'{"replace_original": true, "text": "taken", "blocks": []}')[0] == 200
    assert desk.control("state")["messages"][0]["message"]["text"] == "taken"
    assert fetch(url, b'{"text": "only you"}')[0] == 200
    assert fetch(url, b'{"delete_original": true}')[0] == 200
    assert desk.control("state")["messages"] == []
    assert [fetch(url, b'{"text": "x"}')[0] for _ in range(3)] == [200, 200, 404]
    late = desk.slack.command("/heed", "", CARE, ANA).payload["response_url"]
    desk.clock.at += 1801
    assert fetch(late, b'{"text": "x"}')[2]["error"] == "expired_url"
