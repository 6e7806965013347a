"""Cases, messages and networks for tests of the desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from chalicelib.channels.base import Capability, Channel, Credentials, Inbound, Limit, Request, Response
from chalicelib.channels.parts.files import Takes
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case, Priority, Thread
from chalicelib.domain.config import Brand, Config, Queue, Slack
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.event import Event
from chalicelib.domain.message import Direction, Evidence, Message
from chalicelib.domain.people import Agent, Role
from chalicelib.domain.reply import Mode, Outcome, Outgoing, Sent
from chalicelib.domain.routing import Route
from chalicelib.domain.target import Metric, Target
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent

NOW = datetime.fromtimestamp(1795165200, UTC)
MINUTE = timedelta(minutes=1)
TEAM, APP, CARE = "T0ACME001", "A0HEED001", "C0CARE001"
TARGETS = (
    Target(Metric.FIRST_RESPONSE, 15 * MINUTE, 5 * MINUTE),
    Target(Metric.RESOLUTION, timedelta(hours=8), timedelta(hours=1)),
)
BOTH = (Capability.PRIVATE_REPLY.value, Capability.REPLY.value)


def _agent(key: str, name: str, slack: str, role: Role = Role.AGENT, brands: tuple[str, ...] = ("acme",)) -> Agent:
    return Agent(key, name, f"{key}@acme.example", role, brands, slack)


MARIA = _agent("maria", "Maria Silva", "U0AGENT01")
TOM = _agent("tom", "Tom Becker", "U0AGENT02")
AUDITOR = _agent("otto", "Otto Prüfer", "U0AUDIT01", Role.AUDITOR)
OTHER = _agent("olga", "Olga Fremd", "U0OTHER01", brands=("zenith",))

CONFIG = Config(
    version=1,
    brands={"acme": Brand("acme", "Acme", "care", timedelta(days=7), Evidence.NONE)},
    accounts={},
    queues={"care": Queue("care", "Customer care", CARE), "quiet": Queue("quiet", "Quiet", "")},
    rules=(),
    policies=(),
    agents={agent.id: agent for agent in (MARIA, TOM, AUDITOR, OTHER)},
    slack=Slack(TEAM, APP),
)


class Network(Channel):
    """A network as far as the desk cares: its name, its limit and its window."""

    files: ClassVar[Mapping[str, Takes]] = {"application/pdf": Takes("file", 1_000_000)}
    media_hosts = ("files.example",)

    api = "https://api.example"

    def __init__(self, name: str, title: str, limit: Limit, private_window: timedelta | None = None) -> None:
        self.__dict__.update(name=name, title=title)
        self._limit, self._window = limit, private_window

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        return False

    def split(self, body: Any) -> Iterable[Any]:
        return [body]

    def parse(self, body: Any) -> Iterable[Event]:
        return []

    def address(self, event: Event) -> Mapping[str, str]:
        return {}

    def capabilities(self, event: Event) -> frozenset[Capability]:
        return frozenset()

    def limit(self, outgoing: Outgoing) -> Limit:
        return self._limit

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        return None if mode is Mode.PUBLIC else self._window

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        return Request("POST", self.api, {})

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        return Sent("1")


class Doubling(Network):
    """Counts every character twice, as X does with emoji."""

    def length(self, outgoing: Outgoing) -> int:
        return 2 * len(outgoing.text)


NETWORKS: dict[str, Channel] = {
    "facebook": Network("facebook", "Facebook", Limit(8000), timedelta(days=7)),
    "x": Doubling("x", "X", Limit(280, "weighted characters")),
    "long": Network("long", "A network with a very long name", Limit(10)),
}


def network(name: str) -> Channel:
    """Raises LookupError for networks nobody knows, as the real look-up does."""
    return NETWORKS[name]


def thread(key: str = "comments", *, public: bool = True, channel: str = "facebook", ago: int = 3) -> Thread:
    return Thread(
        conversation_id=ids.digest(key),
        channel=channel,
        account="acme-page",
        public=public,
        address={"comment": "77"},
        last_inbound_at=NOW - ago * MINUTE,
        last_message_id=ids.digest("message", key),
        capabilities=BOTH if public else ("reply",),
    )


def message(text: str | None = "Where is my parcel?", **more: Any) -> Message:
    made = Message(
        id=thread().last_message_id,
        brand="acme",
        channel="facebook",
        native_id="77",
        direction=Direction.INBOUND,
        kind="comment",
        text=text,
        at=NOW - 3 * MINUTE,
        public=True,
    )
    return replace(made, **more)


def contact(name: str = "Ana Ruiz", handle: str | None = "ana") -> Contact:
    person = ids.contact_id("acme", "facebook", "42")
    identity = Identity("facebook", "42", name, handle)
    return Contact(person, "acme", (identity,), NOW, cases=1)


def opened(*threads: Thread, name: str = "Ana Ruiz", handle: str | None = "ana") -> tuple[Case, list[TimelineEvent]]:
    """A case three minutes old, with the facts that made it."""
    person = contact(name, handle)
    where = Route("care", Priority.HIGH, ("angry words", "public comment"))
    case = lifecycle.new_case(ids.case_id(person.id, 1), person, where, TARGETS, NOW - 3 * MINUTE)
    case, happened = lifecycle.opened(case, NOW - 3 * MINUTE)
    for one in threads or (thread(),):
        case, more = lifecycle.received(case, one, one.last_inbound_at)
        happened = [*happened, *more]
    return lifecycle.recorded(None, case, happened, NOW)


def case(*threads: Thread, name: str = "Ana Ruiz", handle: str | None = "ana") -> Case:
    return opened(*threads, name=name, handle=handle)[0]


def happened(fact: Fact, *, actor: str = "system", seq: int = 7, **data: Any) -> TimelineEvent:
    return TimelineEvent("acme", case().id, seq, fact, NOW, NOW, actor, "care", "high", "facebook", 0, data)


def recorded(before: Case, fact: Fact, actor: str = "maria", **data: Any) -> tuple[Case, list[TimelineEvent]]:
    """The case one fact later."""
    return lifecycle.recorded(before, before, [Happening(fact, NOW, actor, data)], NOW)
