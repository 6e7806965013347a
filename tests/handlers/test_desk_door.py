"""The desk's door: what Slack refuses is counted for the alarms, and what is urgent goes first."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import Later
from chalicelib.handlers import desk
from chalicelib.net.slack import SlackWebApi
from chalicelib.service.ports import NotSent, SlackBusy, SlackRefused
from chalicelib.service.workspaces import ByChannel
from chalicelib.wiring import wired
from tests.aws.conftest import queue, received
from tests.build import BRAND, NOON, config
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts
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
    ("error", "metric"),
    [
        ("token_revoked", "slack_token_refused"),
        ("is_archived", "slack_channel_refused"),
        ("invalid_blocks", "slack_message_refused"),
    ],
)
def test_a_refusal_is_counted_for_its_alarm_and_the_work_is_kept(
    parts: Parts, slack: FakeSlack, error: str, metric: str
) -> None:
    slack.fails("chat.postMessage", SlackRefused(error))
    with pytest.raises(Later):
        desk.tell(news(parts))
    assert (parts.meter.counts[metric], parts.meter.counts["slack_refused"]) == (1, 1)


def test_waiting_is_no_refusal(parts: Parts, slack: FakeSlack) -> None:
    for error in (SlackBusy(SECOND), NotSent("refused")):
        slack.fails("chat.postMessage", error)
        with pytest.raises(Later):
            desk.tell(news(parts))
        parts.clock.pass_by(60 * SECOND)
    assert [name for name in parts.meter.counts if name.startswith("slack_")] == []


def test_a_worker_remembers_from_one_record_to_the_next_that_slack_asked_to_wait(
    parts: Parts, slack: FakeSlack
) -> None:
    slack.fails("chat.postMessage", SlackBusy(30 * SECOND))
    waits = []
    for urgent in (False, False, True):
        with pytest.raises(Later) as later:
            desk.tell(news(parts), urgent)
        waits.append(later.value.delay)
    assert waits == [30 * SECOND, 31 * SECOND, 30 * SECOND] and len(slack.called("chat.postMessage")) == 1


def test_news_of_a_case_that_was_erased_are_nothing(parts: Parts, slack: FakeSlack) -> None:
    desk.tell(news(parts, seq=99))
    assert slack.calls == []


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("name", "delay"), [("heed-dev-urgent", 30), ("heed-dev-team-messages", 31)])
def test_the_queue_says_what_is_urgent(parts: Parts, slack: FakeSlack, name: str, delay: int) -> None:
    """What waits goes back to the queue it came from, with the time it has to wait."""
    wired.pace.closed("chat.postMessage C0MESSAGES", 30 * SECOND, NOON)
    url, event = queue(name), sqs(news(parts))
    event["Records"][0]["eventSourceARN"] = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    assert desk.desk(event, Context()) == {"batchItemFailures": []}
    assert received(url) == [], "delayed"
    assert wired.pace.waiting.get("chat.postMessage C0MESSAGES", 0) == delay - 30


def test_one_workspace_has_one_token_and_several_are_told_apart(parts: Parts) -> None:
    one = wired.slack
    assert isinstance(one, SlackWebApi) and one is wired.slack, "made once"
    wired.use(config(slack=None, workspaces=TWO))
    several = wired.slack
    assert isinstance(several, ByChannel)
    assert wired.slack_at("slack/T0HILL") is not wired.slack_at("slack/T0MILL")
