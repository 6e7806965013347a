"""All use cases around one in-memory store, with a clock that is moved by hand."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalicelib.channels.base import Channel, Credentials
from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Answer
from chalicelib.domain.config import Config
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import Fact
from chalicelib.service.bus import Bus
from chalicelib.service.delivery import Delivery
from chalicelib.service.intake import Intake, Taken
from chalicelib.service.outbox import publish
from tests.build import BRAND, config, event
from tests.fakes.channel import PlainChannel
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter, DictVault, HandClock, MemoryArchive, RecordingEffects, ScriptedHttp

HOOK = "harbor-facebook"
CREDENTIALS = Credentials(secrets=("s",), token="t")


@dataclass
class World:
    config: Config = field(default_factory=config)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: HandClock = field(default_factory=HandClock)
    http: ScriptedHttp = field(default_factory=ScriptedHttp)
    meter: CountingMeter = field(default_factory=CountingMeter)
    effects: RecordingEffects = field(default_factory=RecordingEffects)
    vault: DictVault = field(default_factory=lambda: DictVault({("facebook", HOOK): CREDENTIALS}))
    channel: Channel = field(default_factory=PlainChannel)
    archive: MemoryArchive = field(default_factory=MemoryArchive)

    @property
    def intake(self) -> Intake:
        return Intake(self.store, self.config, self.channel)

    @property
    def bus(self) -> Bus:
        return Bus(self.store, self.config, lambda name: self.channel)

    @property
    def delivery(self) -> Delivery:
        parts = (self.store, lambda name: self.channel, self.vault, self.http, self.meter, self.clock)
        return Delivery(*parts, lambda: self.config, self.archive)

    def take(self, kind: Kind = Kind.MESSAGE, **changes: Any) -> Taken:
        return self.intake.take(event(kind, **changes), HOOK, self.clock())

    def tell(self, told: Event) -> Taken:
        return self.intake.take(told, HOOK, self.clock())

    def case(self, author: str = "7245118832190456") -> Case:
        found = self.store.contact(BRAND, ids.contact_id(BRAND, self.channel.name, author))[1]
        assert found is not None
        return found

    def stream(self) -> None:
        """What the table's stream brings about now: every row's effects."""
        for place in list(self.store.pending(self.clock() + timedelta(days=1))):
            event = self.store.event(*place)
            if event is not None:
                publish(event, self.store, self.effects, self.clock())

    def message(self, native: str = "mid-1") -> Message | None:
        return self.store.message(BRAND, ids.message_id(BRAND, HOOK, native))

    def facts(self) -> list[Fact]:
        return [one.fact for one in self.store.timeline(BRAND, self.case().id)]

    def clock_steps(self) -> list[str]:
        """What happened to the clocks, as metric-instance step."""
        told = self.store.timeline(BRAND, self.case().id)
        return [f"{one.metric}-{one.instance} {one.kind}" for event in told for one in event.clocks]

    def answer(
        self, text: str = "It is on its way.", command_id: str = "view-1", agent: str = "ana", **more: Any
    ) -> Reply:
        """An agent answers the customer's latest message; returns the queued reply."""
        latest = self.case().thread()
        assert latest is not None
        mode = Mode.PUBLIC if latest.public else Mode.PRIVATE
        about = (command_id, BRAND, self.case().id, agent, text, mode, latest.conversation_id)
        self.bus(Answer(*about, **more), self.clock())
        reply = self.store.reply(BRAND, ids.reply_id(BRAND, command_id))
        assert reply is not None
        return reply

    def reply(self, reply_id: str) -> Reply:
        found = self.store.reply(BRAND, reply_id)
        assert found is not None
        return found
