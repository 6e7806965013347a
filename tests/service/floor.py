"""One case with a card in Slack, the bus behind it, and the people who press and write there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.card import CardPlace
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Refusal
from chalicelib.domain.message import Direction
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.bus import Bus
from chalicelib.service.slack_inbox.badges import Badges
from chalicelib.service.slack_inbox.door import Door
from chalicelib.service.slack_inbox.worker import handle
from chalicelib.slack import modals
from chalicelib.slack.errands import read
from chalicelib.slack.incoming import (
    Asked,
    Click,
    Closed,
    HomeOpened,
    Incoming,
    Said,
    Shortcut,
    Submitted,
)
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter, MemoryArchive, MemoryErrands
from tests.fakes.slack_api import FakeSlack
from tests.slack.samples import APP, CARE, CONFIG, MARIA, NOW, TEAM, message, network, opened, thread

BOT = "U0HEEDBOT"
ROOT = "1795165140.000100"
DM = thread("dm", public=False, ago=1)
PUBLICLY, PRIVATELY = f"public:{thread().conversation_id}:facebook", f"private:{DM.conversation_id}:facebook"
BY_REPLY = f"private_reply:{thread().conversation_id}:facebook"
"""Where words can go, as the reply window names it."""


@dataclass
class Floor:
    """One case with a card, the bus, and Slack."""

    store: MemoryStore = field(default_factory=MemoryStore)
    slack: FakeSlack = field(default_factory=lambda: FakeSlack(NOW.timestamp()))
    config: Config = CONFIG
    presses: int = 0
    now: datetime = NOW
    badges: Badges = field(default_factory=Badges)
    meter: CountingMeter = field(default_factory=CountingMeter)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    errands: MemoryErrands = field(default_factory=MemoryErrands)
    last: str = ""
    """What the worker had in hand last."""

    def __post_init__(self) -> None:
        self.case, events = opened(thread(), DM)
        place = CardPlace(TEAM, CARE, ROOT, "acme", self.case.id)
        self.store.commit(self.case, message(), place, *events)
        self.bus: Any = Bus(self.store, CONFIG, network)
        self.slack.knows(CONFIG.agents.values())

    def handle(self, incoming: Incoming) -> dict[str, Any]:
        """The door's answer; its worker has done the rest by then."""
        answer = self.door().receive(incoming)
        self.work()
        return answer

    def door(self) -> Door:
        return Door(self.config, lambda team: self.slack, self.errands, self.slack, network, self.now)

    def work(self) -> None:
        """All that waits in the queue."""
        while self.errands.waiting:
            self.last = self.errands.waiting.pop(0)
            handle(
                read(json.loads(self.last)),
                store=self.store,
                bus=self.bus,
                slack=self.slack,
                files=self.archive,
                answers=self.slack,
                config=self.config,
                channel=network,
                meter=self.meter,
                badges=self.badges,
                now=self.now,
            )

    def click(self, action: str, agent: Agent | str = MARIA, **more: Any) -> dict[str, Any]:
        self.presses += 1
        user = agent if isinstance(agent, str) else agent.slack or ""
        made = Click(
            user=user,
            team=TEAM,
            app=APP,
            action=action,
            value=f"acme/{self.case.id}",
            trigger_id="t",
            channel=CARE,
            ts=ROOT,
            action_ts=f"{int(self.now.timestamp())}.{self.presses:03d}000",
            response_url=f"https://hooks.slack.com/actions/{user}/{CARE}",
        )
        return self.handle(replace(made, **more))

    def submit(self, callback: str, text: str, agent: Agent | str = MARIA, **more: Any) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        metadata = {"brand": "acme", "case": self.case.id}
        made = Submitted(user, TEAM, APP, "V1", callback, metadata, {modals.TEXT: text}, trigger_id="t")
        return self.handle(replace(made, **more))

    def answer(self, text: str, where: str, **more: Any) -> dict[str, Any]:
        return self.submit(modals.REPLY_VIEW, text, values={modals.TEXT: text, modals.WHERE: where}, **more)

    def said(self, text: str, agent: Agent | str = MARIA, **more: Any) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        return self.handle(replace(Said("Ev1", user, TEAM, APP, CARE, ROOT, "1795165200.000200", text), **more))

    @property
    def current(self) -> Case:
        case = self.store.case("acme", self.case.id)
        assert case is not None
        return case

    def facts(self) -> list[Fact]:
        """What was recorded since the case was opened."""
        return [event.fact for event in self.news()]

    def news(self) -> list[TimelineEvent]:
        return self.store.timeline("acme", self.case.id)[self.case.seq :]

    def told(self) -> str:
        (one,) = self.slack.ephemeral
        return str(one["text"])

    def reply(self) -> Reply:
        event = next(one for one in self.news() if one.fact is Fact.REPLY_QUEUED)
        reply = self.store.reply("acme", event.data["reply_id"])
        assert reply is not None
        return reply

    def note(self) -> str:
        event = next(one for one in self.news() if one.fact is Fact.NOTE_ADDED)
        note = self.store.message("acme", event.data["message_id"])
        assert note is not None and note.direction is Direction.NOTE
        return note.text or ""

    # -- windows, orders and lists --------------------------------------------------------------------------------

    def moves_to(self, seconds: float) -> None:
        """The time at which what comes next comes."""
        self.now = NOW + timedelta(seconds=seconds)

    def view(self) -> dict[str, Any]:
        """The window that was opened last, as it looks now."""
        return list(self.slack.views.values())[-1]

    def form(self, callback: str, values: Mapping[str, str], agent: Agent = MARIA) -> dict[str, Any]:
        return self.submit(callback, "", agent, values=values)

    def in_window(self, action: str, value: str = "", agent: Agent = MARIA, **more: Any) -> dict[str, Any]:
        """Something used in the reply window of the case."""
        about = {"brand": "acme", "case": self.case.id}
        place: dict[str, Any] = {"channel": "", "ts": "", "response_url": None}
        place |= {"view_id": "V1", "callback": modals.REPLY_VIEW, "metadata": about}
        return self.click(action, agent, **{"value": value, **place, **more})

    def closed(self, text: str = "", agent: Agent = MARIA) -> dict[str, Any]:
        about = {"brand": "acme", "case": self.case.id}
        made = Closed(agent.slack or "", TEAM, APP, "V1", modals.REPLY_VIEW, about, {modals.TEXT: text})
        return self.handle(made)

    def asks(self, text: str, agent: Agent | str = MARIA, **more: Any) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        self.presses += 1
        url = f"https://hooks.slack.com/commands/{user}/{CARE}"
        made = Asked(user, TEAM, APP, text, CARE, f"T{self.presses}", url)
        before = len(self.slack.ephemeral)
        self.handle(replace(made, **more))
        return self.slack.ephemeral[before] if len(self.slack.ephemeral) > before else {}

    def shortcut(self, callback: str, agent: Agent | str = MARIA, **more: Any) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        self.presses += 1
        url = f"https://hooks.slack.com/shortcuts/{user}/{CARE}"
        made = Shortcut(user, TEAM, "", callback, f"T{self.presses}", CARE, **{"ts": ROOT, "response_url": url, **more})
        return self.handle(made)

    def looks_home(self, agent: Agent | str = MARIA, view_hash: str = "", **more: Any) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        self.presses += 1
        return self.handle(replace(HomeOpened(user, TEAM, APP, view_hash, f"Ev{self.presses}"), **more))

    def home(self, agent: Agent | str = MARIA) -> dict[str, Any]:
        user = agent if isinstance(agent, str) else agent.slack or ""
        return self.slack.homes[user][1]


class Recorder:
    """A bus that writes down what it is asked; with ``refuses`` it says no."""

    def __init__(self, refuses: str = "") -> None:
        self.commands: list[Command] = []
        self.refuses = refuses

    def __call__(self, command: Command, now: object) -> None:
        self.commands.append(command)
        if self.refuses:
            raise Refusal(self.refuses)

    @property
    def only(self) -> Command:
        (command,) = self.commands
        return command
