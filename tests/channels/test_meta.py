"""What Facebook, Instagram and WhatsApp share: the handshake, the envelope, Graph calls and Graph errors."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.channels import load
from chalicelib.channels.base import Answer, Channel, Credentials, Inbound, Refused, Unreadable
from chalicelib.channels.parts.meta import fingerprint
from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.domain.event import Kind
from chalicelib.domain.reply import Failed, Later, Mode, Outcome, Sent, Unclear
from tests.channels.graph import CREDENTIALS, NOW, error, one, outgoing, payload, response

NAMES = ("facebook", "instagram", "whatsapp")
TOPICS = {"facebook": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}
FACEBOOK = load("facebook")
COMMENT = outgoing(FACEBOOK, Mode.PUBLIC, {"comment": "1_2"})


@pytest.fixture(params=NAMES)
def channel(request: pytest.FixtureRequest) -> Channel:
    return load(request.param)


def knock(**changes: str) -> Inbound:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock"}
    return Inbound("GET", {}, {**query, **{f"hub.{name}": value for name, value in changes.items()}})


def test_a_subscription_gets_its_challenge_back_as_plain_text(channel: Channel) -> None:
    assert channel.handshake(knock(), CREDENTIALS) == Answer(200, "1158201444", "text/plain")


@pytest.mark.parametrize("challenge", ["a-B_9", "1"])
def test_a_challenge_may_hold_letters_and_dashes(channel: Channel, challenge: str) -> None:
    answer = channel.handshake(knock(challenge=challenge), CREDENTIALS)
    assert answer is not None and answer.body == challenge


@pytest.mark.parametrize(
    "changes",
    [
        {"verify_token": "wrong"},
        {"verify_token": ""},
        {"verify_token": "meatyhamhöck"},
        {"mode": "unsubscribe"},
        {"challenge": ""},
        {"challenge": "<script>1</script>"},
        {"challenge": "12 34"},
        {"challenge": "12\n"},
        {"challenge": "١٢"},
    ],
)
def test_any_other_knock_is_refused(channel: Channel, changes: dict[str, str]) -> None:
    with pytest.raises(Refused):
        channel.handshake(knock(**changes), CREDENTIALS)


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_verify_token_nobody_can_subscribe(channel: Channel, token: str | None) -> None:
    with pytest.raises(Refused):
        channel.handshake(knock(verify_token=token or ""), Credentials(verify_token=token))


def test_a_get_without_any_query_is_refused_and_a_post_is_no_handshake(channel: Channel) -> None:
    with pytest.raises(Refused):
        channel.handshake(Inbound("GET", {}), CREDENTIALS)
    assert channel.handshake(Inbound("POST", {}), CREDENTIALS) is None


@pytest.mark.parametrize("secret", ["meta-app-secret", "instagram-app-secret"])
def test_any_secret_of_the_list_may_have_signed(channel: Channel, secret: str) -> None:
    body = b'{"object":"x"}'
    headers = {"x-hub-signature-256": f"sha256={hex_sha256(secret, body)}"}
    channel.verify(Inbound("POST", headers, {}, body), ["meta-app-secret", "instagram-app-secret"], NOW)
    with pytest.raises(Refused):
        channel.verify(Inbound("POST", headers, {}, body), ["old-secret", ""], NOW)


# -- the envelope -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "entry"),
        ({"entry": "x"}, "entry"),
        ({"object": "permissions", "entry": [{"id": "1", "changed_fields": ["email"]}]}, "permissions"),
        ({"object": 7, "entry": [{}]}, "?"),
    ],
)
def test_a_foreign_envelope_is_unknown(channel: Channel, body: Any, field: str) -> None:
    event = one(channel, body)
    assert (event.kind, event.extra) == (Kind.UNKNOWN, {"field": field})


def test_an_entry_without_values_is_unknown(channel: Channel) -> None:
    event = one(
        channel, {"object": TOPICS[channel.name], "entry": [{"id": "1", "time": 2, "changed_fields": ["name"]}]}
    )
    assert (event.kind, event.account, event.extra) == (Kind.UNKNOWN, "1", {"field": "changed_fields"})


def test_no_entries_are_no_events(channel: Channel) -> None:
    assert channel.read({"object": TOPICS[channel.name], "entry": []}) == []


def test_two_unknown_things_are_two_and_a_retry_with_a_new_send_time_is_none(channel: Channel) -> None:
    def body(value: Any, sent: int) -> Any:
        change = {"field": "brand_new_field", "value": value}
        return {"object": TOPICS[channel.name], "entry": [{"id": "1", "time": sent, "changes": [change]}]}

    first, again, other = (one(channel, body(value, sent)) for value, sent in ((1, 10), (1, 99), ("2", 10)))
    assert first.identity == again.identity != other.identity


@pytest.mark.parametrize("test_id", ["0", 0])
def test_the_dashboards_test_button_opens_nothing(channel: Channel, test_id: Any) -> None:
    entry = {"id": test_id, "time": 1, "changes": [{"field": "messages", "value": {"sender": {"id": "1"}}}]}
    assert one(channel, {"object": TOPICS[channel.name], "entry": [entry]}).kind is Kind.IGNORE


@pytest.mark.parametrize(
    "entry", [None, 7, "x", [], {"id": {}}, {"id": "1", "changes": 7}, {"id": "1", "changes": [7]}]
)
def test_poison_in_the_envelope_is_named_or_unknown_and_still_travels(channel: Channel, entry: Any) -> None:
    body = {"object": TOPICS[channel.name], "entry": [entry]}
    assert len(list(channel.fragments(body))) == 1
    try:
        assert one(channel, body).kind is Kind.UNKNOWN
    except Unreadable as problem:
        assert "entry[0]" in str(problem)


def test_seconds_milliseconds_and_texts_are_all_times() -> None:
    body = payload("facebook", "messenger_text")
    item = body["entry"][0]["messaging"][0]
    for stamp in (1780305242000, "1780305242000", 1780305242, "1780305242"):
        item["timestamp"] = stamp
        assert one(FACEBOOK, body).at == datetime(2026, 6, 1, 9, 14, 2, tzinfo=UTC)


def test_ids_may_be_numbers_and_text_may_hold_what_no_database_takes() -> None:
    body = payload("facebook", "messenger_text")
    item = body["entry"][0]["messaging"][0]
    item["sender"]["id"], item["message"]["text"] = 7245118832190456, "a\x00b\ud83dc"
    event = one(FACEBOOK, body)
    assert (event.author, event.text) == ("7245118832190456", "a\ufffdb\ufffdc")


def test_what_is_nested_too_deeply_is_unreadable() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unreadable, match="nested"):
        fingerprint(deep)


# -- calls ------------------------------------------------------------------------------------------------------------


def test_host_and_version_are_settings_and_ids_cannot_leave_their_place_in_the_url() -> None:
    credentials = Credentials(token="t", api="http://127.0.0.1:9/", options={"graph_version": "v27.0"})
    request = FACEBOOK.render(outgoing(FACEBOOK, Mode.PUBLIC, {"comment": "1/../me?x=#"}), credentials)
    assert request.url == "http://127.0.0.1:9/v27.0/1%2F..%2Fme%3Fx%3D%23/comments"


def test_the_token_is_never_in_the_url(channel: Channel) -> None:
    address = {"comment": "c", "to": "4917", "psid": "p", "igsid": "i"}
    for mode in Mode:
        request = channel.render(outgoing(channel, mode, address), CREDENTIALS)
        assert "EAAB-token" not in request.url and request.headers["Authorization"] == "Bearer EAAB-token"


def test_calls_can_prove_that_they_know_the_app_secret() -> None:
    credentials = Credentials(secrets=("s1", "s0"), token="tok", options={"appsecret_proof": "yes"})
    assert FACEBOOK.render(COMMENT, credentials).url.endswith(
        f"/1_2/comments?appsecret_proof={hex_sha256('s1', b'tok')}"
    )


def test_a_missing_token_still_asks_so_that_the_network_says_no() -> None:
    assert FACEBOOK.render(COMMENT, Credentials()).headers["Authorization"] == "Bearer "


def test_the_api_host_of_each_network() -> None:
    hosts = [load(name).api for name in NAMES]
    assert hosts == ["https://graph.facebook.com", "https://graph.instagram.com", "https://graph.facebook.com"]


# -- outcomes ---------------------------------------------------------------------------------------------------------

FAILED = [
    (190, None, "expired_token"),
    (190, 463, "expired_token"),
    (190, 460, "expired_token"),
    (10, 2018278, "outside_window"),
    (10, 2534022, "outside_window"),
    (551, 1545041, "outside_window"),
    (551, None, "blocked"),
    (10, None, "not_allowed"),
    (10, 1893063, "not_allowed"),
    (3, None, "not_allowed"),
    (200, None, "not_allowed"),
    (299, None, "not_allowed"),
    (368, None, "not_allowed"),
    (100, None, "refused"),
    (100, 33, "gone"),
    (100, 2018001, "gone"),
    (100, 2534014, "gone"),
    (100, 2534001, "gone"),
    (100, 2534025, "duplicate"),
    (10900, None, "duplicate"),
    (10902, None, "not_allowed"),
]


@pytest.mark.parametrize(("code", "subcode", "reason"), FAILED)
def test_an_error_that_proves_nothing_was_posted_fails_the_reply(code: int, subcode: int | None, reason: str) -> None:
    outcome = FACEBOOK.outcome(COMMENT, response(400, error(code, subcode)))
    assert isinstance(outcome, Failed) and outcome.reason == reason
    assert outcome.detail.startswith(str(code)) and outcome.detail.endswith("(#1) no")


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80002, 80006, 80007])
def test_throttled_replies_wait(code: int) -> None:
    assert FACEBOOK.outcome(COMMENT, response(403, error(code))) == Later(timedelta(seconds=60))
    assert FACEBOOK.outcome(COMMENT, response(400, error(code, is_transient=True))) == Later(timedelta(seconds=60))


USAGE = '{"1045":[{"type":"pages","estimated_time_to_regain_access":5}],"7":[{"estimated_time_to_regain_access":3}]}'


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry_after": "17"}, timedelta(seconds=17)),
        ({"retry_after": "17", "x_business_use_case_usage": USAGE}, timedelta(seconds=17)),
        ({"x_business_use_case_usage": USAGE}, timedelta(minutes=5)),
        ({"retry_after": "99999999"}, timedelta(days=1)),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, timedelta(seconds=60)),
        ({"retry_after": "-5"}, timedelta(seconds=60)),
        ({"retry_after": "0"}, timedelta(seconds=60)),
        ({"x_business_use_case_usage": "{"}, timedelta(seconds=60)),
        ({"x_business_use_case_usage": "[1]"}, timedelta(seconds=60)),
        (
            {"x_business_use_case_usage": '{"1":[7,{"estimated_time_to_regain_access":"x"}],"2":3}'},
            timedelta(seconds=60),
        ),
    ],
)
def test_they_wait_as_long_as_the_network_asks(headers: dict[str, str], after: timedelta) -> None:
    assert FACEBOOK.outcome(COMMENT, response(429, b"slow down", **headers)) == Later(after)


@pytest.mark.parametrize(
    "answer",
    [
        response(500, error(190)),
        response(503, b"<html>"),
        response(502, error(4)),
        response(400, error(1)),
        response(400, error(2, 1545133)),
        response(400, error(100, is_transient=True)),
        response(400, error(506)),
        response(400, error(20, 1772107)),
        response(400, error(987654)),
        response(400, {"error": {"code": "190"}}),
        response(400, {"error": "no"}),
        response(404, b"not found"),
        response(302, b""),
        response(200, b'{"id":"1_'),
        response(200, b""),
        response(200, []),
        response(200, {"success": True}),
        response(200, {"id": None}),
        response(200, {"id": {"x": 1}}),
        response(200, {"id": ""}),
    ],
)
def test_what_proves_nothing_is_unclear_and_never_sent_again(answer: Any) -> None:
    assert isinstance(FACEBOOK.outcome(COMMENT, answer), Unclear)


@pytest.mark.parametrize(
    ("name", "mode", "answer", "native_id"),
    [
        ("facebook", Mode.PUBLIC, {"id": "889_600"}, "889_600"),
        ("facebook", Mode.PRIVATE, {"recipient_id": "7", "message_id": "m_1"}, "m_1"),
        ("facebook", Mode.PRIVATE_REPLY, {"message_id": "m_2"}, "m_2"),
        ("instagram", Mode.PUBLIC, {"id": 17900}, "17900"),
        ("instagram", Mode.PRIVATE, {"recipient_id": "7", "message_id": "aWd"}, "aWd"),
        ("whatsapp", Mode.PRIVATE, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}, "wamid.1"),
    ],
)
def test_a_posted_reply_is_sent_under_the_networks_id(name: str, mode: Mode, answer: Any, native_id: str) -> None:
    outcome: Outcome = load(name).outcome(outgoing(load(name), mode, {}), response(200, answer))
    assert outcome == Sent(native_id)


def test_an_error_inside_a_200_is_an_error() -> None:
    outcome = FACEBOOK.outcome(COMMENT, response(200, error(190) | {"id": "1"}))
    assert isinstance(outcome, Failed) and outcome.reason == "expired_token"
