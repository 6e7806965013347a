"""From Slack's door through the queue to its worker, with in-memory parts behind both."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.handlers import inbox
from chalicelib.handlers.worker import RECEIVES
from chalicelib.storage.config import OutOfReach
from chalicelib.wiring import CONFIG_FRESH, Wiring, wired
from tests.aws.conftest import queue, received
from tests.aws.test_adapters import record
from tests.build import BRAND, NOON, config, config_data
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts, SlackVault
from tests.handlers.test_doors import Context, case_of, post, take, update

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0ANA", "team_id": "T0HEED"},
    "api_app_id": "A0HEED",
    "trigger_id": "1.2.x",
    "container": {"type": "message", "channel_id": "C0MESSAGES", "message_ts": "1780315200.000001"},
}


@pytest.fixture
def slack(parts: Parts) -> FakeSlack:
    """Slack, and a case in the store."""
    fake = FakeSlack(NOON.timestamp(), app="A0HEED")
    wired._slack["slack"] = ("xoxb-test", fake)
    wired.__dict__["answers"] = fake
    fake.knows(wired.config.agents.values())
    take(parts, update())
    return fake


def pressed(parts: Parts, action: str = "case_take") -> bytes:
    act = {"action_id": action, "value": f"{BRAND}/{case_of(parts.store).id}", "action_ts": "1780315201.000001"}
    return urlencode({"payload": json.dumps({**CLICK, "actions": [act]})}).encode()


def sent(body: bytes, **headers: str) -> Any:
    stamp = str(int(NOON.timestamp()))
    mark = "v0=" + hex_sha256("slack-secret", b"v0:" + stamp.encode() + b":" + body)
    kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    signed = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": mark}
    return post("/slack", {**signed, **headers}, body)


def worked(parts: Parts, receives: int = 1) -> dict[str, Any]:
    """What the worker answers to all that waits."""
    attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": str(receives), "MessageGroupId": "g"}
    bodies, parts.errands.waiting[:] = list(parts.errands.waiting), []
    records = [
        record("heed-dev-slack.fifo", messageId=f"m{n}", body=body, attributes=attributes)
        for n, body in enumerate(bodies)
    ]
    answer: dict[str, Any] = inbox.inbox({"Records": records}, Context())
    return answer


def test_a_press_is_taken_at_once_and_done_by_the_worker(parts: Parts, slack: FakeSlack) -> None:
    answer = sent(pressed(parts))
    assert (answer.status_code, answer.body) == (200, b"")
    assert case_of(parts.store).assignee is None
    assert worked(parts) == {"batchItemFailures": []}
    assert case_of(parts.store).assignee == "ana" and slack.done() == []


def test_three_deliveries_with_retry_headers_are_one_errand_and_one_effect(parts: Parts, slack: FakeSlack) -> None:
    for number in range(3):
        assert sent(pressed(parts), **{"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"})
    assert len(parts.errands.sent) == 3 and len(set(parts.errands.sent)) == 1
    worked(parts)
    assert case_of(parts.store).seq == 3 and slack.ephemeral == []


NOTE = {
    "type": "event_callback",
    "team_id": "T0HEED",
    "api_app_id": "A0HEED",
    "event_id": "Ev9",
    "event": {
        **{"type": "message", "user": "U0ANA", "text": "note!", "channel": "C0MESSAGES", "team": "T0HEED"},
        **{"ts": "1780315205.000001", "thread_ts": "1780315200.000001"},
    },
}


class Away:
    """A table that gives no answer."""

    def __getattr__(self, name: str) -> Any:
        raise ConnectionError("away")


def test_while_the_table_is_away_words_are_taken_and_while_the_queue_is_slack_sends_them_again(
    parts: Parts, slack: FakeSlack
) -> None:
    wired.__dict__["store"] = Away()
    assert sent(json.dumps(NOTE).encode()).status_code == 200
    parts.errands.refusing = True
    assert sent(json.dumps(NOTE).encode()).status_code == 503
    assert len(parts.errands.waiting) == 1


def test_a_policy_that_cannot_be_read_again_goes_on_being_true(monkeypatch: pytest.MonkeyPatch) -> None:
    class Flaky(Wiring):
        away = False

        def _read_config(self) -> Any:
            if self.away:
                raise OutOfReach
            return config()

    fresh, seconds = Flaky(), iter(range(0, 10_000, int(CONFIG_FRESH) + 1))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    known = fresh.config
    fresh.away = True
    assert fresh.config is known and fresh.config is known
    fresh._config = (0.0, None)
    with pytest.raises(OutOfReach):
        _ = fresh.config
    assert config_data()["version"] == known.version


@pytest.mark.usefixtures("aws")
def test_what_fails_comes_again_soon_and_at_last_is_buried(parts: Parts, slack: FakeSlack) -> None:
    source, dead = queue("heed-dev-slack.fifo"), queue("heed-dev-slack-dead.fifo")
    wired.__dict__["store"] = Away()
    for receives in range(1, RECEIVES + 1):
        sent(pressed_anything())
        failed = worked(parts, receives)["batchItemFailures"]
        assert bool(failed) == (receives < RECEIVES)
    assert received(source) == [] and len(received(dead)) == 1


def pressed_anything() -> bytes:
    act = {"action_id": "case_take", "value": f"{BRAND}/{'a' * 20}-1", "action_ts": "1780315201.000001"}
    return urlencode({"payload": json.dumps({**CLICK, "actions": [act]})}).encode()


class Tokenless(SlackVault):
    def slack(self, name: str = "slack") -> dict[str, object]:
        return {"signing_secrets": ["slack-secret"]}


@pytest.mark.usefixtures("aws")
def test_a_press_without_a_token_is_done_all_the_same(parts: Parts, slack: FakeSlack) -> None:
    """By somebody who was verified today; only what would be told is not."""
    sent(pressed(parts, "case_more"))
    worked(parts)
    wired._slack.clear()
    wired.__dict__["vault"] = Tokenless({})
    assert sent(pressed(parts)).status_code == 200
    assert worked(parts) == {"batchItemFailures": []}
    assert case_of(parts.store).assignee == "ana"


class Broken(SlackVault):
    def slack(self, name: str = "slack") -> dict[str, object]:
        raise ValueError("not JSON")


def test_a_signing_secret_that_cannot_be_read_signs_nothing_and_is_counted(parts: Parts, slack: FakeSlack) -> None:
    wired.__dict__["vault"] = Broken({})
    assert sent(pressed(parts)).status_code == 401
    assert parts.meter.counts["slack_token_refused"] == 1 and not parts.errands.waiting


def test_times_are_those_of_the_door(parts: Parts, slack: FakeSlack) -> None:
    sent(pressed(parts))
    parts.clock.pass_by(timedelta(hours=1))
    worked(parts)
    assert case_of(parts.store).assignee is None, "an hour later nobody wants that any more"
