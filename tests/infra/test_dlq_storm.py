"""Five hundred letters of all kinds, a process that dies in the middle of them, and some that nobody can do yet."""

import json
from collections import Counter
from typing import Any

import pytest

from chalicelib.aws import queues as worker_queues
from chalicelib.aws.clients import client
from chalicelib.handlers.worker import work
from infra.cli import letters, reach
from infra.cli.letters import Queue
from tests.aws.conftest import aws, received, show_again
from tests.aws.test_adapters import record
from tests.infra.test_dlq import SOON, Breaking, Broken, at_once, dead, heed, lambda_record, pair

__all__ = ["at_once", "aws"]

pytestmark = pytest.mark.usefixtures("aws")

EACH, FEW, THREADS = 250, 30, 3
QUEUES = {"outbound": "", "inbound": ".fifo"}


def reason_of(number: int) -> str:
    return ("KeyError at chalicelib.x:1", "ClientError at botocore.y:2", "Malformed at chalicelib.z:3")[number % 3]


def still_bad(number: int) -> bool:
    return number % 5 == 0


def gave_up(name: str, count: int) -> None:
    """What a bad day leaves behind; in the FIFO queue all of it comes from a few busy threads."""
    source = f"heed-dev-{name}{QUEUES[name]}"
    for number in range(count):
        facts = {"SentTimestamp": "1780000000000", "ApproximateReceiveCount": "5"}
        if QUEUES[name]:
            facts["MessageGroupId"] = f"thread-{number % THREADS}"
        body = json.dumps({"queue": name, "n": number})
        one = record(source, messageId=f"{name}-{number}", body=body, attributes=facts)
        worker_queues.bury(one, reason_of(number), "v7")


def worked_off(name: str, url: str) -> Counter[int]:
    """Everything that was sent back is handled by the mended code, which still cannot do some of it."""
    handled = Counter[int]()

    def handle(body: dict[str, Any]) -> None:
        handled[body["n"]] += 1
        if still_bad(body["n"]):
            raise ValueError

    while more := received(url):
        for message in more:
            one = lambda_record(f"heed-dev-{name}{QUEUES[name]}", message)
            one["messageId"] = message["MessageId"]
            work([one], handle, "v8")
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=str(message["ReceiptHandle"]))
    return handled


@pytest.mark.parametrize("name", QUEUES)
@pytest.mark.parametrize(
    ("count", "at"), [pytest.param(EACH, 3 * EACH // 2 + 1, marks=pytest.mark.slow), (FEW, 1), (FEW, 17), (FEW, 45)]
)
def test_each_is_handled_once_more_and_what_is_still_bad_comes_back_and_says_how_often(
    name: str, count: int, at: int
) -> None:
    """Dry run first. The crash may send one letter a second time: its work is done once by whoever does it."""
    source, url = pair(name, QUEUES[name])
    gave_up(name, count)
    groups = json.loads(heed("list", "--json").stdout)
    assert sum(one["count"] for one in groups) == count
    assert {one["reason"] for one in groups} == {reason_of(number) for number in range(3)}
    assert f"{count} would go; {count} lie there now" in heed("redrive", name, "--dry-run").stdout
    assert received(source) == []

    with pytest.raises(Broken):
        list(letters.redrive(Breaking(url, at), reach.now() + SOON))
    show_again(url)
    assert "; 0 lie there now" in heed("redrive", name).stdout
    handled = worked_off(name, source)

    assert set(handled) == set(range(count))
    twice = 0 if QUEUES[name] else 1
    assert sum(handled.values()) <= count + twice
    back = dead(name).letters()
    bad = [n for n in range(count) if still_bad(n)]
    assert sorted({json.loads(one.body)["n"] for one in back}) == bad and len(back) <= len(bad) + twice
    assert {(one.redriven, one.code_version) for one in back} == {(1, "v8")}
    assert {one.reason.partition(" ")[0] for one in back} == {"ValueError"}
    if QUEUES[name]:
        assert {one.group for one in back} == {f"thread-{number}" for number in range(THREADS)}


def test_a_second_redrive_sends_back_only_what_came_again() -> None:
    source, url = pair("inbound", ".fifo")
    gave_up("inbound", FEW)
    for times in (1, 2):
        list(letters.redrive(Queue(url, "dev"), reach.now() + SOON))
        handled = worked_off("inbound", source)
        assert set(handled) == {n for n in range(FEW) if times == 1 or still_bad(n)}
        assert {one.redriven for one in dead("inbound").letters()} == {times}
