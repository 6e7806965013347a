"""The doors, with in-memory parts behind them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

import app
from chalicelib.domain import ids
from chalicelib.domain.bundling import Bundle, Gathered
from chalicelib.domain.config import load_config
from chalicelib.domain.errors import Unconfigured
from chalicelib.domain.instants import iso
from chalicelib.domain.presence import AgentState, Presence
from chalicelib.domain.privacy import Erasure
from chalicelib.handlers import clock, delivery, intake, publisher, sweeps
from chalicelib.service.ports import Store
from chalicelib.service.privacy import Eraser
from chalicelib.slack import verify as slack_verify
from chalicelib.wiring import Wiring, wired
from tests.aws.conftest import queue, received, settings
from tests.build import BRAND, NOON, config_data
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts

TELEGRAM = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "tg-secret"}


def update(text: str = "Hello") -> dict[str, Any]:
    person = {"id": 55, "is_bot": False, "first_name": "Ana"}
    chat = {"id": 55, "type": "private"}
    at = int(NOON.timestamp())
    return {"update_id": 1, "message": {"message_id": 41, "from": person, "chat": chat, "date": at, "text": text}}


def post(path: str, headers: dict[str, str], body: bytes) -> Any:
    with Client(app.app) as client:
        return client.http.post(path, headers=headers, body=body)


def test_a_signed_webhook_is_accepted_and_an_unsigned_one_is_not(parts: Parts) -> None:
    body = json.dumps(update()).encode()
    assert post("/hooks/telegram/harbor-telegram", TELEGRAM, body).json_body == {"accepted": 1}
    assert (
        post("/hooks/telegram/harbor-telegram", {**TELEGRAM, "X-Telegram-Bot-Api-Secret-Token": "x"}, body).status_code
        == 401
    )
    assert len(parts.fragments.sent) == 1


@pytest.mark.parametrize("path", ["/hooks/nowhere/harbor", "/hooks/base/harbor", "/hooks/telegram/other"])
def test_a_hook_that_is_not_there_is_not_found(parts: Parts, path: str) -> None:
    answer = post(path, TELEGRAM, b"{}")
    assert answer.status_code == 404
    assert answer.json_body["error"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", "application/octet-stream"])
def test_no_content_type_a_network_sends_is_refused(parts: Parts, kind: str) -> None:
    body = json.dumps(update()).encode()
    assert post("/hooks/telegram/harbor-telegram", {**TELEGRAM, "Content-Type": kind}, body).status_code == 200


def take(parts: Parts, body: dict[str, Any], **more: object) -> None:
    wire = {"channel": "telegram", "hook": "harbor-telegram", "received_at": iso(NOON), "body": body, **more}
    intake.take(wire)


def case_of(store: Store) -> Any:
    return store.contact(BRAND, ids.contact_id(BRAND, "telegram", "55"))[1]


def test_a_fragment_becomes_a_case(parts: Parts) -> None:
    take(parts, update())
    assert case_of(parts.store).contact_name == "Ana"
    assert parts.meter.counts["events"] == 1


def test_a_fragment_by_reference_is_fetched(parts: Parts) -> None:
    key = parts.archive.keep("inbound", "large", json.dumps(update()).encode())
    intake.take({"channel": "telegram", "hook": "harbor-telegram", "received_at": iso(NOON), "ref": key})
    assert case_of(parts.store) is not None


def test_what_came_by_reference_is_deleted_once_it_is_true_and_told_again_changes_nothing(parts: Parts) -> None:
    key = parts.archive.keep("inbound", "large", json.dumps(update()).encode())
    told = {"channel": "telegram", "hook": "harbor-telegram", "received_at": iso(NOON), "ref": key}
    intake.take(told)
    before = dict(parts.store._rows)
    assert parts.archive.kept == {}
    intake.take(told)
    assert parts.store._rows == before


def test_what_came_by_reference_stays_while_it_cannot_be_taken(parts: Parts) -> None:
    key = parts.archive.keep("inbound", "large", b'{"update_id": 1, "message": {"message_id": "x"}}')
    with pytest.raises(ValueError, match="is missing"):
        intake.take({"channel": "telegram", "hook": "harbor-telegram", "received_at": iso(NOON), "ref": key})
    assert list(parts.archive.kept) == [key]


@pytest.mark.parametrize("hook", ["harbor-telegram", "nobody"])
def test_what_nobody_understands_is_not_kept_when_it_names_somebody_who_was_erased(parts: Parts, hook: str) -> None:
    take(parts, update())
    who = ids.contact_id(BRAND, "telegram", "55")
    asked = Erasure("code", BRAND, (who,), parts.clock(), "odo", "asked")
    Eraser(parts.store, parts.archive, lambda: None, parts.meter, parts.clock).carry_out(asked)
    odd = {"update_id": 3, "surprise": {"from": {"id": 55}, "text": "secret of then"}}
    take(parts, odd, hook=hook)
    assert ("secret of then" in repr(parts.archive.kept)) is (hook == "nobody")
    take(parts, {"update_id": 4, "surprise": {"from": {"id": 56}}})
    assert len([key for key in parts.archive.kept if key.startswith("unknown")]) == (1 if hook != "nobody" else 2)
    parts.clock.pass_by(timedelta(hours=1))
    again = update("I am back")
    again["message"] |= {"message_id": 42, "date": int(parts.clock().timestamp())}
    intake.take({"channel": "telegram", "hook": "harbor-telegram", "received_at": iso(parts.clock()), "body": again})
    take(parts, {**odd, "update_id": 5})
    assert "secret of then" in repr(parts.archive.kept)


def test_what_nobody_understands_is_kept_raw(parts: Parts) -> None:
    take(parts, {"update_id": 2, "brand_new_thing": {"id": 1}})
    [key] = parts.archive.kept
    assert key.startswith("unknown/telegram/")
    assert "brand_new_thing" in parts.archive.kept[key].decode()


def sqs(*bodies: dict[str, Any]) -> dict[str, Any]:
    attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": "1"}
    arn = "arn:aws:sqs:us-east-1:123456789012:q"
    return {
        "Records": [
            {"messageId": f"m{n}", "body": json.dumps(body), "eventSourceARN": arn, "attributes": attributes}
            for n, body in enumerate(bodies)
        ]
    }


class Context:
    """As much of Lambda's context as Chalice looks at."""

    function_name = "heed"


def test_the_workers_answer_in_lambdas_words(parts: Parts) -> None:
    take(parts, update())
    case = case_of(parts.store)
    wake = {"brand": BRAND, "case_id": case.id, "revision": 0, "at": iso(NOON)}
    nothing = {"brand": BRAND, "reply_id": "none"}
    assert clock.clock(sqs(wake), Context()) == {"batchItemFailures": []}
    assert delivery.delivery(sqs(nothing), Context()) == {"batchItemFailures": []}
    assert parts.meter.counts["stale_timers"] == 1
    parts.clock.pass_by(timedelta(hours=2))
    clock.ring(wake)
    assert parts.meter.counts["clock_facts"] == 2


TICK = {
    "version": "0",
    "id": "1",
    "account": "123456789012",
    "region": "us-east-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-06-01T12:00:00Z",
    "resources": [],
}


def test_the_herald_tells_summaries_and_gives_out_what_waits(parts: Parts) -> None:
    """And neither keeps the other from its work."""
    data = config_data()
    data["queues"]["messages"] |= {"assign": "auto"}
    slack = FakeSlack(NOON.timestamp())
    wired.use(load_config(data))
    wired._slack["slack"] = ("xoxb-test", slack)
    take(parts, update())
    case = case_of(parts.store)
    gathered = Gathered(NOON, 3, (case.id,))
    parts.store.commit(Bundle(BRAND, "messages", "team", NOON, open=gathered))
    parts.store.commit(AgentState(BRAND, "ana", Presence.ONLINE, NOON))
    sweeps.herald(TICK, Context())
    assert case_of(parts.store).assignee == "ana"
    assert any("*2 more*" in one["text"] for one in slack.roots()), "and the one that has no chain is left out"


def test_the_sweeps_find_what_the_stream_and_the_timers_missed(parts: Parts) -> None:
    take(parts, update())
    parts.clock.pass_by(timedelta(hours=1, minutes=1))
    sweeps.sweeper(TICK, Context())
    sweeps.auditor(TICK, Context())
    assert parts.meter.counts["effects_swept"] == 2
    assert parts.meter.counts["checkpoints_missed"] == 2
    assert parts.bookmark.kept is not None
    assert parts.bookmark.kept.done


STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/heed-dev/stream/now"


def inserted(*images: dict[str, Any]) -> dict[str, Any]:
    """What Lambda reads from the stream."""
    told = {"ApproximateCreationDateTime": 1780000000, "Keys": {"pk": {"S": "p"}, "sk": {"S": "s"}}}
    return {
        "Records": [
            {
                "eventID": str(n),
                "eventName": "INSERT",
                "eventSourceARN": STREAM,
                "dynamodb": {**told, "NewImage": image, "SequenceNumber": str(n)},
            }
            for n, image in enumerate(images)
        ]
    }


@pytest.mark.usefixtures("aws")
def test_a_stream_record_is_published_and_a_strange_one_is_buried_with_its_reason(parts: Parts) -> None:
    """It does not come again: each time it would bring back the healthy ones behind it."""
    from chalicelib.storage.codec import image_of

    url = queue("heed-dev-publisher-dead")
    wired.__dict__["settings"] = settings(stage="dev", code_version="v1")
    take(parts, update())
    opened, told = (image_of(one) for one in parts.store.timeline(BRAND, case_of(parts.store).id))
    answer = publisher.publisher(inserted(opened, {"odd": {"S": "row"}}, told), Context())
    assert answer == {"batchItemFailures": []}
    assert len(parts.effects.done) == 3
    [letter] = received(url)
    said: Any = letter["MessageAttributes"]
    texts = {name: one["StringValue"] for name, one in said.items()}
    assert texts.pop("reason").startswith("ValueError at chalicelib.storage.codec:")
    assert texts == {"code_version": "v1", "first_seen": "1780000000000"}
    assert json.loads(str(letter["Body"])) == {"pk": "p", "sk": "s"}


def test_without_timers_a_record_is_done_but_for_its_timer(parts: Parts) -> None:
    from chalicelib.domain.effects import Arm
    from chalicelib.storage.codec import image_of

    take(parts, update())
    parts.effects.failing = lambda effect: isinstance(effect, Arm)
    for event in parts.store.timeline(BRAND, case_of(parts.store).id):
        publisher.deliver(inserted(image_of(event))["Records"][0])
    assert parts.meter.counts["timers_not_started"] == 1
    assert len(parts.effects.done) == 2


def test_what_the_stream_cannot_do_is_left_to_the_sweeper(parts: Parts) -> None:
    """A record that comes again brings its neighbours along, and all of theirs would be done twice."""
    from chalicelib.storage.codec import image_of

    take(parts, update())
    parts.effects.failing = lambda effect: True
    case_id = case_of(parts.store).id
    for event in parts.store.timeline(BRAND, case_id):
        publisher.deliver(inserted(image_of(event))["Records"][0])
    assert parts.meter.counts["effects_put_off"] == 2
    assert all(event.pending for event in parts.store.timeline(BRAND, case_id))


def test_slack_is_believed_only_when_it_signed(parts: Parts) -> None:
    from chalicelib.channels.parts.signatures import hex_sha256

    body = json.dumps({"type": "url_verification", "challenge": "c-1"}).encode()
    stamp = str(int(NOON.timestamp()))
    signature = "v0=" + hex_sha256("slack-secret", b"v0:" + stamp.encode() + b":" + body)
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    assert timedelta(minutes=5) == slack_verify.TOLERANCE
    assert post("/slack", headers, body).json_body == {"challenge": "c-1"}
    assert post("/slack", {**headers, "X-Slack-Signature": "v0=no"}, body).status_code == 401
    assert post("/slack", headers, b"other").status_code == 401


def test_what_is_signed_but_makes_no_sense_is_a_bad_request(parts: Parts) -> None:
    from chalicelib.channels.parts.signatures import hex_sha256

    stamp = str(int(NOON.timestamp()))
    signature = "v0=" + hex_sha256("slack-secret", b"v0:" + stamp.encode() + b":" + b"[]")
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    assert post("/slack", headers, b"[]").status_code == 400


def test_slacks_unsigned_probe_of_the_certificate_is_answered(parts: Parts) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post("/slack", headers, b"ssl_check=1&token=x").status_code == 200


def test_the_parts_are_built_once_and_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.test_settings import FULL

    for name, value in {**FULL, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "t"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "t")
    fresh = Wiring()
    for part in ("store", "vault", "archive", "meter", "effects", "http", "edge", "delivery"):
        assert getattr(fresh, part) is getattr(fresh, part)
    assert wired is not fresh


def test_without_a_pushed_policy_the_error_says_what_to_do(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        def get_item(self, *arguments: object, **more: object) -> dict[str, object]:
            return {}

    class Unpushed:
        table = Empty()

    fresh = Wiring()
    fresh.__dict__["store"] = Unpushed()
    with pytest.raises(Unconfigured, match="heed config push"):
        _ = fresh.config
    assert wired.config.version == 1
