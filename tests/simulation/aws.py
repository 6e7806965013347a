"""SQS, SNS and Step Functions as botocore's clients show them, wired as the template has it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.aws.queues import GROUP, dead_letter_queue
from chalicelib.domain.instants import instant
from chalicelib.handlers.worker import CRASHED
from chalicelib.settings import Settings
from infra.template.resources import resources
from tests.simulation.faults import excused
from tests.simulation.scheduler import seconds

if TYPE_CHECKING:
    from tests.simulation.queues import Letter, Queue
    from tests.simulation.world import World

Json = dict[str, Any]

STAGE, ACCOUNT = "sim", "111122223333"
HOST = "https://sqs.sim"
SETTINGS = Settings(
    stage=STAGE,
    table="t",
    bucket="b",
    secrets="s",
    inbound_url=f"{HOST}/{ACCOUNT}/heed-{STAGE}-inbound.fifo",
    slack_url=f"{HOST}/{ACCOUNT}/heed-{STAGE}-slack.fifo",
    outbound_url=f"{HOST}/{ACCOUNT}/heed-{STAGE}-outbound",
    timers_url=f"{HOST}/{ACCOUNT}/heed-{STAGE}-timers",
    case_events_arn="CaseEvents",
    sla_breaches_arn="SlaBreaches",
    escalations_arn="Escalations",
    state_machine_arn="arn:aws:states:sim:1:stateMachine:sla",
    slack_rate="1000",
    code_version="sim",
)


@dataclass(frozen=True)
class Subscription:
    topic: str
    queue: str
    only: Mapping[str, Sequence[Any]]

    def takes(self, attributes: Mapping[str, str]) -> bool:
        return all(any(_fits(attributes.get(name), one) for one in wanted) for name, wanted in self.only.items())


def _fits(value: str | None, wanted: Any) -> bool:
    return value not in wanted["anything-but"] if isinstance(wanted, dict) else value == wanted


class Template:
    """What of the deployed template the queues and topics here go by."""

    def __init__(self, teams: Sequence[str]) -> None:
        found = resources(STAGE, teams)["Resources"]
        self.queues: dict[str, Json] = {
            name: one["Properties"]
            for name, one in found.items()
            if one.get("Type") == "AWS::SQS::Queue" and not name.endswith("Dead")
        }
        self.subscriptions = [
            Subscription(
                one["Properties"]["TopicArn"]["Ref"],
                self.queues[one["Properties"]["Endpoint"]["Fn::GetAtt"][0]]["QueueName"],
                one["Properties"].get("FilterPolicy", {}),
            )
            for one in found.values()
            if one.get("Type") == "AWS::SNS::Subscription"
        ]
        self.batches = dict(_batches(found, self.queues))
        self.stream: Json = found["Publisher"]["Properties"]["Events"]["PublisherDynamodbEventSource"]["Properties"]


def _batches(found: Json, queues: Json) -> Iterator[tuple[str, tuple[str, int]]]:
    """Which function works off a queue, and how much at once."""
    for function, one in found.items():
        for source in one.get("Properties", {}).get("Events", {}).values():
            if source.get("Type") == "SQS":
                queue = source["Properties"]["Queue"]["Fn::Sub"].removeprefix("${").removesuffix(".Arn}")
                yield queues[queue]["QueueName"], (function, source["Properties"]["BatchSize"])


def told(letter: Json, name: str) -> str:
    """What a dead letter says of itself under that name."""
    return str(letter.get("MessageAttributes", {}).get(name, {}).get("StringValue", ""))


def by_faults(letter: Json) -> bool:
    """Whether faults alone have buried it."""
    reason = told(letter, "reason")
    worker = "inbox" if "-slack-" in letter["queue"] else ""
    return reason in ("", CRASHED) or excused(worker, reason.partition(" ")[0])


@dataclass
class Sqs:
    """``letters`` are those in dead-letter queues."""

    queues: dict[str, "Queue"] = field(default_factory=dict)
    letters: list[Json] = field(default_factory=list)
    meta: Any = field(default_factory=lambda: SimpleNamespace(endpoint_url=HOST))

    def send_message(self, *, QueueUrl: str, MessageBody: str, **more: Any) -> Json:
        name = QueueUrl.rpartition("/")[2]
        if name in self.queues:
            self.queues[name].send(MessageBody, **more)
        else:
            self.letters.append({"queue": name, "body": MessageBody, **more})
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Json]) -> Json:
        for entry in Entries:
            self.send_message(QueueUrl=QueueUrl, **{name: one for name, one in entry.items() if name != "Id"})
        return {"Failed": []}

    def gives_up(self, name: str, letter: "Letter") -> None:
        """Its worker died as often as it was received: by the queue's policy it is a dead letter, without a word."""
        group = {GROUP: {"StringValue": letter.group}} if letter.group else {}
        self.letters.append({"queue": dead_letter_queue(name), "body": letter.body, "MessageAttributes": group})

    def redrive(self) -> None:
        """What faults have buried goes back where it came from; what died of anything else stays."""
        letters, self.letters = self.letters, []
        for letter in letters:
            queue = self.queues.get(letter["queue"].replace("-dead", ""))
            if queue is None or not by_faults(letter):
                self.letters.append(letter)
            elif letter["queue"].endswith(".fifo"):
                named: Json = {
                    "MessageGroupId": told(letter, GROUP),
                    "MessageDeduplicationId": f"again-{letter['body']}",
                }
                queue.send(letter["body"], **named)
            else:
                queue.send(letter["body"])

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Json:
        self.queues[QueueUrl.rpartition("/")[2]].delete(ReceiptHandle)
        return {}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> Json:
        self.queues[QueueUrl.rpartition("/")[2]].hide(ReceiptHandle, VisibilityTimeout)
        return {}


@dataclass
class Sns:
    """``told`` is what each topic was told how often; ``pages`` went to people outside Slack."""

    sqs: Sqs
    subscriptions: Sequence[Subscription]
    told: dict[str, Counter[tuple[str, int]]] = field(default_factory=dict)
    pages: list[Json] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: Json, Subject: str = "") -> Json:
        attributes = {name: one["StringValue"] for name, one in MessageAttributes.items()}
        if TopicArn == SETTINGS.escalations_arn:
            self.pages.append({**attributes, "subject": Subject, "text": Message})
            return {}
        news = json.loads(Message)
        self.told.setdefault(TopicArn, Counter())[news["case_id"], news["seq"]] += 1
        for one in self.subscriptions:
            if one.topic == TopicArn and one.takes(attributes):
                self.sqs.queues[one.queue].send(Message)
        return {}


@dataclass
class States:
    """The one state machine: it waits, then sends its input to the timers' queue."""

    world: "World"
    queue: "Queue"
    started: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Json:
        faults, scheduler = self.world.faults, self.world.scheduler
        if name in self.started:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
        self.started.add(name)
        if faults.fires("timer never fires"):
            return {}
        wait = seconds(instant(json.loads(input)["at"])) - scheduler.now
        late = 240 if faults.fires("timer late") else 0
        early = 2 if faults.fires("timer early") else 0
        for _ in range(2 if faults.fires("timer fires twice") else 1):
            scheduler.between(wait - early, wait - early + late, lambda: self._ring(name, input))
        return {}

    def stop_execution(self, *, executionArn: str) -> Json:
        self.stopped.add(executionArn.rpartition(":")[2])
        return {}

    def _ring(self, name: str, text: str) -> None:
        if name not in self.stopped:
            self.queue.send(text)
