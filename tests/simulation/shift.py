"""What agents do in Slack itself: words in a thread, a button, the Reply window; each as a request that Slack signs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.slack import buttons, modals
from chalicelib.slack.destinations import destinations
from infra.doubles.slack.signing import signed_headers
from tests.build import BRAND
from tests.simulation.policy import CONFIG
from tests.simulation.slack import APP, BOT, SECRET, TEAM

if TYPE_CHECKING:
    from tests.simulation.agents import Agents

Json = dict[str, Any]

RETRIES = (1, 60, 300)
"""Seconds after which Slack tells of words again that were not taken: three times, and then never more."""
PATIENCE = 20
"""Seconds after which a person whom Slack shows an error tries again."""
PRESSED = frozenset({buttons.TAKE, buttons.RELEASE, buttons.RESOLVE, buttons.REOPEN, buttons.WAKE, buttons.ACKNOWLEDGE})
PRESSED |= {buttons.UNDO, buttons.APPROVE}
"""Buttons that ask for something at once. What settles a reply is pressed by who has looked at the network."""


@dataclass(frozen=True, slots=True)
class Sending:
    """An answer that a window took: the window closed, and its words are ours to send or to give back."""

    case_id: str
    agent: str
    id: str


@dataclass
class Shift:
    """``sent`` are the answers that the door took."""

    agents: "Agents"
    sent: list[Sending] = field(default_factory=list)

    def says(self, case: Case, id: str, agent: str) -> None:
        """Words in the thread of a case's card are a note from when they were taken on."""
        world = self.agents.world
        card = world.truth.card(BRAND, case.id)
        if card is None:
            return
        ts, text = world.slack.next_ts(), f"note {id}, said in the thread"
        world.slack.said.add(ts)
        where = {"channel": card.slack_channel, "ts": ts, "thread_ts": card.ts}
        said = {"type": "message", "user": _user(agent), "team": TEAM, "parent_user_id": BOT, "text": text, **where}
        event = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": f"Ev{id}", "event": said}
        body = json.dumps({**event, "authorizations": [{"user_id": BOT, "is_bot": True}]})
        note = ids.note_id(BRAND, f"{card.slack_channel}:{ts}")

        def tell(again: tuple[int, ...] = RETRIES) -> None:
            if self._posts("application/json", body) is not None:
                self.agents.notes.setdefault(note, text)
                self.agents.authors[note] = (case, agent)
            elif again:
                world.scheduler.after(again[0], lambda: tell(again[1:]))

        tell()
        if world.faults.fires("slack tells twice"):
            world.scheduler.between(0, 400, lambda: tell(()))

    def presses(self, case: Case, id: str, agent: str) -> None:
        """A button as it stands below the case somewhere, perhaps for something that is long over."""
        world = self.agents.world
        found = [
            (one, button) for about, _, _, one in world.slack.posts() if about == case.id for button in _shown(one)
        ]
        if found:
            message, button = world.random.choice(found)
            self._press(message, button, agent)

    def _press(self, message: Json, button: Json, agent: str) -> None:
        world = self.agents.world
        used = {"action_id": button["action_id"], "value": button["value"], "action_ts": world.network.fresh("press")}
        place = {"type": "message", "channel_id": message["channel"], "message_ts": message["ts"]}
        place |= {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
        if self._interacts("block_actions", agent, {"container": place, "actions": [used]}) is None:
            world.scheduler.after(PATIENCE, lambda: self._press(message, button, agent))

    def sends(self, case: Case, id: str, agent: str) -> None:
        """An answer from the Reply window, sent again from the same one until it closes."""
        world, places = self.agents.world, destinations(case)
        if not places:
            return
        text = f"This is answer {id}, from the window."
        reply = ids.reply_id(BRAND, id)
        world.texts[text] = reply
        fields = {modals.TEXT: {"value": text}, modals.WHERE: {"value": world.random.choice(places).value}}
        state = {"values": {name: {name: one} for name, one in fields.items()}}
        about = json.dumps({"brand": BRAND, "case": case.id, "turn": "0"})
        view = {"id": id, "callback_id": modals.REPLY_VIEW, "private_metadata": about, "state": state}

        def send() -> None:
            answer = self._interacts("view_submission", agent, {"view": view})
            if answer is None or answer.get("response_action") == "errors":
                world.scheduler.after(PATIENCE, send)
            else:
                self.sent.append(Sending(case.id, agent, reply))

        send()

    def _interacts(self, kind: str, agent: str, about: Mapping[str, Any]) -> Json | None:
        who = {"user": {"id": _user(agent), "team_id": TEAM}, "team": {"id": TEAM}, "api_app_id": APP}
        payload = {"type": kind, **who, "trigger_id": self.agents.world.network.fresh("trigger"), **about}
        return self._posts("application/x-www-form-urlencoded", urlencode({"payload": json.dumps(payload)}))

    def _posts(self, content_type: str, body: str) -> Json | None:
        """What Heed answers; None where Slack got no 200."""
        world = self.agents.world
        headers = {"Content-Type": content_type, **signed_headers(SECRET, world.slack.seconds(), body.encode())}
        answer = world.posted("door", "/slack", headers, body)
        answered: Json | None = None if answer is None else json.loads(answer or "{}")
        return answered


def _user(agent: str) -> str:
    return str(CONFIG.agents[agent].slack)


def _shown(message: Json) -> Iterator[Json]:
    """What can be pressed in it for something to be done at once."""
    for block in message["blocks"]:
        for one in (*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else ())):
            if one.get("action_id", "").partition("~")[0] in PRESSED:
                yield one
