"""The life of a case: each step is carried out by Heed's own code and counted at the wire, with all that follows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bench.bodies import ACCOUNT, BRAND, MILLIS, NATIVE, body_of, item, messages, signed
from bench.counts import Count, Step
from bench.wire import Wire
from bench.world import hushed
from chalicelib import channels
from chalicelib.channels.base import Inbound, Request, Response
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Answer, Command, Resolve, Take
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, Pursue, effects
from chalicelib.domain.effects import Count as Counted
from chalicelib.domain.ids import contact_id, reply_id
from chalicelib.domain.instants import iso
from chalicelib.domain.reply import Mode
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.handlers.intake import take
from chalicelib.service.clocks import audit, wake
from chalicelib.service.desk import show
from chalicelib.service.outbox import publish, sweep
from chalicelib.wiring import wired
from tests.build import NOON
from tests.fakes.slack_api import FakeSlack

EFFECTS = {Arm: "timer", Deliver: "reply", Publish: "news", Disarm: "stop", Counted: "count", Pursue: "pursue"}


class Network:
    """Takes every reply; counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def send(self, request: Request, timeout: timedelta) -> Response:
        self.asked += 1
        return Response(200, {}, b'{"recipient_id":"7245118832190456","message_id":"m_reply000000000001"}')


class Story:
    """One customer's case in an empty table. ``steps`` and ``kinds`` fill as it is told."""

    def __init__(self, author: str = "7245118832190456") -> None:
        self._author = author
        self._case = f"{contact_id(BRAND, 'facebook', author)}-1"
        self._slack = FakeSlack(NOON.timestamp())
        self._network = Network()
        self._seen = 0
        self.now = NOON
        wired.http = self._network
        wired.now = lambda: self.now
        wired.__dict__.pop("delivery", None)
        self.wire = Wire(wired.store)
        self.steps: dict[str, Step] = {}
        self.kinds: dict[str, Count] = {}

    @property
    def case(self) -> Case:
        found = wired.store.case(BRAND, self._case)
        assert found is not None
        return found

    def step(self, name: str, act: Callable[[], object]) -> Step:
        """Carry it out, then do all its effects, then show each at the desk."""
        self.now += timedelta(seconds=10)
        step = self.steps[name] = Step()
        with self._counting() as step.direct:
            act()
        for event in self._news():
            kind = f"publish: {', '.join(EFFECTS[type(one)] for one in effects(event))}"
            with self._counting() as published:
                publish(event, wired.store, wired.effects, self.now)
            self.kinds[kind] = published
            step.effects += published
            with self._counting() as shown:
                self._show(event)
            step.desk += shown
        return step

    @contextmanager
    def _counting(self) -> Iterator[Count]:
        with hushed() as lines, self.wire.counting() as count:
            asked, said = self._network.asked, len(self._slack.calls)
            yield count
        count.log_bytes = len(lines.getvalue().encode())
        for name, number in (("network", self._network.asked - asked), ("slack", len(self._slack.calls) - said)):
            if number:
                count.calls[f"{name}.call"] = number

    def _news(self) -> list[TimelineEvent]:
        fresh = [one for one in wired.store.timeline(BRAND, self._case) if one.seq > self._seen]
        self._seen += len(fresh)
        return fresh

    def _show(self, event: TimelineEvent) -> None:
        """As the desk's door does, with a Slack in memory."""
        known = wired.store.event(event.brand, event.case_id, event.seq)
        assert known is not None
        self._slack.now = self.now.timestamp() + event.seq
        show(
            known,
            store=wired.store,
            slack=self._slack,
            config=wired.config,
            channel=channels.load,
            meter=wired.meter,
            now=self.now,
        )

    # -- what happens ---------------------------------------------------------------------------------------------

    def webhook(self, count: int, start: int) -> None:
        raw, headers = signed(messages(count, start))
        answer = wired.edge.receive(channels.load("facebook"), ACCOUNT, Inbound("POST", headers, {}, raw), self.now)
        assert answer.status == 200

    def said(self, *items: Any) -> None:
        take({"channel": "facebook", "hook": ACCOUNT, "received_at": iso(self.now), "body": body_of(*items)})

    def message(self, mid: str) -> None:
        self.said(item(mid, self._author))

    def edited(self, mid: str) -> None:
        told = {"mid": mid, "text": "Where is my order 4712?", "num_edit": 1}
        self.said({**item(mid, self._author), "message_edit": told, "message": None})

    def echoed(self, mid: str) -> None:
        told = {"mid": mid, "text": "It leaves today.", "is_echo": True, "app_id": 1}
        self.said({**item(mid), "sender": {"id": NATIVE}, "recipient": {"id": self._author}, "message": told})

    def delivered(self, mid: str) -> None:
        told = {"mids": [mid], "watermark": MILLIS + 60_000}
        self.said({**item(mid, self._author), "delivery": told, "message": None})

    def command(self, kind: type[Command], name: str, **more: Any) -> None:
        wired.bus(kind(id=name, brand=BRAND, case_id=self._case, agent="ana", **more), self.now)

    def asked(self, conversation: str) -> None:
        self.command(Answer, "a1", text="It leaves today.", mode=Mode.PRIVATE, conversation_id=conversation)

    def sent(self) -> None:
        wired.delivery.deliver(BRAND, reply_id(BRAND, "a1"))

    def woken(self, after: timedelta) -> None:
        self.now = max(self.now, NOON + after)
        facts = wake(wired.store, BRAND, self._case, self.now)
        wired.meter.count("clock_facts" if facts else "stale_timers", facts or 1)


def tell() -> Story:
    """Everything that is counted, in an order in which it can happen. Ends with the wire closed."""
    story = Story()
    for count, start in ((1, 0), (10, 100), (20, 200), (100, 300)):
        story.step(f"webhook of {count}", lambda count=count, start=start: story.webhook(count, start))  # type: ignore[misc]
    story.step("message, new contact", lambda: story.message("m_0001"))
    story.step("message, known contact", lambda: story.message("m_0002"))
    story.step("the same message again", lambda: story.message("m_0002"))
    story.step("edit", lambda: story.edited("m_0002"))
    story.step("take", lambda: story.command(Take, "t1"))
    story.step("note", lambda: story.command(AddNote, "n1", text="Calls us weekly."))
    story.step("timer, stale", lambda: story.woken(timedelta()))
    (conversation,) = story.case.threads
    story.step("reply, asked", lambda: story.asked(conversation))
    story.step("reply, sent", story.sent)
    story.step("echo of the reply", lambda: story.echoed("m_reply000000000001"))
    story.step("receipt of the reply", lambda: story.delivered("m_reply000000000001"))
    story.step("sweeper, nothing owed", lambda: sweep(wired.store, wired.effects, wired.meter, story.now))
    story.step("auditor, nothing missed", lambda: audit(wired.store, wired.meter, story.now))
    story.step("resolve", lambda: story.command(Resolve, "r1"))
    story.step("message, the case comes back", lambda: story.message("m_0003"))
    story.step("timer, a warning", lambda: story.woken(timedelta(minutes=45, seconds=1)))
    story.step("timer, a breach", lambda: story.woken(timedelta(hours=1, seconds=1)))
    story.wire.close()
    return story
