"""The Slack double's Web API: messages, views, refusals, faults, rate limit."""

import json
from contextlib import ExitStack
from http.client import HTTPConnection, RemoteDisconnected

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from infra.doubles.slack import RateLimit
from infra.doubles.slack.gate import Buckets
from tests.doubles.slack_kit import ANA, CARE, NOON, TOM, Desk, Json, card_blocks, fetch, modal, open_desk, plain

HOME: Json = {"type": "home", "blocks": [{"type": "section", "text": plain("Your cases")}]}


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_auth_test_names_the_bot_that_self_events_are_filtered_by(desk: Desk) -> None:
    answer = desk.client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0HEED", "U0HEEDBOT", "B0HEEDBOT")


def test_timestamps_are_texts_unique_and_increasing_while_the_clock_stands_still(desk: Desk) -> None:
    stamps = [desk.client.chat_postMessage(channel=CARE, text=str(n))["ts"] for n in range(5)]
    assert stamps[0] == f"{int(NOON)}.000100"
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-other", "invalid_auth"), ("", "not_authed")], ids=["wrong token", "no token"]
)
def test_a_call_without_the_right_token_is_refused_with_http_200(desk: Desk, token: str, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, _, body = fetch(f"{desk.slack.api_url}auth.test", b"{}", **headers)
    assert (status, body) == (200, {"ok": False, "error": error})


def test_an_unknown_method_is_named_so(desk: Desk) -> None:
    with pytest.raises(SlackApiError) as error:
        desk.client.api_call("chat.invented")
    assert refusal(error) == "unknown_method"


def test_form_bodies_are_read_like_json(desk: Desk) -> None:
    form = {"channel": CARE, "text": "form", "blocks": json.dumps(card_blocks()), "metadata": '{"event_type":1}'}
    with pytest.raises(SlackApiError) as error:
        desk.client.api_call("chat.postMessage", data=form)
    assert refusal(error) == "invalid_metadata_format"
    del form["metadata"]
    assert len(desk.client.api_call("chat.postMessage", data=form)["message"]["blocks"]) == 3


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": CARE}, "no_text"),
        ({"channel": CARE, "text": ""}, "no_text"),
        ({"channel": "C0OLD", "text": "x"}, "is_archived"),
        ({"channel": "C0SECRET", "text": "x"}, "not_in_channel"),
        ({"channel": CARE, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": CARE, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
    ],
)
def test_posts_that_slack_would_refuse(desk: Desk, args: Json, error: str) -> None:
    desk.control("channels", {"id": "C0OLD", "name": "old", "archived": True})
    desk.control("channels", {"id": "C0SECRET", "name": "secret", "member": False})
    with pytest.raises(SlackApiError) as refused:
        desk.client.api_call("chat.postMessage", json=args)
    assert refusal(refused) == error


def test_a_message_to_a_user_goes_to_the_direct_conversation(desk: Desk) -> None:
    assert desk.client.chat_postMessage(channel=ANA, text="psst")["channel"] == "D0ANA"


def test_replies_come_after_their_root_and_metadata_only_when_asked_for(desk: Desk) -> None:
    ts = desk.card()
    note = {"event_type": "heed_case", "event_payload": {"case_id": "0042"}}
    desk.client.chat_postMessage(channel=CARE, thread_ts=ts, text="quiet", metadata=note)
    desk.client.chat_postMessage(channel=CARE, thread_ts=ts, text="loud", reply_broadcast=True)
    replies = desk.client.conversations_replies(channel=CARE, ts=ts, include_all_metadata=True)["messages"]
    assert [one["text"] for one in replies] == ["Case 0042", "quiet", "loud"]
    assert replies[0]["reply_count"] == 2
    assert replies[1]["metadata"] == note
    history = desk.client.conversations_history(channel=CARE)["messages"]
    assert [one["text"] for one in history] == ["loud", "Case 0042"]
    assert "metadata" not in history[0]


def test_history_is_paged(desk: Desk) -> None:
    for number in range(3):
        desk.client.chat_postMessage(channel=CARE, text=str(number))
    first = desk.client.conversations_history(channel=CARE, limit=2)
    rest = desk.client.conversations_history(channel=CARE, cursor=first["response_metadata"]["next_cursor"])
    assert [one["text"] for one in first["messages"] + rest["messages"]] == ["2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_an_update_keeps_blocks_it_does_not_mention_and_marks_the_edit(desk: Desk) -> None:
    ts = desk.card()
    kept = desk.client.chat_update(channel=CARE, ts=ts, text="Case 0042, taken")["message"]
    assert len(kept["blocks"]) == 3
    assert kept["edited"]["user"] == "U0HEEDBOT"
    cleared = desk.client.chat_update(channel=CARE, ts=ts, text="done", blocks=[])["message"]
    assert cleared["blocks"] == []


def test_only_own_messages_can_be_changed(desk: Desk) -> None:
    desk.slack.say(CARE, None, "mine", TOM)
    ts = desk.heed.events()[0]["ts"]
    for method, error in (("chat.update", "cant_update_message"), ("chat.delete", "cant_delete_message")):
        with pytest.raises(SlackApiError) as refused:
            desk.client.api_call(method, json={"channel": CARE, "ts": ts, "text": "x"})
        assert refusal(refused) == error


def test_a_deleted_root_with_replies_leaves_a_tombstone(desk: Desk) -> None:
    ts = desk.card()
    desk.client.chat_postMessage(channel=CARE, thread_ts=ts, text="reply")
    desk.client.chat_delete(channel=CARE, ts=ts)
    desk.slack.settle()
    assert desk.client.conversations_replies(channel=CARE, ts=ts)["messages"][0]["subtype"] == "tombstone"
    assert desk.heed.events()[-1]["subtype"] == "message_changed"


def test_a_deleted_message_is_gone_and_told_as_deleted(desk: Desk) -> None:
    ts = desk.card()
    desk.client.chat_delete(channel=CARE, ts=ts)
    desk.slack.settle()
    assert desk.client.conversations_history(channel=CARE)["messages"] == []
    assert (desk.heed.events()[-1]["subtype"], desk.heed.events()[-1]["deleted_ts"]) == ("message_deleted", ts)


def test_an_ephemeral_message_is_seen_by_one_person_and_by_no_method(desk: Desk) -> None:
    ts = desk.client.chat_postEphemeral(channel=CARE, user=ANA, text="taken by Tom")["message_ts"]
    assert desk.client.conversations_history(channel=CARE)["messages"] == []
    assert [one["user"] for one in desk.control("state")["ephemerals"]] == [ANA]
    with pytest.raises(SlackApiError) as error:
        desk.client.chat_update(channel=CARE, ts=ts, text="x")
    assert refusal(error) == "message_not_found"


def test_people_are_found_by_id_and_by_email(desk: Desk) -> None:
    user = desk.client.users_lookupByEmail(email="Tom@heed.example")["user"]
    assert user["id"] == TOM
    assert desk.client.users_info(user=TOM)["user"]["profile"]["email"] == "tom@heed.example"
    with pytest.raises(SlackApiError, match="user_not_found"):
        desk.client.users_info(user="U0NO")
    with pytest.raises(SlackApiError, match="users_not_found"):
        desk.client.users_lookupByEmail(email="no@x.example")


def test_a_permalink_opens_the_page_at_the_thread(desk: Desk) -> None:
    root = desk.card()
    reply = desk.client.chat_postMessage(channel=CARE, thread_ts=root, text="x")["ts"]
    link = desk.client.chat_getPermalink(channel=CARE, message_ts=reply)["permalink"]
    assert link == f"{desk.slack.url}/archives/{CARE}/p{reply.replace('.', '')}?thread_ts={root}&cid={CARE}"
    assert fetch(link)[2] == fetch(desk.slack.url)[2]


def test_a_trigger_opens_one_modal_and_no_second(desk: Desk) -> None:
    trigger_id = desk.trigger(desk.card())
    view = desk.client.views_open(trigger_id=trigger_id, view=modal())["view"]
    assert view["root_view_id"] == view["id"]
    assert view["private_metadata"] == "0042"
    with pytest.raises(SlackApiError) as error:
        desk.client.views_open(trigger_id=trigger_id, view=modal())
    assert refusal(error) == "exchanged_trigger_id"


@pytest.mark.parametrize(("seconds", "error"), [(3.0, ""), (3.1, "expired_trigger_id")])
def test_a_trigger_lives_three_seconds(desk: Desk, seconds: float, error: str) -> None:
    trigger_id = desk.trigger(desk.card())
    desk.clock.at += seconds
    if not error:
        assert desk.client.views_open(trigger_id=trigger_id, view=modal())["ok"]
        return
    with pytest.raises(SlackApiError) as refused:
        desk.client.views_open(trigger_id=trigger_id, view=modal())
    assert refusal(refused) == error


def test_an_invented_trigger_opens_nothing(desk: Desk) -> None:
    with pytest.raises(SlackApiError) as error:
        desk.client.views_open(trigger_id="1.2.abc", view=modal())
    assert refusal(error) == "invalid_trigger_id"


def test_the_stack_holds_three_views(desk: Desk) -> None:
    ts = desk.card()
    desk.client.views_open(trigger_id=desk.trigger(ts), view=modal())
    pushed = [desk.client.views_push(trigger_id=desk.trigger(ts), view=modal())["view"] for _ in range(2)]
    assert pushed[1]["previous_view_id"] == pushed[0]["id"]
    with pytest.raises(SlackApiError) as error:
        desk.client.views_push(trigger_id=desk.trigger(ts), view=modal())
    assert refusal(error) == "push_limit_reached"


def test_an_update_with_a_stale_hash_conflicts(desk: Desk) -> None:
    view = desk.client.views_open(trigger_id=desk.trigger(desk.card()), view=modal(external_id="e1"))["view"]
    fresh = desk.client.views_update(external_id="e1", hash=view["hash"], view=modal(external_id="e1"))["view"]
    assert (fresh["id"], fresh["hash"] != view["hash"]) == (view["id"], True)
    with pytest.raises(SlackApiError) as error:
        desk.client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert refusal(error) == "hash_conflict"
    with pytest.raises(SlackApiError) as error:
        desk.client.views_update(view_id="V0NONE", view=modal())
    assert refusal(error) == "not_found"


def test_the_home_tab_is_published_per_person(desk: Desk) -> None:
    first = desk.client.views_publish(user_id=ANA, view=HOME)["view"]
    again = desk.client.views_publish(user_id=ANA, view=HOME, hash=first["hash"])["view"]
    assert again["id"] == first["id"]
    with pytest.raises(SlackApiError) as error:
        desk.client.views_publish(user_id=ANA, view=HOME, hash=first["hash"])
    assert refusal(error) == "hash_conflict"
    assert list(desk.control("state")["homes"]) == [ANA]


def test_the_next_calls_are_rate_limited_with_a_waiting_time(desk: Desk) -> None:
    desk.slack.fail("chat.postMessage", "ratelimited", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as error:
            desk.client.chat_postMessage(channel=CARE, text="x")
        assert error.value.response.status_code == 429
        assert error.value.response.headers["Retry-After"] == "7"
    assert desk.client.chat_postMessage(channel=CARE, text="x")["ok"]


def test_a_programmed_error_and_a_sick_server(desk: Desk) -> None:
    desk.control("faults", {"method": "*", "kind": "error", "error": "token_revoked"})
    desk.control("faults", {"method": "auth.test", "kind": "server_error", "status": 503})
    with pytest.raises(SlackApiError) as error:
        desk.client.conversations_info(channel=CARE)
    assert refusal(error) == "token_revoked"
    with pytest.raises(SlackApiError) as error:
        desk.client.auth_test()
    assert error.value.response.status_code == 503
    assert [call["result"] for call in desk.control("calls")["calls"]] == ["token_revoked", "server_error"]


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_before_or_after_the_work(desk: Desk, kind: str, done: int) -> None:
    desk.control("faults", {"method": "chat.postMessage", "kind": kind})
    with pytest.raises(RemoteDisconnected):
        desk.client.chat_postMessage(channel=CARE, text="once")
    assert len(desk.client.conversations_history(channel=CARE)["messages"]) == done


def test_a_call_that_hangs_has_done_its_work_when_the_caller_gives_up(desk: Desk) -> None:
    desk.slack.fail("chat.postMessage", "hang")
    impatient = WebClient("xoxb-double", base_url=desk.slack.api_url, retry_handlers=[], timeout=1)
    with pytest.raises(TimeoutError):
        impatient.chat_postMessage(channel=CARE, text="slow")
    assert desk.client.conversations_history(channel=CARE)["messages"][0]["text"] == "slow"


def test_faults_can_be_taken_back_and_unknown_kinds_are_told(desk: Desk) -> None:
    with pytest.raises(ValueError, match="use one of ratelimited, server_error"):
        desk.slack.fail("chat.update", "explode")  # type: ignore[arg-type]
    desk.slack.fail("chat.update", "server_error")
    desk.slack.faults.clear()
    assert desk.client.chat_update(channel=CARE, ts=desk.card(), text="x")["ok"]


def test_the_rate_limit_allows_a_burst_then_one_message_a_second_per_channel() -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, rate_limit=RateLimit(per_second=1, burst=3))
        for _ in range(3):
            desk.client.chat_postMessage(channel=CARE, text="burst")
        with pytest.raises(SlackApiError) as error:
            desk.client.chat_postMessage(channel=CARE, text="too much")
        assert error.value.response.headers["Retry-After"] == "1"
        assert desk.client.chat_postMessage(channel="C0ALERTS", text="another channel")["ok"]
        desk.clock.at += 1
        assert desk.client.chat_postMessage(channel=CARE, text="a second later")["ok"]


@pytest.mark.parametrize(("method", "minute"), [("chat.update", 50), ("views.publish", 100)])
def test_every_other_method_is_limited_by_its_tier(method: str, minute: int) -> None:
    """By the minute and the workspace, whatever channel it is about."""
    now = [1_780_000_000.0]
    buckets = Buckets(RateLimit(per_second=1, burst=3), lambda: now[0])
    assert [buckets.wait(method, f"C{number}") for number in range(minute)] == [0] * minute
    wait = buckets.wait(method, CARE)
    assert 0 < wait <= 2
    now[0] += wait
    assert buckets.wait(method, CARE) == 0
    assert Buckets(None, lambda: now[0]).wait(method, CARE) == 0, "only where limits are on"


def test_the_web_api_asks_whoever_comes_too_often_to_wait() -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, rate_limit=RateLimit(per_second=1, burst=3))
        card = desk.card()
        for _ in range(50):
            desk.client.chat_update(channel=CARE, ts=card, text="Now")
        with pytest.raises(SlackApiError) as error:
            desk.client.chat_update(channel=CARE, ts=card, text="Too often")
        assert error.value.response.headers["Retry-After"] == "2"


def test_bodies_that_are_not_json_and_hosts_that_are_not_local_are_refused(desk: Desk) -> None:
    assert fetch(f"{desk.slack.api_url}auth.test", b"{")[2]["error"] == "invalid_json"
    connection = HTTPConnection("127.0.0.1", int(desk.slack.url.rsplit(":", 1)[1]), timeout=3)
    connection.request("GET", "/_double/state", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 421
    connection.close()


def test_an_app_is_installed_with_what_its_manifest_asks_for(desk: Desk) -> None:
    manifest = {
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "features": {"app_home": {"messages_tab_enabled": False}},
    }
    desk.slack.web.grants.install(manifest)
    assert desk.client.chat_postMessage(channel=CARE, text="Hi").data
    with pytest.raises(SlackApiError, match="messages_tab_disabled"):
        desk.client.chat_postMessage(channel=ANA, text="Hi")
    with pytest.raises(SlackApiError, match="missing_scope"):
        desk.client.users_info(user=ANA)
