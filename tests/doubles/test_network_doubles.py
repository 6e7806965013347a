"""The doubles of the social networks, over real HTTP: what they accept, refuse, break and tell."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.doubles.networks import signing
from infra.doubles.networks.accounts import ACCOUNTS, account_of
from infra.doubles.networks.corpus import CORPUS
from infra.doubles.networks.faults import TRANSPORT, Fault, UnknownFaultError
from infra.doubles.networks.people import KINDS, VOICES, Event, Person, UnknownKindError, build, fresh, handshake
from infra.doubles.networks.server import NETWORKS, NetworkDoubles
from infra.doubles.networks.storm import Planned, storm
from infra.doubles.networks.weights import weighted_length

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANA = Person("7245118832190456", "Ana Sample", "ana_s", "491701234567")
PAGE, IG, WA = (account_of(name).native_id for name in ("facebook", "instagram", "whatsapp"))
BOT = account_of("telegram").token
SENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "facebook": (f"/v26.0/{PAGE}/messages", {"recipient": {"id": "77"}, "message": {"text": "TEXT"}}),
    "instagram": (f"/v26.0/{IG}/messages", {"recipient": {"id": "77"}, "message": {"text": "TEXT"}}),
    "whatsapp": (f"/v26.0/{WA}/messages", {"messaging_product": "whatsapp", "to": "77", "text": {"body": "TEXT"}}),
    "x": ("/2/tweets", {"text": "TEXT", "reply": {"in_reply_to_tweet_id": "77"}}),
    "telegram": (f"/bot{BOT}/sendMessage", {"chat_id": 77, "text": "TEXT"}),
    "standard_webhooks": ("/in", {"type": "reply.sent", "data": {"conversation_id": "77", "text": "TEXT"}}),
}


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Heed's side of the wire."""

    doubles: NetworkDoubles

    def call(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Got:
        connection = HTTPConnection(self.doubles.url.removeprefix("http://"), timeout=5)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def api(self, network: str, method: str, path: str, payload: Any = None, token: str = "", key: str = "m1") -> Got:
        account = account_of(network)
        body = json.dumps(payload).encode() if payload is not None else b""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or account.token}"}
        if network == "standard_webhooks":
            headers |= signing.standard_headers(token or account.secret, key, int(NOW.timestamp()), body)
        return self.call(method, f"/{network}{path}", body, headers)

    def send(self, network: str, text: str = "We are on it", key: str = "m1", **more: str) -> Got:
        path, payload = SENDS[network]
        filled = json.loads(json.dumps(payload).replace('"TEXT"', json.dumps(text)))
        return self.api(network, "POST", path, filled, key=key, **more)


@pytest.fixture
def doubles() -> Iterator[NetworkDoubles]:
    with NetworkDoubles(lambda: NOW, sleep=lambda seconds: None) as running:
        yield running


@pytest.fixture
def client(doubles: NetworkDoubles) -> Client:
    return Client(doubles)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_records_what_it_accepts(network: str, client: Client) -> None:
    answers = [client.send(network, f"reply {n}", key=f"m{n}") for n in range(3)]
    posts = client.doubles.posts(network)
    assert {answer.status for answer in answers} == {201 if network == "x" else 200}
    assert [(post.text, post.parent or post.recipient, post.at) for post in posts] == [
        (f"reply {n}", "77", NOW) for n in range(3)
    ]
    assert len({post.id for post in posts}) == 3
    assert all(post.id in answer.body.decode() for post, answer in zip(posts, answers, strict=True))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_wrong_token_or_a_broken_body_is_refused_in_the_networks_words(network: str, client: Client) -> None:
    path, _ = SENDS[network]
    wrong = {"telegram": client.api("telegram", "POST", "/bot1:bad/sendMessage", {})}.get(network)
    wrong = wrong or client.send(network, token="whsec_AAAA" if network == "standard_webhooks" else "bad")
    assert wrong.status == 401
    broken = client.api(network, "POST", path, ["no", "object"])
    assert broken.status == 400
    shapes = {"x": "type", "telegram": "ok"}
    assert all(shapes.get(network, "error") in got.json for got in (wrong, broken))
    assert client.doubles.posts() == []


@pytest.mark.parametrize(
    ("network", "fits", "too_long"),
    [
        ("facebook", "ü" * 2000, "ü" * 2001),
        ("instagram", "ü" * 500, "ü" * 501),
        ("whatsapp", "a" * 4096, "a" * 4097),
        ("telegram", "a" * 4096, "a" * 4097),
        ("x", "☕" * 140, "☕" * 140 + "a"),
    ],
)
def test_documented_text_limits_are_kept(network: str, fits: str, too_long: str, client: Client) -> None:
    assert client.send(network, fits).status < 300
    assert client.send(network, too_long).status == 400
    assert [post.text for post in client.doubles.posts()] == [fits]


@pytest.mark.parametrize(
    ("text", "weight"),
    [("abc", 3), ("日本", 4), ("👩‍👩‍👧‍👦🇩🇪", 4), ("see https://example.com/a/very/long/path ok", 30), ("e\u0301", 1)],
)
def test_x_weighs_text(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


CASES = [(network, name) for network in NETWORKS for name in NETWORKS[network].refusals]


@pytest.mark.parametrize(("network", "name"), CASES)
def test_a_refusal_hits_once_and_posts_nothing(network: str, name: str, client: Client) -> None:
    client.doubles.faults.add(network, Fault(name, seconds=90))
    assert client.send(network).status >= 300
    assert client.doubles.posts() == []
    assert client.send(network).status < 300


def test_refusals_carry_the_documented_codes(client: Client) -> None:
    def refused(network: str, name: str) -> Got:
        client.doubles.faults.add(network, Fault(name, seconds=90))
        return client.send(network)

    def code(network: str, name: str) -> tuple[int, int]:
        error = refused(network, name).json["error"]
        return error["code"], error.get("error_subcode", 0)

    assert code("facebook", "outside_window") == (10, 2018278)
    assert code("instagram", "outside_window") == (10, 2534022)
    assert code("whatsapp", "outside_window") == (131047, 0)
    assert code("facebook", "token_expired") == (190, 463)
    assert code("facebook", "blocked") == (551, 0)
    usage = json.loads(refused("facebook", "rate_limited").headers["x-business-use-case-usage"])
    assert usage[PAGE][0]["estimated_time_to_regain_access"] == 2
    assert refused("x", "rate_limited").headers["x-rate-limit-reset"] == str(int(NOW.timestamp()) + 90)
    assert refused("x", "blocked").status == 403
    limited = refused("telegram", "rate_limited")
    assert (limited.json["parameters"], limited.headers["retry-after"]) == ({"retry_after": 90}, "90")


@pytest.mark.parametrize("network", NETWORKS)
def test_disturbances_tell_apart_what_was_posted(network: str, client: Client) -> None:
    for number, (name, disturbance) in enumerate(TRANSPORT.items()):
        client.doubles.ledger.reset()
        client.doubles.faults.add(network, Fault(name))
        if disturbance.ending in ("drop", "truncate"):
            with pytest.raises(IncompleteRead if disturbance.ending == "truncate" else (HTTPException, OSError)):
                client.send(network, key=f"f{number}")
        else:
            answered = client.send(network, key=f"f{number}")
            assert (answered.status == 500) == (disturbance.ending == "server_error")
        assert len(client.doubles.posts(network)) == int(disturbance.acts), name


def test_slow_acts_first_and_waits_as_told() -> None:
    waits: list[float] = []
    with NetworkDoubles(lambda: NOW, sleep=waits.append) as doubles:
        doubles.faults.add("telegram", Fault("slow", seconds=7))
        assert Client(doubles).send("telegram").status == 200
    assert max(waits) == 7


def test_faults_wait_for_the_right_call(client: Client) -> None:
    client.doubles.faults.add("x", Fault("server_error", times=2, path="/2/tweets"))
    client.doubles.faults.add("x", Fault("rate_limited", on="read"))
    assert client.api("x", "POST", "/2/dm_conversations/with/9/messages", {"text": "hi"}).status == 201
    assert [client.send("x").status for _ in range(3)] == [500, 500, 201]
    reads = [client.api("x", "GET", "/2/users/1/tweets").status for _ in range(2)]
    assert reads == [429, 200]


def test_the_control_endpoints_queue_faults_and_tell_the_state(client: Client) -> None:
    asked = client.call("POST", "/_double/faults/telegram", json.dumps({"name": "blocked", "times": 2}).encode())
    assert asked.json["waiting"]["telegram"][0]["times"] == 2
    assert [client.send("telegram").status for _ in range(3)] == [403, 403, 200]
    state = client.call("GET", "/_double/state?network=telegram").json
    assert [post["text"] for post in state["posts"]] == ["We are on it"]
    assert state["counts"] == {"telegram": {"posts": 1, "requests": 3, "refused": 2, "faults": 2, "posts.message": 1}}
    assert client.call("POST", "/_double/faults/telegram", b'{"name": "outside_window"}').status == 400
    assert client.call("POST", "/_double/faults/x", b'{"nme": "slow"}').status == 400
    with pytest.raises(UnknownFaultError):
        client.doubles.faults.add("nowhere", Fault("slow"))
    before = client.doubles.posts()[0].id
    client.call("POST", "/_double/reset")
    client.send("telegram")
    assert [post.id == before for post in client.doubles.posts()] == [False]


def test_facebook_comments_are_read_back_changed_hidden_and_deleted(client: Client) -> None:
    form = urlencode({"message": "So sorry!", "access_token": account_of("facebook").token}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    made = client.call("POST", "/facebook/v26.0/889_501/comments", form, kind).json["id"]
    assert made.startswith("889_")
    assert client.api("facebook", "POST", f"/v26.0/{made}", {"message": "Sorry!"}).json == {"success": True}
    listed = client.api("facebook", "GET", "/v26.0/889_501/comments").json["data"]
    assert [(one["id"], one["message"], one["from"]["id"]) for one in listed] == [(made, "Sorry!", PAGE)]
    assert client.api("facebook", "POST", "/v26.0/889_501?is_hidden=true").json == {"success": True}
    assert client.api("facebook", "POST", "/v26.0/889_501/likes").json == {"success": True}
    assert client.api("facebook", "DELETE", f"/v26.0/{made}").json == {"success": True}
    assert client.api("facebook", "GET", f"/v26.0/{made}").json["error"]["error_subcode"] == 33
    assert client.api("facebook", "GET", "/v26.0/889_501/comments").json["data"] == []
    assert [action.verb for action in client.doubles.ledger.actions] == ["edit", "hide", "like", "delete"]


def test_a_facebook_comment_can_be_a_picture(client: Client) -> None:
    client.doubles.ledger.fetch = {"at": "image/png ab", "pdf": "application/pdf cd"}.__getitem__
    made = client.api("facebook", "POST", "/v26.0/889_501/comments", {"attachment_url": "at"}).json["id"]
    (post,) = client.doubles.posts()
    assert (post.id, post.text, post.file) == (made, "", "image/png ab")
    assert client.api("facebook", "GET", "/v26.0/889_501/comments").json["data"][0]["attachment"] == {"type": "photo"}
    refused = client.api("facebook", "POST", "/v26.0/889_501/comments", {"attachment_url": "pdf"}).json["error"]
    assert (refused["code"], refused["error_subcode"]) == (324, 1366046)
    assert len(client.doubles.posts()) == 1


def test_messenger_is_read_back_and_a_private_reply_works_once(client: Client) -> None:
    client.send("facebook", "hello")
    found = client.api("facebook", "GET", f"/v26.0/{PAGE}/conversations?user_id=77").json["data"]
    assert [one["message"] for one in found[0]["messages"]["data"]] == ["hello"]
    assert client.api("facebook", "GET", f"/v26.0/{PAGE}/conversations?user_id=78").json["data"] == []
    private = {"recipient": {"comment_id": "889_501"}, "message": {"text": "psst"}}
    answers = [client.api("facebook", "POST", f"/{PAGE}/messages", private) for _ in range(2)]
    assert (answers[0].status, answers[1].json["error"]["code"]) == (200, 10900)
    assert client.doubles.posts("facebook")[-1].kind == "private_reply"
    tagged = {**SENDS["facebook"][1], "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}
    assert client.api("facebook", "POST", f"/{PAGE}/messages", tagged).json["error"]["code"] == 100
    assert client.api("facebook", "POST", "/999/messages", private).json["error"]["error_subcode"] == 33


def test_instagram_makes_the_reply_even_when_it_refuses_the_fields(client: Client) -> None:
    refused = client.api("instagram", "POST", "/v26.0/1790/replies?message=Hi&fields=id")
    assert refused.json["error"]["code"] == 20
    listed = client.api("instagram", "GET", "/v26.0/1790/replies").json["data"]
    assert [one["text"] for one in listed] == ["Hi"]
    assert client.api("instagram", "POST", "/v26.0/1790?hide=true").json == {"success": True}
    assert client.api("instagram", "POST", "/v26.0/1790?is_hidden=true").status == 400


def test_whatsapp_takes_a_user_without_a_phone_and_our_reference(client: Client) -> None:
    path, payload = SENDS["whatsapp"]
    payload = {**payload, "recipient": "DE.1", "biz_opaque_callback_data": "rep_1"}
    del payload["to"]
    assert client.api("whatsapp", "POST", path, payload).json["contacts"] == [{"input": "DE.1", "user_id": "DE.1"}]
    assert client.doubles.posts()[0].reference == "rep_1"
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert client.api("whatsapp", "POST", path, read).json == {"success": True}


def test_x_finds_replies_and_direct_messages_again(client: Client) -> None:
    made = client.send("x", "Sorry!").json["data"]["id"]
    query = "/2/tweets/search/recent?query=in_reply_to_tweet_id:"
    assert [one["id"] for one in client.api("x", "GET", query + "77").json["data"]] == [made]
    assert client.api("x", "GET", query + "78").json == {"meta": {"result_count": 0}}
    sent = client.api("x", "POST", "/2/dm_conversations/with/1788/messages", {"text": "hi"}).json["data"]
    assert sent["dm_conversation_id"] == "1788-1455001122334455667"
    again = client.api("x", "POST", f"/2/dm_conversations/{sent['dm_conversation_id']}/messages", {"text": "ho"})
    assert again.status == 201
    events = client.api("x", "GET", "/2/dm_conversations/with/1788/dm_events").json["data"]
    assert [event["text"] for event in events] == ["ho", "hi"]
    assert client.api("x", "PUT", "/2/tweets/77/hidden", {"hidden": True}).json == {"data": {"hidden": True}}
    assert client.api("x", "POST", "/2/users/1/likes", {"tweet_id": "77"}).json == {"data": {"liked": True}}
    assert client.api("x", "DELETE", f"/2/tweets/{made}").json == {"data": {"deleted": True}}
    assert client.api("x", "DELETE", f"/2/tweets/{made}").status == 403


def test_x_shows_what_was_uploaded_before(client: Client) -> None:
    def upload(use: str, body: bytes = b"\x89PNG", mime: str = "image/png") -> Got:
        said = {"media": b64encode(body).decode(), "media_category": use, "media_type": mime}
        return client.api("x", "POST", "/2/media/upload", said)

    def posts(*media: str) -> Got:
        return client.api("x", "POST", "/2/tweets", {"media": {"media_ids": media}, "reply": TO_77})

    post, dm = (upload(use).json["data"]["id"] for use in ("tweet_image", "dm_image"))
    assert [posts(one).status for one in (dm, "1", post)] == [400, 400, 201]
    path = "/2/dm_conversations/with/1788/messages"
    sends = [[{"media_id": one} for one in ids] for ids in ([post], [dm, dm], [dm])]
    assert [client.api("x", "POST", path, {"attachments": one}).status for one in sends] == [400, 400, 201]
    file = "image/png " + sha256(b"\x89PNG").hexdigest()
    assert [(one.text, one.file) for one in client.doubles.posts()] == [("", file), ("", file)]
    (shown,) = client.api("x", "GET", f"/2/users/{account_of('x').native_id}/tweets").json["data"]
    assert shown["text"].startswith("https://t.co/") and shown["attachments"]["media_keys"][0].startswith("3_")
    refused = [upload("tweet_gif"), upload("tweet_image", mime="image/gif"), upload("dm_image", b"")]
    assert [one.status for one in refused] == [400] * 3
    assert upload("tweet_image", b"x" * 5_300_000).status == 413


TO_77 = {"in_reply_to_tweet_id": "77"}
WA_REACTION = {"messaging_product": "whatsapp", "to": "77", "type": "reaction", "reaction": {"message_id": "w"}}
TYPING = {"recipient": {"id": "77"}, "sender_action": "typing_on"}


@pytest.mark.parametrize(
    ("network", "method", "path", "payload", "status"),
    [
        ("facebook", "POST", f"/v26.0/{PAGE}/subscribed_apps?subscribed_fields=feed", None, 200),
        ("facebook", "GET", f"/v26.0/{PAGE}/subscribed_apps", None, 200),
        ("facebook", "POST", f"/v26.0/{PAGE}/messages", TYPING, 200),
        ("facebook", "POST", f"/v26.0/{PAGE}/messages", {}, 400),
        ("facebook", "POST", "/v26.0/1_2/comments", {}, 400),
        ("facebook", "PUT", "/v26.0/1_2/comments", {}, 400),
        ("instagram", "POST", f"/v26.0/{IG}/mentions", {}, 400),
        ("instagram", "GET", "/v26.0/1790", None, 200),
        ("instagram", "DELETE", "/v26.0/1790", None, 200),
        ("whatsapp", "POST", f"/v26.0/{WA}/messages", WA_REACTION, 200),
        ("whatsapp", "POST", f"/v26.0/{WA}/messages", {"messaging_product": "whatsapp"}, 400),
        ("whatsapp", "POST", f"/v26.0/{WA}/messages", {"to": "77", "text": {"body": "x"}}, 400),
        ("telegram", "GET", f"/bot{BOT}/getMe", None, 200),
        ("telegram", "POST", f"/bot{BOT}/answerCallbackQuery", {"callback_query_id": "1"}, 200),
        ("telegram", "POST", f"/bot{BOT}/sendMessage", {"chat_id": 77, "text": " "}, 400),
        ("x", "GET", "/2/tweets/search/recent?query=cats", None, 400),
        ("x", "PUT", "/2/tweets/77/hidden", {"hidden": "yes"}, 400),
        ("x", "POST", "/2/tweets", {"text": "a", "reply": "b"}, 400),
        ("x", "GET", "/2/nowhere", None, 404),
    ],
)
def test_calls_that_post_nothing(
    network: str, method: str, path: str, payload: Any, status: int, client: Client
) -> None:
    assert client.api(network, method, path, payload).status == status
    assert client.doubles.posts() == []


def test_an_instagram_mention_is_answered_below_the_comment(client: Client) -> None:
    made = client.api("instagram", "POST", f"/v26.0/{IG}/mentions", {"comment_id": "1791", "message": "Hi"}).json["id"]
    assert client.api("instagram", "GET", f"/v26.0/{made}").json["text"] == "Hi"
    client.api("instagram", "DELETE", "/v26.0/1791")
    assert client.api("instagram", "POST", "/v26.0/1791/replies?message=Hi").json["error"]["error_subcode"] == 33
    assert [post.parent for post in client.doubles.posts()] == ["1791"]


def test_faults_can_be_seen_and_taken_back(client: Client) -> None:
    client.doubles.faults.add("x", Fault("slow"))
    assert "drop_after" in client.call("GET", "/_double/faults").json["known"]["x"]
    assert client.call("DELETE", "/_double/faults/x").json["waiting"]["x"] == []
    assert client.call("POST", "/_double/nothing").status == 404
    assert client.call("GET", "/myspace/1").status == 404


def test_telegram_edits_and_deletes(client: Client) -> None:
    made = client.send("telegram").json["result"]["message_id"]
    edited = client.api("telegram", "POST", f"/bot{BOT}/editMessageText", {"message_id": made, "text": "Done"})
    assert edited.json["result"]["text"] == "Done"
    gone = [client.api("telegram", "POST", f"/bot{BOT}/deleteMessage", {"message_id": made}) for _ in range(2)]
    assert [one.status for one in gone] == [200, 400]
    assert client.api("telegram", "POST", f"/bot{BOT}/fly").json["error_code"] == 404


def test_a_retried_standard_webhook_posts_once_and_an_old_one_never(client: Client) -> None:
    answers = [client.send("standard_webhooks").json for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(client.doubles.posts()) == 1
    account, body = account_of("standard_webhooks"), b'{"type":"a","data":{}}'
    old = signing.standard_headers(account.secret, "m2", int(NOW.timestamp()) - 301, body)
    assert client.call("POST", "/standard_webhooks/in", body, old).json == {"error": "message timestamp too old"}


def test_signers_agree_with_signatures_that_were_worked_out_apart_from_them() -> None:
    text = (
        rb'{"object":"instagram","entry":[{"id":"17841405822300001","time":1780660800583,"messaging":[{"sender":{"id":'
    )
    text += rb'"2905511447730188"},"recipient":{"id":"17841405822300001"},"timestamp":1780660800250,"message":{"mid":"'
    text += rb'aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQ-01","text":"Hallo \ud83d\udc4b\ud83c\udffd wo bleibt meine '
    text += rb'Bestellung? \ud83e\udd7a"}}]}]}'
    expected = "sha256=b5a0ba4c42c905fba2cdc01e395cafa63d08f5417a148c6f3550f7900795921c"
    assert signing.meta_signature("heed-ig-secret-1", text) == expected
    crc = signing.x_signature("heed-x-consumer-secret-1", b"9c4e2f+ab=")
    assert crc == "sha256=fwEi3n+ACJ+C13wy0f+Li4qEJOWjWQxCGn4AFEVBxC8="
    body = b'{"type":"message.deleted","timestamp":"2026-11-20T09:00:00.344Z","data":{"id":"ext_1","conversation_id":'
    body += b'"conv_1"}}'
    secret = account_of("standard_webhooks").secret
    signed = signing.standard_signature(secret, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4Y", 1795165200, body)
    assert signed == "v1,+L+bSaDhsaLydoNcfJndtTDfM1IyqPs+htZpxmPnnus="
    at = datetime.fromtimestamp(1780660800.25, UTC)
    mid = "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQ-01"
    event = Event("message", Person("2905511447730188", "Ana"), mid, at, "Hallo 👋🏽 wo bleibt meine Bestellung? 🥺")
    assert build(account_of("instagram"), event).body == text.replace(b"1780660800583", b"1780660800640")


@pytest.mark.parametrize(("network", "kind"), [(network, kind) for network in KINDS for kind in sorted(KINDS[network])])
def test_every_kind_is_signed_and_repeatable(network: str, kind: str) -> None:
    account = account_of(network)
    event = Event(kind, ANA, "41", NOW, "Größe <b> & 50% / @harborhill ☕", parent="40", thread="-100", new_id="42")
    request = build(account, event)
    assert request == build(account, event)
    assert (request.method, request.path) == ("POST", f"{network}/{account.key}")
    assert request.headers == VOICES[network].sign(account, event, request.body)
    meta = network in ("facebook", "instagram", "whatsapp") or kind.startswith("aaa_")
    assert request.body.isascii() or not meta
    assert b"\n" not in request.body
    assert isinstance(json.loads(request.body), dict)


def test_text_survives_every_networks_way_of_writing() -> None:
    text = "Größe <b> & 50% / @x ☕"
    bodies = {a.network: build(a, Event("message", ANA, "1", NOW, text)).body for a in ACCOUNTS}
    assert rb"Gr\u00f6\u00dfe \u003Cb> & 50\u0025 \/ \u0040x \u2615" in bodies["facebook"]
    assert "Größe &lt;b&gt; &amp; 50% / @x ☕".encode() in bodies["x"]
    assert all(text in json.dumps(json.loads(bodies[name]), ensure_ascii=False) for name in bodies if name != "x")
    hidden = json.loads(build(account_of("whatsapp"), Event("message", Person("DE.1", "Bo"), "w", NOW, "hi")).body)
    assert "from" not in hidden["entry"][0]["changes"][0]["value"]["messages"][0]


def test_a_handshake_asks_as_the_network_does() -> None:
    assert handshake(account_of("x"), "9c4e2f+ab=").path == "x/x-main?crc_token=9c4e2f%2Bab%3D"
    assert "hub.mode=subscribe&hub.challenge=42&hub.verify_token=" in handshake(account_of("facebook"), "42").path
    with pytest.raises(UnknownKindError):
        handshake(account_of("telegram"), "42")
    with pytest.raises(UnknownKindError):
        build(account_of("telegram"), Event("comment_delete", ANA, "1", NOW))


@pytest.fixture(scope="module")
def plan() -> list[Planned]:
    return storm(400, 7, ACCOUNTS, NOW)


def test_the_same_seed_gives_the_same_storm(plan: list[Planned]) -> None:
    assert plan == storm(400, 7, ACCOUNTS, NOW)
    assert plan != storm(400, 8, ACCOUNTS, NOW)
    assert plan == sorted(plan, key=lambda one: one.at)


def test_a_storm_has_everything_in_it(plan: list[Planned]) -> None:
    kinds = Counter(one.what for one in plan)
    assert set(kinds) == {"message", "edit", "delete", "reaction", "duplicate"}
    assert {one.network for one in plan} == set(KINDS)
    spoken = {one.expect.text for one in plan if one.expect}
    assert len(CORPUS) >= 55
    assert {"<!channel> free coffee for all?", '=cmd()|"/C calc"!A1'} <= spoken
    first: dict[tuple[str, str], str] = {}
    for one in plan:
        if one.expect:
            first.setdefault((one.network, one.expect.id), one.what)
    assert {"message", "edit", "delete"} == set(first.values())
    public_and_private = Counter({(one.expect.author, one.expect.public): 1 for one in plan if one.expect})
    assert max(Counter(author for author, _ in public_and_private).values()) == 2


def test_a_message_has_one_end_and_duplicates_are_the_same_bytes(plan: list[Planned]) -> None:
    ends: dict[tuple[str, str], object] = {}
    for one in plan:
        if one.expect:
            assert ends.setdefault((one.network, one.expect.id), one.expect) == one.expect
    sent = [one.request for one in plan if one.what == "message"]
    assert all(one.request in sent for one in plan if one.what == "duplicate")
    assert len({request.body for request in sent}) == len(sent)
    assert all(one.expect.deleted for one in plan if one.what == "delete" and one.expect)


def test_a_standard_webhook_is_signed_for_the_moment_it_is_sent() -> None:
    account = account_of("standard_webhooks")
    request = build(account, Event("message", ANA, "e1", NOW, "hi"))
    again = fresh(account, request, NOW + timedelta(hours=1))
    assert again.headers["webhook-id"] == request.headers["webhook-id"]
    assert again.headers["webhook-timestamp"] == str(int(NOW.timestamp()) + 3600)
    assert again.headers["webhook-signature"] != request.headers["webhook-signature"]
