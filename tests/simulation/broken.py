"""Parts of Heed that each break one rule: what the planted bugs are made of."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.aws.pager import SnsPager
from chalicelib.channels.base import Answer
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.card import FREE, Post
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.notices import Notice, Page
from chalicelib.domain.reply import Failed, Later, Outcome, Reply, ReplyState, Sent
from chalicelib.domain.then import following
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.handlers import clock, delivery, desk, inbox, worker
from chalicelib.service import outbox
from chalicelib.service.bundles import taken_in
from chalicelib.service.delivery import Delivery
from chalicelib.service.edge import Edge
from chalicelib.service.intake import Intake, Taken
from chalicelib.service.notices import Herald
from chalicelib.service.ports import NoAnswer
from chalicelib.service.slack_inbox.desk import Unsaid
from chalicelib.storage import decode_event
from chalicelib.wiring import wired
from tests.simulation.faults import AnswerLost, Throttled
from tests.simulation.queues import Queue
from tests.simulation.world import Door


class NoDedupe(Intake):
    """Every arrival of a message is a new one."""

    def _message(self, event: Event, thread: Thread, case: Case, received_at: datetime, contact_id: str) -> Message:
        message = super()._message(event, thread, case, received_at, contact_id)
        known = self.store.message(case.brand, message.id)
        return replace(message, id=f"{message.id}-{case.seq}") if known and known.direction else message


class DeletesFirst(Queue):
    """A letter is acknowledged before it is handled."""

    acks_first = True


class AllOrNothing(Queue):
    """A batch of which one letter failed is taken for done."""

    partial = False


class ResendsUnknown(Delivery):
    """Not found means not posted, so it is posted again."""

    def _look(self, reply: Reply) -> ReplyState:
        state = super()._look(reply)
        unsure = state is ReplyState.UNKNOWN and reply.attempt < 3
        return self._send(replace(reply, version=self._version(reply), not_before=None)) if unsure else state

    def _version(self, reply: Reply) -> int:
        known = self.store.reply(reply.brand, reply.id)
        return known.version if known else 0


class ForgetsTheRest(Delivery):
    """The words go out, and what was to follow them does not."""

    def _send(self, reply: Reply) -> ReplyState:
        return super()._send(replace(reply, then=replace(reply.then, file=None, publicly="") if reply.then else None))


class FollowsAtOnce(Delivery):
    """What was to follow the words does not wait for them."""

    def _send(self, reply: Reply) -> ReplyState:
        after = following(reply, self.clock())
        if after and self.store.reply(after.brand, after.id) is None:
            self.store.commit(after)
        return super()._send(reply)


class SendsFirst(Delivery):
    """The words go out before the claim is written."""

    def _send(self, reply: Reply) -> ReplyState:
        credentials = self.vault.hook(reply.channel, reply.account)
        assert credentials is not None
        claimed = reply.claimed(self.clock())
        outcome = self._attempt(self.channel(reply.channel), claimed, credentials, "")
        return self._end(reply, outcome).state


class AnswersTooSoon(Edge):
    """200 whether or not the queue has it."""

    def receive(self, *arguments: Any) -> Answer:
        try:
            return super().receive(*arguments)
        except (Throttled, AnswerLost):
            return Answer(200, "{}")


class EchoIsCustomer(Intake):
    """What we said is taken for a customer's words."""

    def take(self, event: Event, hook: str, received_at: datetime) -> Taken:
        if event.kind is Kind.ECHO:
            event = replace(event, kind=Kind.MESSAGE, author=event.recipient)
        return super().take(event, hook, received_at)


class EditRevives(Intake):
    """A late edit brings back what its author took back."""

    def take(self, event: Event, hook: str, received_at: datetime) -> Taken:
        taken = super().take(event, hook, received_at)
        account = self.config.account(self.channel.name, event.account, hook)
        if event.kind is Kind.EDIT and account:
            known = self.store.message(account.brand, ids.message_id(account.brand, account.key, event.of or ""))
            if known and known.deleted_at:
                self.store.commit(replace(known, deleted_at=None, edit=Edit(event.text, (9, "", ""))))
        return taken


class IgnoresReceipts(Intake):
    """What the network tells later of our words is nobody's business."""

    def take(self, event: Event, hook: str, received_at: datetime) -> Taken:
        return Taken.SIGNAL if event.kind is Kind.FAILED else super().take(event, hook, received_at)


class NeverRetries(Delivery):
    """A 429 is noted, and that is that."""

    def _end(self, reply: Reply, outcome: Outcome) -> Reply:
        return reply if isinstance(outcome, Later) else super()._end(reply, outcome)

    def _abandoned(self, reply: Reply) -> ReplyState:
        return reply.state


class UnclearIsFailed(Delivery):
    """No answer is taken for a no."""

    def _end(self, reply: Reply, outcome: Outcome) -> Reply:
        unclear = outcome.state is ReplyState.UNKNOWN
        return super()._end(reply, Failed("no answer") if unclear else outcome)


class UnclearIsSent(Delivery):
    """No answer is taken for a yes."""

    def _end(self, reply: Reply, outcome: Outcome) -> Reply:
        unclear = outcome.state is ReplyState.UNKNOWN
        return super()._end(reply, Sent(f"guess-{reply.id}") if unclear else outcome)


class PostsAgain:
    """When Slack does not answer, the same call is made once more."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def call(self, method: str, **arguments: Any) -> Any:
        try:
            return self._port.call(method, **arguments)
        except NoAnswer:
            return self._port.call(method, **arguments)


class DrawsOnce:
    """Cards are posted and never edited."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def call(self, method: str, **arguments: Any) -> Any:
        return {} if method == "chat.update" else self._port.call(method, **arguments)


class PagesTwice(SnsPager):
    """Who is to be called is called again, to be sure."""

    def page(self, page: Page) -> None:
        super().page(page)
        super().page(page)


def nothing(event: Any, context: Any) -> dict[str, Any]:
    """A function that does nothing, and says that all is done."""
    return {"batchItemFailures": []}


def wall_clock(timer: dict[str, Any]) -> None:
    """A promise is broken when the timer comes and its time is over, whenever the answer was given."""
    store, now = wired.store, wired.now()
    case = store.case(timer["brand"], timer["case_id"])
    late = [one for one in case.clocks if one.breached_at is None and one.due_at <= now] if case else []
    if case is None or not late:
        clock.ring(timer)
        return
    told = [
        Happening(Fact.CLOCK_BREACHED, one.due_at, lifecycle.SYSTEM, {"metric": one.metric, "instance": one.instance})
        for one in late
    ]
    broken = tuple(one.breached() if one in late else one for one in case.clocks)
    after, timeline = lifecycle.recorded(case, replace(case, clocks=broken), told, now)
    store.commit(after, *timeline)


def no_acts(order: dict[str, Any]) -> None:
    """What agents ask to be done to a message is forgotten."""
    if "reply_id" in order:
        delivery.send(order)


def no_calls(news: dict[str, Any]) -> None:
    """News are shown, and nobody is called."""
    if news["fact"] not in (Fact.CASE_NOTIFIED, Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED):
        desk.tell(news)


class TellsWhatIsOver(Herald):
    """Who is to be called is called, whatever became of the case since."""

    def _taken_in(self, told: Notice, case: Case) -> Post:
        way, target = self._reached(told)
        seen = Post(told.brand, told.case_id, told.name, FREE)
        return taken_in(self.store, seen, (told.queue, way, target, told.what), told.due_at, self.now)


def stale_notices(news: dict[str, Any]) -> None:
    """The desk, but for what it tells of cases that nobody need look after any more."""
    event = wired.store.event(news["brand"], news["case_id"], news["seq"])
    if event is not None:
        herald = wired.herald()
        TellsWhatIsOver(*(getattr(herald, one.name) for one in fields(herald))).tell(event)
        desk._show(event, None)


def working(handle: worker.Handle) -> Door:
    return lambda event, context: worker.work(event["Records"], handle, "sim")


def publishing(wanted: Callable[[TimelineEvent], TimelineEvent]) -> Door:
    def door(event: Any, context: Any) -> dict[str, Any]:
        for record in event["Records"]:
            with suppress(outbox.Owed):
                known = wanted(decode_event(record["dynamodb"]["NewImage"]))
                outbox.publish(known, wired.store, wired.effects, wired.now())
        return {"batchItemFailures": []}

    return door


def stopped_at_once(event: TimelineEvent) -> TimelineEvent:
    return replace(event, disarm=event.seq) if event.arm else event


def not_rearmed(event: TimelineEvent) -> TimelineEvent:
    return replace(event, arm=None) if event.fact is Fact.CLOCK_WARNED else event


def taken_for_new(event: TimelineEvent) -> TimelineEvent:
    """However late the stream brings it, nobody looks what became of it since."""
    return replace(event, recorded_at=event.recorded_at + timedelta(days=1))


def turns_words_away(body: dict[str, Any]) -> None:
    """Whoever Slack does not vouch for just now is turned away, and what they wrote with them."""
    with suppress(Unsaid):
        inbox.carry_out(body)
