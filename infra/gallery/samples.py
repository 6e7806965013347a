"""Cases, messages and answers as the gallery shows them. One fixed moment, so that two runs draw the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.channels.base import Capability
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case, Priority, Thread
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.routing import Route
from chalicelib.domain.target import Metric, Target
from chalicelib.domain.timeline import Fact, TimelineEvent
from infra.gallery.people import NAMES, WORDS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BRAND = "harbor"
TARGETS = (
    Target(Metric.FIRST_RESPONSE, 15 * MINUTE, 5 * MINUTE),
    Target(Metric.RESOLUTION, 8 * HOUR, HOUR),
)
BOTH = (Capability.PRIVATE_REPLY.value, Capability.REPLY.value)


def thread(key: str = "comments", *, public: bool = True, channel: str = "facebook", ago: timedelta = MINUTE) -> Thread:
    return Thread(
        conversation_id=ids.digest(key),
        channel=channel,
        account=f"harbor-{channel}",
        public=public,
        address={"comment_id": "77_78", "user_id": "42"},
        last_inbound_at=NOW - ago,
        last_message_id=ids.digest("message", key),
        capabilities=BOTH if public else (Capability.REPLY.value,),
    )


def contact(name: str, handle: str | None) -> Contact:
    person = ids.contact_id(BRAND, "facebook", "42")
    return Contact(person, BRAND, (Identity("facebook", "42", name, handle),), NOW, cases=1)


def case(*threads: Thread, name: str = NAMES["plain"], handle: str | None = "ana", ago: timedelta = 3 * MINUTE) -> Case:
    """A case that was opened so long ago, with its two promises running."""
    person, opened_at = contact(name, handle), NOW - ago
    route = Route("social", Priority.HIGH, ("angry words", "said in public"))
    new = lifecycle.new_case(ids.case_id(person.id, 1), person, route, TARGETS, opened_at)
    made, happened = lifecycle.opened(new, opened_at)
    for one in threads or (thread(ago=ago),):
        made, more = lifecycle.received(made, one, one.last_inbound_at)
        happened = [*happened, *more]
    return lifecycle.recorded(None, made, happened, NOW)[0]


def message(text: str | None = WORDS["plain"], **more: Any) -> Message:
    made = Message(
        id=thread().last_message_id,
        brand=BRAND,
        channel="facebook",
        native_id="77_78",
        direction=Direction.INBOUND,
        kind="comment",
        text=text,
        at=NOW - 3 * MINUTE,
        public=True,
    )
    return replace(made, **more)


def reply(text: str = "We are so sorry, Ana. It is on its way and arrives on Monday.") -> Reply:
    there = thread()
    where = (there.conversation_id, there.channel, there.account, Mode.PUBLIC)
    return Reply("r1", BRAND, case().id, *where, text, {}, "ana", NOW)


def happened(fact: Fact, *, actor: str = "ana", seq: int = 7, **data: Any) -> TimelineEvent:
    return TimelineEvent(BRAND, case().id, seq, fact, NOW, NOW, actor, "social", "high", "facebook", 0, data)
