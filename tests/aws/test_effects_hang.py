"""A service that takes a call and never answers must not eat the time of the rows behind it, nor of the others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from chalicelib.aws import clients
from chalicelib.aws.effects import Away, AwsEffects
from chalicelib.domain.effects import Arm, Disarm
from chalicelib.domain.timeline import Fact
from chalicelib.service.outbox import Owed, publish
from infra.local.proxy import Answer, PassOn, Request, proxy
from tests.aws.conftest import REGION, settings
from tests.aws.test_adapters import Stopwatch
from tests.build import BRAND, MINUTE, NOON
from tests.domain.test_small_words import timeline_event
from tests.fakes.memory_store import MemoryStore

ROWS = 25
"""As many as the publisher's batch."""
MACHINE = f"arn:aws:states:{REGION}:{'1' * 12}:stateMachine:sla"
TOLD = b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"
SERVICES = {"states": "stepfunctions", "sns": "sns", "sqs": "sqs"}


class Door:
    """An AWS of which one service holds the line for ever."""

    def __init__(self, hanging: str) -> None:
        self.hanging = hanging
        self.asked: Counter[str] = Counter()
        self.over = Event()

    def __call__(self, request: Request, pass_on: PassOn) -> Answer | None:
        self.asked[request.call] += 1
        if request.call.startswith(self.hanging):
            self.over.wait(60)
            return None
        xml = request.call.startswith("sns")
        kind = "text/xml" if xml else "application/x-amz-json-1.0"
        body = TOLD if xml else b'{"executionArn": "x", "startDate": 1, "MessageId": "m"}'
        return Answer(200, (("Content-Type", kind),), body)


@contextmanager
def aws(monkeypatch: pytest.MonkeyPatch, hanging: str) -> Iterator[Door]:
    door = Door(hanging)
    with proxy("http://127.0.0.1:1", door) as address:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "t",
            "AWS_SECRET_ACCESS_KEY": "t",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        clients.forget()
        yield door
        door.over.set()
        clients.forget()


def effects(stopwatch: Stopwatch) -> AwsEffects:
    url = "http://127.0.0.1:1/1/outbound"
    arns = dict.fromkeys(("case_events_arn", "sla_breaches_arn"), f"arn:aws:sns:{REGION}:{'1' * 12}:t")
    return AwsEffects(settings(state_machine_arn=MACHINE, outbound_url=url, timers_url=url, **arns), stopwatch)


def batch(store: MemoryStore, port: AwsEffects) -> list[Owed]:
    """Rows each of which owes an answer, news and a timer; what could not be done."""
    failed = []
    for number in range(1, ROWS + 1):
        event = timeline_event(Fact.REPLY_QUEUED, seq=number, arm=NOON + MINUTE, data={"reply_id": f"r{number}"})
        store.commit(event)
        try:
            publish(event, store, port, NOON)
        except Owed as owed:
            failed.append(owed)
    return failed


def test_answers_and_cards_of_a_whole_batch_wait_for_one_timer_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws(monkeypatch, "states") as door:
        failed = batch(MemoryStore(), effects(Stopwatch()))
        patience = clients.client("stepfunctions").meta.config
    assert door.asked == {"sqs.SendMessage": ROWS, "sns.Publish": ROWS, "states.StartExecution": 1}
    assert len(failed) == ROWS and all(one.timers_only for one in failed)
    assert patience.connect_timeout + patience.read_timeout <= 3


@pytest.mark.parametrize("hanging", ["states", "sns", "sqs"])
def test_the_others_get_all_that_is_theirs(monkeypatch: pytest.MonkeyPatch, hanging: str) -> None:
    monkeypatch.setitem(clients._PATIENCE, SERVICES[hanging], (1, 0.2, 1))
    store = MemoryStore()
    with aws(monkeypatch, hanging) as door:
        assert len(batch(store, effects(Stopwatch()))) == ROWS
    asked = {call.partition(".")[0]: times for call, times in door.asked.items()}
    assert asked == {**dict.fromkeys(SERVICES, ROWS), hanging: 1}, "one row waited for an answer"
    rest = [event.done for event in store.timeline(BRAND, timeline_event(Fact.CASE_OPENED).case_id, ROWS)]
    assert {len(done) for done in rest} == {2}, "what was done is not done again"


def test_who_did_not_answer_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clients._PATIENCE, "stepfunctions", (1, 0.2, 1))
    stopwatch = Stopwatch()
    port = effects(stopwatch)
    with aws(monkeypatch, "states") as door:
        with pytest.raises(Exception, match="Read timeout"):
            port.arm(Arm("one", BRAND, "case", 0, NOON))
        with pytest.raises(Away):
            port.arm(Arm("two", BRAND, "case", 0, NOON))
        port.disarm(Disarm("one"))
        assert door.asked.total() == 1
        stopwatch.seconds, door.hanging = 11.0, "nothing"
        port.arm(Arm("two", BRAND, "case", 0, NOON))
    assert door.asked["states.StartExecution"] == 2
