"""Scripted agents. They see what Slack shows and do what people do there: press, write, submit, talk in threads."""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from zlib import crc32

from chalicelib.slack.cards import POST, REPLY, RESOLVE, TAKE
from chalicelib.slack.modals import NOT_SENT, TEXT, WHERE
from infra.doubles.slack import CannotDoError, Delivery, SlackDouble
from infra.doubles.slack.workspace import Message

TRIES = 4
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 10.0
"""How long somebody looks at a window that says to wait."""
ANSWERS = (
    "Thank you for writing, {name}! We are on it & will be back within the day. Reference {reference}.",
    "Hello {name}, sorry about that <3 A colleague looks into it right now. Reference {reference}.",
    "Hi {name} ☕ good question! Have a look at our guide, or send us a photo. Reference {reference}.",
    "Grüße vom Hafen, {name}! Ersatz ist unterwegs. Deine Nummer: {reference}.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A reply somebody sent. Not ``certain``: no answer came, so that it may have been taken, once."""

    brand: str
    case_id: str
    mode: str
    text: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """Words said in a card's thread."""

    brand: str
    case_id: str
    text: str


@dataclass
class Work:
    """What the agents did."""

    asked: list[Asked] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)


class Agent:
    """One person at one desk: attends to every ``of``-th card, one after the other, and leaves some alone."""

    def __init__(self, slack: SlackDouble, user: str, place: int, of: int, seed: int, share: float) -> None:
        self._slack = slack
        self._user = user
        self._place = place
        self._of = of
        self._seed = seed
        self._share = share
        self._seen = 0
        self._stop = Event()
        self._thread = Thread(target=self._run, name=f"agent-{user}", daemon=True)
        self.work = Work()

    @property
    def idle(self) -> bool:
        """Nothing new stands in the channels."""
        return self._seen == len(self._slack.workspace.messages)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for message in self._slack.workspace.messages[self._seen :]:
                if not self._stop.is_set():
                    self._look(message)
                self._seen += 1

    def _look(self, message: Message) -> None:
        about = shown(message)
        if about.get("post") != POST or crc32(about["case_id"].encode()) % self._of != self._place:
            return
        self._given_back()
        chance = random.Random(f"{self._seed}/{about['case_id']}")  # noqa: S311 - a simulation
        if chance.random() < self._share:
            try:
                self._attend(message, about, chance)
            except CannotDoError as error:
                self.work.given_up.append(str(error))

    def _attend(self, card: Message, about: dict[str, str], chance: random.Random) -> None:
        if chance.random() < 0.7:
            self._press(card, TAKE)
        self._reply(card, about, chance)
        if chance.random() < 0.2:
            text = f"Looked up order {chance.randrange(10_000, 99_999)} for {about['case_id']}"
            if self._slack.say(card.channel, card.ts, text, self._user).ok:
                self.work.noted.append(Noted(about["brand"], about["case_id"], text))
        if chance.random() < 0.4:
            self._press(card, RESOLVE)

    def _press(self, card: Message, action: str) -> None:
        self._insist(lambda: self._slack.click(card.channel, card.ts, action, self._user))

    def _reply(self, card: Message, about: dict[str, str], chance: random.Random) -> None:
        """Opens the window, picks where the words go, writes, and sends."""
        view = self._window(card)
        if view is None:
            self.work.given_up.append(f"no reply window for {about['case_id']}")
            return
        mode, values = _where(view, chance)
        reference = f"HH-{crc32(about['case_id'].encode()):08X}"
        name = str(card.body["text"]).partition(" ")[0]
        text = chance.choice(ANSWERS).format(name=name, reference=reference)
        values[TEXT] = {TEXT: text}
        delivery = self._insist(lambda: self._slack.submit(view["id"], values, self._user))
        if delivery.outcome == "errors":
            self.work.given_up.append(f"{about['case_id']}: {delivery.errors}")
            self._slack.close_view(view["id"], self._user)
            return
        self.work.asked.append(Asked(about["brand"], about["case_id"], mode, text, certain=delivery.ok))

    def _window(self, card: Message) -> dict[str, Any] | None:
        """The window that Reply opened, once there is a place to write in it."""
        for _ in range(TRIES):
            self._press(card, REPLY)
            until = time.monotonic() + PATIENCE_SECONDS
            while not (view := self._open(TEXT)) and time.monotonic() < until and not self._stop.wait(LOOK_SECONDS):
                pass
            if view:
                return view
            self._close()
        return None

    def _close(self) -> None:
        """Windows that stayed empty: whoever looks over this person's shoulder would not get past them."""
        for view in [*self._slack.views.stacks.get(self._user, ())]:
            self._slack.close_view(view["id"], self._user)

    def _open(self, block_id: str) -> dict[str, Any] | None:
        """The window this person looks at, if it has such a field."""
        stack = self._slack.views.stacks.get(self._user)
        return stack[-1] if stack and any(one["block_id"] == block_id for one in stack[-1]["blocks"]) else None

    def _given_back(self) -> None:
        """An answer that could not leave comes back in a window, with the reason."""
        view = self._open(TEXT)
        if view and NOT_SENT in str(view["blocks"]) and self.work.asked:
            self.work.given_up.append(f"{self.work.asked.pop().case_id}: not sent")
            self._slack.close_view(view["id"], self._user)

    def _insist(self, act: Callable[[], Delivery]) -> Delivery:
        """Slack shows a warning sign when no answer came, and people press again."""
        delivery = act()
        for _ in range(TRIES - 1):
            if delivery.ok:
                break
            delivery = act()
        return delivery


def shown(message: Message) -> dict[str, str]:
    """What a message of Heed's is about: brand, case and the name of the post."""
    payload: dict[str, str] = (message.body.get("metadata") or {}).get("event_payload") or {}
    return payload


def agents(slack: SlackDouble, seed: int, share: float) -> list[Agent]:
    """Everybody in the workspace, sharing the cards among them."""
    users: Sequence[str] = list(slack.workspace.users)
    return [Agent(slack, user, place, len(users), seed, share) for place, user in enumerate(users)]


def all_work(team: Sequence[Agent]) -> Work:
    done = Work()
    for agent in team:
        done.asked += agent.work.asked
        done.noted += agent.work.noted
        done.given_up += agent.work.given_up
    return done


def _where(view: dict[str, Any], chance: random.Random) -> tuple[str, dict[str, Any]]:
    """The mode of the reply and what is chosen in the window: mostly what it proposes."""
    for block in view["blocks"]:
        if block["block_id"] == WHERE:
            options = block["element"]["options"]
            value = (chance.choice(options) if chance.random() < 0.3 else options[0])["value"]
            return str(value).partition(":")[0], {WHERE: {WHERE: value}}
    return _only(view), {}


def _only(view: dict[str, Any]) -> str:
    return str(json.loads(view["private_metadata"])[WHERE]).partition(":")[0]
