"""``heed dlq``: reasons, masks, and a redrive that can be broken off anywhere."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chalicelib.aws import queues as worker_queues
from chalicelib.aws.clients import client
from chalicelib.handlers.worker import work
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from infra.cli import app, letters, reach
from infra.cli.letters import Letter, Queue, masked
from infra.template.table import table_definition
from tests.aws.conftest import aws, queue, received, show_again
from tests.aws.test_adapters import record
from tests.build import BRAND, config_data
from tests.service.world import World

__all__ = ["aws"]

pytestmark = pytest.mark.usefixtures("aws")

CANARY = "Canary Ana +491701234567"
BODY = json.dumps({"channel": "facebook", "hook": "harbor-facebook", "body": {"entry": [{"message": CANARY}]}})
SOON = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def at_once(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    """Nothing waits, and there is a table with a policy, in whose logbook stands who sent what back."""
    monkeypatch.setattr(letters, "WAIT", 0)
    store = DynamoStore("heed-dev")
    store.table.connection.client.create_table(**table_definition("heed-dev"))
    ConfigStore(store.table).push(config_data())
    return store


def heed(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["dlq", *arguments])


def pair(name: str, suffix: str = "") -> tuple[str, str]:
    """A queue of the stage and its dead-letter queue."""
    return queue(f"heed-dev-{name}{suffix}"), queue(f"heed-dev-{name}-dead{suffix}")


def lambda_record(name: str, message: dict[str, Any]) -> dict[str, Any]:
    """What Lambda makes of a message that was received."""
    said = {
        key: {"stringValue": one["StringValue"], "dataType": "String"}
        for key, one in message["MessageAttributes"].items()
    }
    return record(
        name,
        body=message["Body"],
        messageAttributes=said,
        attributes={**message["Attributes"], "ApproximateReceiveCount": "1"},
    )


def buried(name: str, bodies: list[str], suffix: str = "") -> None:
    """Records that the worker could not work on."""
    for number, body in enumerate(bodies):
        attributes = {"SentTimestamp": "1780000000000", "ApproximateReceiveCount": "1", "MessageGroupId": f"g{number}"}
        if not suffix:
            del attributes["MessageGroupId"]
        one = record(f"heed-dev-{name}{suffix}", messageId=f"{name}{number}", body=body, attributes=attributes)
        work([one], _failing, "v7")


def _failing(body: dict[str, Any]) -> None:
    raise ValueError(CANARY)


def dead(name: str) -> Queue:
    return next(one for one in letters.queues("dev") if one.name == name)


@pytest.mark.parametrize("suffix", ["", ".fifo"])
def test_list_says_how_many_lie_where_and_why(suffix: str) -> None:
    pair("inbound", suffix)
    pair("timers")
    buried("inbound", [BODY] * 3, suffix)
    result = heed("list", "--json")
    [group] = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (group["queue"], group["count"], group["code_version"]) == ("inbound", 3, "v7")
    assert group["reason"].startswith("ValueError at tests.infra.test_dlq:")
    assert group["first_seen"] == "2026-05-28T20:26Z"
    assert CANARY not in result.stdout
    assert heed("list").stdout.count("inbound") == 1


def test_list_of_nothing_is_quiet() -> None:
    pair("inbound", ".fifo")
    result = heed("list")
    assert (result.exit_code, result.stdout) == (0, "nothing lies in any dead-letter queue\n")


def test_looking_takes_nothing_away() -> None:
    pair("outbound")
    buried("outbound", ['{"brand":"b"}'] * 25)
    for _ in range(3):
        assert len(json.loads(heed("list", "outbound", "--json").stdout)) == 25


def test_show_masks_what_people_wrote() -> None:
    pair("inbound", ".fifo")
    buried("inbound", [BODY], ".fifo")
    [letter] = dead("inbound").letters()
    shown = heed("show", "inbound", letter.id).stdout
    assert CANARY not in shown and "harbor-facebook" in shown
    assert CANARY in heed("show", "inbound", letter.id, "--raw").stdout
    assert heed("show", "inbound", "nothing").exit_code == 2


@pytest.mark.parametrize("body", [CANARY, f'["{CANARY}"]', f'{{"{CANARY}": 1}}', f'{{"brand": ["{CANARY}"]}}', '"x"'])
def test_no_body_slips_through_the_mask(body: str) -> None:
    assert "Canary" not in masked(body) and "4917" not in masked(body)


def test_a_letter_says_what_sns_or_nobody_said() -> None:
    _, url = pair("team-social")
    client("sqs").send_message(
        QueueUrl=url, MessageBody="{}", MessageAttributes={"ErrorCode": {"DataType": "String", "StringValue": "Gone"}}
    )
    client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    reasons = [one.reason for one in dead("team-social").letters()]
    assert sorted(reasons)[0].startswith("taken too often and never finished")
    assert sorted(reasons)[1] == "the topic could not deliver it: Gone"


def test_a_letter_of_lambdas_own_says_what_lambda_knows() -> None:
    """About stream records at which the function crashed; which code that was Lambda does not say."""
    url = queue("heed-dev-publisher-dead")
    where = {"batchSize": 1, "approximateArrivalOfFirstRecord": "2026-06-01T09:14:02Z", "shardId": "s"}
    context = {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11}
    body = json.dumps({"requestContext": context, "DDBStreamBatchInfo": where})
    client("sqs").send_message(QueueUrl=url, MessageBody=body)
    [letter] = dead("publisher").letters()
    assert letter.reason.startswith("RetryAttemptsExhausted after 11 tries of 1 stream records")
    assert letter.first_seen == datetime(2026, 6, 1, 9, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize("suffix", ["", ".fifo"])
def test_redrive_sends_each_back_once(suffix: str) -> None:
    source, _ = pair("inbound", suffix)
    buried("inbound", [json.dumps({"n": n}) for n in range(12)], suffix)
    assert "12 sent back; 0 lie there now" in heed("redrive", "inbound").stdout
    assert "0 sent back; 0 lie there now" in heed("redrive", "inbound").stdout
    back: list[Any] = []
    while more := received(source):
        back += more
    assert sorted(json.loads(one["Body"])["n"] for one in back) == list(range(12))
    assert {one["MessageAttributes"]["redriven"]["StringValue"] for one in back} == {"1"}


def one_thread(number: int, error: Exception, first: int = 0) -> None:
    """Records of one busy thread that the worker could not work on."""

    def fail(body: dict[str, Any]) -> None:
        raise error

    for place in range(first, first + number):
        facts = {"SentTimestamp": "1780000000000", "ApproximateReceiveCount": "1", "MessageGroupId": "one-thread"}
        name, body = "heed-dev-inbound.fifo", json.dumps({"n": place})
        work([record(name, messageId=f"m{place}", body=body, attributes=facts)], fail, "v7")


def test_of_a_busy_thread_all_letters_can_be_seen_tried_dry_and_sent_back_to_it() -> None:
    """Of one group SQS shows ten, so each letter is a group of its own and remembers the one it came from."""
    source, _ = pair("inbound", ".fifo")
    one_thread(25, ValueError("x"))
    assert len(json.loads(heed("list", "inbound", "--json").stdout)) == dead("inbound").count() == 25
    assert "25 would go; 25 lie there now" in heed("redrive", "inbound", "--dry-run").stdout
    assert "25 sent back; 0 lie there now" in heed("redrive", "inbound").stdout
    groups = set()
    while more := received(source):
        groups |= {message["Attributes"]["MessageGroupId"] for message in more}  # type: ignore[index]
        for message in more:
            client("sqs").delete_message(QueueUrl=source, ReceiptHandle=str(message["ReceiptHandle"]))
    assert groups == {"one-thread"}


def test_of_a_busy_thread_only_those_of_one_reason_go() -> None:
    pair("inbound", ".fifo")
    one_thread(12, ValueError("x"))
    one_thread(5, KeyError("x"), 12)
    assert "5 sent back; 12 lie there now" in heed("redrive", "inbound", "--reason", "KeyError").stdout
    [letter, *_] = dead("inbound").letters()
    assert "1 sent back; 11 lie there now" in heed("redrive", "inbound", "--id", letter.id).stdout


def test_what_the_queue_itself_moved_here_is_counted_though_not_all_of_it_can_be_looked_at() -> None:
    _, url = pair("inbound", ".fifo")
    for number in range(13):
        facts = {"MessageGroupId": "one-thread", "MessageDeduplicationId": str(number)}
        client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"n": number}), **facts)
    assert "inbound  13 lie there, 10 could be looked at" in heed("list").stdout
    assert "13 lie there, 10 could be looked at" in heed("list", "inbound").stdout
    assert "13 sent back; 0 lie there now" in heed("redrive", "inbound").stdout


def test_who_sent_what_back_stands_in_the_logbook(at_once: DynamoStore) -> None:
    pair("inbound")
    buried("inbound", ["{}", "{}"])
    heed("redrive", "inbound", "--dry-run")
    assert at_once.logbook(BRAND) is None
    heed("redrive", "inbound")
    heed("redrive", "inbound")
    (entry,) = at_once.timeline(BRAND, "operators")
    assert (entry.fact, entry.data) == ("letters.redriven", {"queue": "inbound", "count": 2})
    assert entry.actor.startswith("arn:aws:")


def test_a_dry_run_moves_nothing() -> None:
    source, _ = pair("outbound")
    buried("outbound", ["{}"])
    assert "1 would go; 1 lie there now" in heed("redrive", "outbound", "--dry-run").stdout
    assert received(source) == []


def test_only_those_that_were_meant_go_and_the_others_can_be_seen_again() -> None:
    source, url = pair("outbound")
    buried("outbound", ['{"n":1}', '{"n":2}'])
    client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    one = next(letter for letter in dead("outbound").letters() if letter.body == '{"n":1}')
    assert "1 sent back; 2 lie there now" in heed("redrive", "outbound", "--id", one.id).stdout
    assert "1 sent back; 1 lie there now" in heed("redrive", "outbound", "--reason", "ValueError").stdout
    assert [message["Body"] for message in received(source)] == ['{"n":1}', '{"n":2}']
    assert len(dead("outbound").letters()) == 1


def test_one_that_fails_again_comes_back_and_counts_how_often() -> None:
    source, _ = pair("outbound")
    buried("outbound", ["{}"])
    for times in range(1, 4):
        assert len(list(letters.redrive(dead("outbound"), reach.now() + SOON))) == 1
        [message] = received(source)
        client("sqs").delete_message(QueueUrl=source, ReceiptHandle=str(message["ReceiptHandle"]))
        work([lambda_record("heed-dev-outbound", message)], _failing, "v8")
        [letter] = dead("outbound").letters()
        assert (letter.redriven, letter.code_version) == (times, "v8")
        assert letter.first_seen == datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)


def test_waiting_keeps_what_a_record_tells_of_its_past() -> None:
    url = queue("heed-dev-outbound")
    said = {"redriven": {"stringValue": "2", "dataType": "String"}, "brand": {"stringValue": "b", "dataType": "String"}}
    worker_queues.again(record("heed-dev-outbound", messageAttributes=said), 0)
    [message] = received(url)
    kept: Any = message["MessageAttributes"]
    assert {name: one["StringValue"] for name, one in kept.items()} == {"redriven": "2"}


def test_what_is_buried_while_the_redrive_runs_stays_for_the_next_one() -> None:
    pair("outbound")
    buried("outbound", ["{}"])
    assert list(letters.redrive(dead("outbound"), reach.now() - timedelta(hours=1))) == []
    assert len(dead("outbound").letters()) == 1


class Broken(Exception):
    pass


class Breaking(Queue):
    """A process that dies at one of its calls."""

    def __init__(self, url: str, at: int) -> None:
        super().__init__(url, "dev")
        self.calls = 0
        self.at = at

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Broken

    def send_back(self, letter: Letter) -> None:
        self._step()
        super().send_back(letter)
        self._step()

    def delete(self, letter: Letter) -> None:
        super().delete(letter)
        self._step()

    def release(self, letter: Letter) -> None:
        """The dead release nothing; SQS does it after a minute."""


@pytest.mark.parametrize("at", range(1, 10))
def test_a_crash_anywhere_loses_nothing_and_what_comes_twice_has_effect_once(at: int) -> None:
    """Each letter is an order to send a reply; the delivery worker says each to its customer once."""
    world = World()
    replies = []
    for number in range(3):
        world.take(id=f"mid-{number}", author=str(number), conversation=str(number))
        replies.append(_answer(world, number))
    source, url = pair("outbound")
    buried("outbound", [json.dumps({"brand": "harbor", "reply_id": one}) for one in replies])
    with pytest.raises(Broken):
        list(letters.redrive(Breaking(url, at), reach.now() + SOON))
    show_again(url)
    list(letters.redrive(Queue(url, "dev"), reach.now() + SOON))
    orders = _drained(source)
    assert {order["reply_id"] for order in orders} == set(replies)
    assert len(orders) == 3 + (at % 3 == 2)
    assert dead("outbound").count() == 0
    for order in orders:
        world.delivery.deliver(order["brand"], order["reply_id"])
    assert sum(request.method == "POST" for request in world.http.asked) == 3


def test_a_redrive_that_dies_on_the_way_has_left_its_word(
    at_once: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At call 4 the first letter is gone and the second is in both queues."""
    _, url = pair("outbound")
    buried("outbound", ["{}"] * 3)
    monkeypatch.setattr(letters, "queues", lambda stage: [Breaking(url, 4)])
    assert isinstance(heed("redrive", "outbound").exception, Broken)
    (entry,) = at_once.timeline(BRAND, "operators")
    assert (entry.fact, entry.data) == ("letters.redriven", {"queue": "outbound", "count": 3})
    assert entry.actor.startswith("arn:aws:")
    assert dead("outbound").count() == 2


def test_of_a_few_that_are_meant_the_logbook_says_how_many_they_are(at_once: DynamoStore) -> None:
    pair("outbound")
    buried("outbound", ['{"n":1}', '{"n":2}', '{"n":3}'])
    heed("redrive", "outbound", "--reason", "KeyError")
    assert at_once.logbook(BRAND) is None
    heed("redrive", "outbound", "--id", dead("outbound").letters()[0].id)
    assert [one.data["count"] for one in at_once.timeline(BRAND, "operators")] == [1]


def test_who_looked_at_the_words_of_a_letter_stands_in_the_logbook_without_them(at_once: DynamoStore) -> None:
    pair("inbound")
    buried("inbound", [BODY])
    [letter] = dead("inbound").letters()
    heed("show", "inbound", letter.id)
    assert at_once.logbook(BRAND) is None
    assert CANARY in json.loads(heed("show", "inbound", letter.id, "--raw").stdout)["body"]
    (entry,) = at_once.timeline(BRAND, "operators")
    assert (entry.fact, entry.data) == ("letter.shown", {"queue": "inbound", "letter": letter.id})
    assert entry.actor.startswith("arn:aws:")
    assert CANARY not in json.dumps(at_once.table.scan()["Items"])


def _answer(world: World, number: int) -> str:
    from chalicelib.domain import ids
    from chalicelib.domain.commands import Answer
    from chalicelib.domain.reply import Mode

    case = world.case(str(number))
    thread = case.thread()
    assert thread is not None
    words = Answer(f"view-{number}", BRAND, case.id, "ana", "Hello.", Mode.PRIVATE, thread.conversation_id)
    world.bus(words, world.clock())
    return ids.reply_id(BRAND, f"view-{number}")


def _drained(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while more := received(url):
        found += [json.loads(str(one["Body"])) for one in more]
    return found


def test_the_streams_letters_go_once_their_rows_are_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    queue("heed-dev-publisher-dead")
    client("sqs").send_message(QueueUrl=dead("publisher").url, MessageBody='{"DDBStreamBatchInfo": {}}')
    world = World()
    world.take()
    monkeypatch.setattr(reach, "store", lambda stage: world.store)
    monkeypatch.setattr(reach, "running", lambda store: None)
    result = heed("redrive", "publisher")
    assert result.exit_code == 2 and "rows still owe effects" in result.stderr
    for event in world.store.timeline(BRAND, world.case().id):
        world.store.delivered(event)
    assert "1 removed, as their rows are delivered; 0 lie there now" in heed("redrive", "publisher").stdout


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    assert "stage dev has no queues here" in heed("list").stderr
    pair("timers")
    assert "There are: timers" in heed("show", "timer", "x").stderr
