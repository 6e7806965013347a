"""What an agent does in Slack, as the signed requests that Slack makes of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bench.bodies import slack_event
from chalicelib.domain.config import Config
from chalicelib.slack import modals
from tests.fakes.slack_api import FakeSlack, Json

SECRET = "bench-signing-secret"
AGENT = "ana"


@dataclass(slots=True)
class Presses:
    """One agent in a workspace in memory. Each method gives the event that Lambda is handed."""

    slack: FakeSlack
    config: Config
    count: int = 0

    def button(self, action: str, value: str, now: datetime) -> Json:
        """On the card."""
        (card,) = self.slack.roots()
        container = {"type": "message", "message_ts": card["ts"], "channel_id": card["channel"]}
        return self._action({"action_id": action, "value": value}, now, container=container)

    def typed(self, text: str, now: datetime) -> Json:
        """A letter more in the reply window."""
        view = self._window(modals.REPLY_VIEW, {modals.TEXT: text})
        container = {"type": "view", "view_id": view["id"]}
        return self._action({"action_id": modals.TEXT, "value": text}, now, container=container, view=view)

    def sent(self, callback: str, now: datetime, **values: str) -> Json:
        return self._payload({"type": "view_submission", "view": self._window(callback, values)}, now)

    def home(self, now: datetime) -> Json:
        agent, workspace = self.config.agents[AGENT], self._workspace()
        event = {"type": "app_home_opened", "user": agent.slack, "tab": "home"}
        about = {"type": "event_callback", "team_id": workspace["team"], "api_app_id": workspace["app"]}
        raw = json.dumps({**about, "event": event, "event_id": f"Ev{now.timestamp():.0f}"}).encode()
        return slack_event(raw, "application/json", SECRET, now)

    def _action(self, action: Json, now: datetime, **where: Any) -> Json:
        self.count += 1
        pressed = {**action, "type": "button", "action_ts": f"{now.timestamp():.0f}.{self.count:06d}"}
        return self._payload({"type": "block_actions", "actions": [pressed], **where}, now)

    def _window(self, callback: str, values: dict[str, str]) -> Json:
        """The window that was opened last, with what stands in its fields."""
        found = [(id_, view) for id_, view in self.slack.views.items() if view.get("callback_id") == callback]
        view_id, view = found[-1]
        state = {block: {block: {"type": "plain_text_input", "value": text}} for block, text in values.items()}
        return {**view, "id": view_id, "type": "modal", "state": {"values": state}}

    def _payload(self, told: Json, now: datetime) -> Json:
        workspace = self._workspace()
        user = {"id": self.config.agents[AGENT].slack, "team_id": workspace["team"]}
        common = {"user": user, "team": {"id": workspace["team"]}, "api_app_id": workspace["app"]}
        payload = {**common, "trigger_id": f"{self.count}.1.a", **told}
        raw = urlencode({"payload": json.dumps(payload)}).encode()
        return slack_event(raw, "application/x-www-form-urlencoded", SECRET, now)

    def _workspace(self) -> dict[str, str]:
        known = self.config.slack
        assert known is not None
        return {"team": known.team, "app": known.app}
