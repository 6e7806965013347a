"""The life of a case: every step goes through Lambda's doors, and is counted at the wire with all that follows."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.bodies import (
    ACCOUNT,
    BRAND,
    MILLIS,
    NATIVE,
    api_event,
    body_of,
    item,
    messages,
    queue_event,
    schedule_event,
    signed,
    stream_event,
)
from bench.counts import Count, Counted, Step
from bench.presses import Presses
from bench.wire import Image, Wire, put_by
from bench.world import PROJECT, SLACK, heed_app, hushed, on_ministack
from chalicelib.channels.base import Request, Response
from chalicelib.domain.case import Case
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, Pursue, effects
from chalicelib.domain.effects import Count as Tally
from chalicelib.domain.ids import contact_id
from chalicelib.domain.instants import iso
from chalicelib.handlers import clock, intake, privacy, publisher, sweeps
from chalicelib.slack import buttons, modals
from chalicelib.storage import decode_event
from chalicelib.wiring import wired
from infra.config import compiled
from infra.local.clients import clients
from infra.local.invoke import handler
from infra.local.pumps.sqs_event import sqs_record
from infra.local.stack import Stack
from tests.build import NOON, config_data
from tests.fakes.slack_api import FakeSlack

EFFECTS = {Arm: "timer", Deliver: "reply", Publish: "news", Disarm: "stop", Tally: "count", Pursue: "pursue"}
SCHEDULED = {
    "sweeper, nothing owed": sweeps.sweeper,
    "auditor, after a push": sweeps.auditor,
    "auditor, nothing missed": sweeps.auditor,
    "herald, nothing to tell": sweeps.herald,
    "eraser, nothing to erase": privacy.eraser,
}


class Network:
    """Takes every reply; counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def send(self, request: Request, timeout: timedelta) -> Response:
        self.asked += 1
        return Response(200, {}, b'{"recipient_id":"7245118832190456","message_id":"m_reply000000000001"}')


class Story:
    """One customer's case on an empty stack; ``counted`` fills as it is told.

    Nothing plays Lambda: the story itself hands the stream's records to the publisher, and what stands in a queue to
    the function that the template connects with it.
    """

    def __init__(self, stack: Stack, text: str, author: str = "7245118832190456") -> None:
        self._stack, self._text, self._author = stack, text, author
        self._case = f"{contact_id(BRAND, 'facebook', author)}-1"
        self._network = Network()
        self._followed = 0
        self.now = NOON
        wired.now = lambda: self.now
        wired.http = self._network
        self._slack = FakeSlack(NOON.timestamp())
        self._slack.knows(wired.config.agents.values())
        wired._slack["slack"] = (str(SLACK["token"]), self._slack)
        self.agent = Presses(self._slack, wired.config)
        self.wire = Wire(wired.store)
        self.counted = Counted()

    def close(self) -> None:
        self.wire.close()

    @property
    def case(self) -> Case:
        found = wired.store.case(BRAND, self._case)
        assert found is not None
        return found

    def step(self, name: str, act: Callable[[], object]) -> None:
        """Carry it out, then publish what it owes and show that at the desk, until nothing follows any more."""
        self.now += timedelta(seconds=10)
        step = self.counted.steps[name] = Step()
        with self._counting() as step.direct:
            act()
        while owed := self._owed():
            for image in owed:
                step.effects += self._published(image)
            with self._counting() as shown:
                self.work_off("desk")
            step.desk += shown

    def _published(self, image: Image) -> Count:
        with self._counting() as count:
            assert not publisher.publisher(stream_event(image), None)["batchItemFailures"]
        kinds = (EFFECTS[type(one)] for one in effects(decode_event(dict(image))))
        self.counted.kinds[f"publish: {', '.join(kinds)}"] = count
        return count

    def _owed(self) -> list[Image]:
        """What the stream would hand to the publisher now."""
        fresh = self.wire.calls[self._followed :]
        self._followed = len(self.wire.calls)
        return [image for call in fresh for image in put_by(call) if "pending_key" in image]

    @contextmanager
    def _counting(self) -> Iterator[Count]:
        self._slack.now = self.now.timestamp()
        with hushed() as lines, self.wire.counting() as count:
            asked, said = self._network.asked, len(self._slack.calls)
            yield count
        told = lines.getvalue()
        count.log_bytes = len(told.encode())
        self.counted.series |= {_series(json.loads(line)) for line in told.splitlines()}
        for name, number in (("network", self._network.asked - asked), ("slack", len(self._slack.calls) - said)):
            if number:
                count.calls[f"{name}.call"] = number

    def work_off(self, name: str) -> None:
        """Hand to a function what stands in its queues."""
        function = self._stack.function(name)
        for arn in (source.properties["Queue"] for source in function.events if source.kind == "SQS"):
            url = next(one.ref for one in self._stack.resources.values() if one.attributes.get("Arn") == arn)
            while records := _received(str(url), str(arn)):
                assert not handler(function.handler)({"Records": records}, None)["batchItemFailures"]

    # -- what happens ---------------------------------------------------------------------------------------------

    def webhook(self, count: int, start: int) -> None:
        """Of other people, which nobody works off."""
        assert heed_app()(api_event(*signed(messages(count, start))), None)["statusCode"] == 200

    def said(self, *items: Any) -> None:
        told = {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(self.now), "body": body_of(*items)}
        event = queue_event("heed-local-inbound.fifo", json.dumps(told))
        assert not intake.intake(event, None)["batchItemFailures"]

    def message(self, mid: str) -> None:
        self.said(item(mid, self._author, self._text))

    def edited(self, mid: str) -> None:
        told = {"mid": mid, "text": "Where is my order 4712?", "num_edit": 1}
        self.said({**item(mid, self._author), "message_edit": told, "message": None})

    def echoed(self, mid: str) -> None:
        told = {"mid": mid, "text": "It leaves today.", "is_echo": True, "app_id": 1}
        self.said({**item(mid), "sender": {"id": NATIVE}, "recipient": {"id": self._author}, "message": told})

    def delivered(self, mid: str) -> None:
        told = {"mids": [mid], "watermark": MILLIS + 60_000}
        self.said({**item(mid, self._author), "delivery": told, "message": None})

    def presses(self, event: dict[str, Any]) -> None:
        """What somebody did in Slack; what the door leaves to a queue is done at once."""
        answer = heed_app()(event, None)
        assert answer["statusCode"] == 200 and "errors" not in answer["body"], answer
        for function in self._stack.functions.values():
            if function.logical_id not in ("Intake", "Clock", "Delivery", "Desk"):
                self.work_off(function.name)

    def button(self, action: str) -> None:
        self.presses(self.agent.button(action, buttons.value(self.case), self.now))

    def noted(self) -> None:
        self.button(buttons.NOTE)
        self.presses(self.agent.sent(modals.NOTE_VIEW, self.now, text="Calls us weekly."))

    def woken(self, after: timedelta) -> None:
        self.now = max(self.now, NOON + after)
        told = {"brand": BRAND, "case_id": self._case, "revision": self.case.revision, "at": iso(self.now)}
        assert not clock.clock(queue_event("heed-local-timers", json.dumps(told)), None)["batchItemFailures"]

    def due(self, margin: timedelta = timedelta()) -> None:
        """Its next checkpoint has come."""
        checkpoint = self.case.next_checkpoint
        assert checkpoint is not None
        self.woken(checkpoint.at - NOON + margin)


def _received(url: str, arn: str) -> list[dict[str, Any]]:
    """What stands in the queue, taken off it."""
    sqs = clients()("sqs")
    names = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **names).get("Messages", [])
    for one in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return [sqs_record(one, arn) for one in found]


def _series(line: Mapping[str, Any]) -> str:
    """A metric with its dimensions, which is what CloudWatch charges for."""
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    (names,) = metric["Dimensions"]
    return ", ".join([metric["Metrics"][0]["Name"], *(f"{name} {line[name]}" for name in sorted(names))])


@dataclass(frozen=True, slots=True)
class Setting:
    """Under which policy a story is told, and how it begins."""

    name: str
    policy: Callable[[], dict[str, Any]]
    text: str = "Where is my order 4711? It is a week late."


def _shipped() -> dict[str, Any]:
    return compiled(PROJECT / "care.yaml")


SETTINGS = (
    Setting("two promises", config_data),
    Setting("care.yaml", _shipped),
    Setting("care.yaml, escalated", _shipped, "This is a scandal! I want my money back."),
)


def tell(setting: Setting) -> Counted:
    """Everything that is counted, in an order in which it can happen."""
    with on_ministack(setting.policy()) as stack, closing(Story(stack, setting.text)) as story:
        _told(story)
    return story.counted


def told() -> dict[str, Counted]:
    return {setting.name: tell(setting) for setting in SETTINGS}


def _told(story: Story) -> None:
    step = story.step
    for count, start in ((1, 0), (10, 100), (20, 200), (100, 300)):
        step(f"webhook of {count}", lambda count=count, start=start: story.webhook(count, start))  # type: ignore[misc]
    step("message, new contact", lambda: story.message("m_0001"))
    step("message, known contact", lambda: story.message("m_0002"))
    step("the same message again", lambda: story.message("m_0002"))
    step("edit", lambda: story.edited("m_0002"))
    step("take", lambda: story.button(buttons.TAKE))
    step("note", story.noted)
    step("home opened", lambda: story.presses(story.agent.home(story.now)))
    step("timer, stale", lambda: story.woken(timedelta()))
    step("reply, window opened", lambda: story.button(buttons.REPLY))
    step("reply, a letter typed", lambda: story.presses(story.agent.typed("It leaves today", story.now)))
    step("reply, asked", lambda: story.presses(story.agent.sent(modals.REPLY_VIEW, story.now, text="It leaves today.")))
    step("reply, sent", lambda: story.work_off("delivery"))
    step("echo of the reply", lambda: story.echoed("m_reply000000000001"))
    step("receipt of the reply", lambda: story.delivered("m_reply000000000001"))
    for name, door in SCHEDULED.items():
        step(name, lambda door=door: door(schedule_event(story.now), None))  # type: ignore[misc]
    step("resolve", lambda: story.button(buttons.RESOLVE))
    step("message, the case comes back", lambda: story.message("m_0003"))
    step("timer, a warning", story.due)
    step("timer, a breach", story.due)
