"""The desk's door: what Slack refuses is counted for the alarms, and what is urgent goes first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Later
from chalicelib.domain.instants import iso
from chalicelib.domain.presence import AgentState, Presence
from chalicelib.handlers import clock, desk
from chalicelib.net.slack import SlackWebApi
from chalicelib.service import slack_trouble
from chalicelib.service.pace import Paced
from chalicelib.service.ports import NotSent, SlackBusy, SlackRefused
from chalicelib.wiring import wired
from tests.aws.conftest import queue, received
from tests.build import BRAND, NOON, config, config_data
from tests.fakes.ports import RecordingPager
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts, SlackVault
from tests.handlers.test_doors import Context, case_of, sqs, take, update

SECOND = timedelta(seconds=1)
TWO = {"hill": {"team": "T0HILL", "app": "A0HILL"}, "mill": {"team": "T0MILL", "app": "A0MILL"}}


@pytest.fixture
def slack(parts: Parts) -> FakeSlack:
    """Slack behind the door, and a case with its opening in the store."""
    fake = FakeSlack(NOON.timestamp())
    wired._slack["slack"] = ("xoxb-test", fake)
    take(parts, update())
    return fake


def news(parts: Parts, seq: int = 1) -> dict[str, object]:
    return {"brand": BRAND, "case_id": case_of(parts.store).id, "seq": seq}


@pytest.mark.parametrize(
    ("error", "metric", "place"),
    [
        ("token_revoked", "slack_token_refused", ["token"]),
        ("is_archived", "slack_channel_refused", ["C0MESSAGES"]),
        ("invalid_blocks", "slack_message_refused", []),
    ],
)
def test_a_refusal_is_counted_for_its_alarm_and_the_work_is_kept(
    parts: Parts, slack: FakeSlack, error: str, metric: str, place: list[str]
) -> None:
    """And stands on the Home tab of who can mend it."""
    slack.fails("chat.postMessage", SlackRefused(error))
    with pytest.raises(Later):
        desk.tell(news(parts))
    assert (parts.meter.counts[metric], parts.meter.counts["slack_refused"]) == (1, 1)
    assert wired.config.slack is not None
    assert list(slack_trouble.known(parts.store, wired.config.slack.team, parts.clock())) == place


def test_waiting_is_no_refusal(parts: Parts, slack: FakeSlack) -> None:
    for error in (SlackBusy(SECOND), NotSent("refused")):
        slack.fails("chat.postMessage", error)
        with pytest.raises(Later):
            desk.tell(news(parts))
        parts.clock.pass_by(60 * SECOND)
    assert [name for name in parts.meter.counts if name.startswith("slack_")] == []


def test_what_has_to_wait_is_given_a_time_and_does_not_ask_before(parts: Parts, slack: FakeSlack) -> None:
    slack.fails("chat.postMessage", SlackBusy(30 * SECOND))
    waits, told = [], news(parts)
    for _ in range(3):
        with pytest.raises(Later) as later:
            desk.tell(told)
        assert later.value.turn is not None
        told = {**told, "turn": iso(later.value.turn)}
        waits.append(later.value.delay)
        parts.clock.pass_by(10 * SECOND)
    assert waits == [30 * SECOND, 20 * SECOND, 10 * SECOND] and len(slack.called("chat.postMessage")) == 1
    desk.tell(told)
    assert len(slack.roots()) == 1


def test_news_of_a_case_that_was_erased_are_nothing(parts: Parts, slack: FakeSlack) -> None:
    desk.tell(news(parts, seq=99))
    assert slack.calls == []


@pytest.mark.usefixtures("aws")
def test_what_waits_goes_back_to_its_queue_with_that_delay(parts: Parts, slack: FakeSlack) -> None:
    slack.fails("chat.postMessage", SlackBusy(SECOND))
    url, event = queue("heed-dev-urgent"), sqs(news(parts))
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:heed-dev-urgent"
    assert desk.desk(event, Context()) == {"batchItemFailures": []}
    assert received(url) == [], "delayed"


def test_every_workspace_has_one_client(parts: Parts) -> None:
    one = wired.slack_at("slack")
    assert isinstance(one, SlackWebApi) and one is wired.slack_at("slack"), "made once"
    wired.use(config(slack=None, workspaces=TWO))
    assert wired.slack_at("slack/T0HILL") is not wired.slack_at("slack/T0MILL")


class NoToken(SlackVault):
    """Slack is not connected yet, or its secret cannot be read."""

    error: Exception | None = None

    def slack(self, name: str = "slack") -> dict[str, object]:
        if self.error is not None:
            raise self.error
        return {}


@pytest.mark.parametrize("error", [None, ConnectionError("SSM is away")])
def test_without_a_token_escalations_still_go_to_mail_and_phones(parts: Parts, error: Exception | None) -> None:
    """And the card waits: its work is put off, or tried again, and not lost."""
    steps = [{"kind": "notify", "way": way, "target": target} for way, target in OUTSIDE.items()]
    queues = config_data()["queues"]
    queues["messages"] |= {"chain": "urgent", "alerts": [{"way": "email", "target": "boss@example.com"}]}
    chains = {"urgent": {"steps": steps, "acknowledged_for": 1800, "ends_on_answer": True}}
    wired.use(config(queues=queues, chains=chains))
    vault, pager = NoToken({}), RecordingPager()
    vault.error = error
    wired.__dict__.update(vault=vault, pager=pager)
    take(parts, update())
    parts.clock.pass_by(timedelta(hours=1, minutes=1))
    clock.ring({"brand": BRAND, "case_id": case_of(parts.store).id})
    for event in parts.store.timeline(BRAND, case_of(parts.store).id):
        with pytest.raises((Later, ConnectionError)):
            desk.tell({"brand": BRAND, "case_id": event.case_id, "seq": event.seq})
    assert {page.target for page in pager.pages} == {*OUTSIDE.values(), "boss@example.com"}
    assert (parts.meter.counts["slack_token_refused"] > 0) is (error is None)


OUTSIDE = {"email": "lead@example.com", "sms": "+4930123456", "webhook": "https://hooks.example.com/heed"}


def test_a_workspace_that_asks_to_wait_keeps_no_other_waiting(parts: Parts) -> None:
    wired.use(config(slack=None, workspaces=TWO))
    hill, mill = FakeSlack(NOON.timestamp()), FakeSlack(NOON.timestamp())
    for name, fake in (("hill", hill), ("mill", mill)):
        wired._slack[f"slack/T0{name.upper()}"] = ("xoxb-test", fake)
    data = {"messages": "hill", "escalations": "mill"}
    queues = {key: replace(wired.config.queues[key], workspace=one) for key, one in data.items()}
    wired.use(replace(wired.config, queues=queues))
    hill.fails("chat.update", SlackBusy(30 * SECOND))
    slack = Paced(wired.slack, wired.turns())
    for _ in range(2):
        with pytest.raises(SlackBusy):
            slack.call("chat.update", channel="C0MESSAGES", ts="1.0", blocks=[])
    assert len(hill.called("chat.update")) == 1, "who waits does not ask again"
    with pytest.raises(SlackRefused, match="message_not_found"):
        slack.call("chat.update", channel="C0ESCALATE", ts="1.0", blocks=[])


class Locked(SlackVault):
    """What lies there is no JSON."""

    def slack(self, name: str = "slack") -> dict[str, object]:
        raise ValueError(name)


@pytest.mark.parametrize("vault", [Locked, NoToken])
def test_a_missing_or_unreadable_token_is_trouble_with_slack_and_no_poison(
    parts: Parts, slack: FakeSlack, vault: type[SlackVault]
) -> None:
    wired.__dict__["vault"] = vault({})
    with pytest.raises(Later):
        desk.tell(news(parts))
    assert parts.meter.counts["slack_token_refused"] == 1


def test_a_case_that_opens_is_given_to_somebody_who_is_there_and_its_card_says_so(
    parts: Parts, slack: FakeSlack
) -> None:
    queues = config_data()["queues"]
    wired.use(config(queues={**queues, "messages": {**queues["messages"], "assign": "auto"}}))
    parts.store.commit(AgentState(BRAND, "ana", Presence.ONLINE, NOON))
    desk.tell(news(parts))
    assert case_of(parts.store).assignee == "ana"
    (card,) = slack.roots()
    assert "*With:* Ana" in str(card)
