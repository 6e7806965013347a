"""Interactivity and command bodies, shaped as in docs.slack.dev, "Interaction payloads" and "Slash commands"."""

from dataclasses import dataclass

from infra.doubles.slack.shapes import Json
from infra.doubles.slack.workspace import Message, Workspace


@dataclass(frozen=True)
class Payloads:
    workspace: Workspace

    def message_action(self, user: str, message: Message, action: Json, trigger_id: str, response_url: str) -> Json:
        """`block_actions` from a message or an ephemeral message."""
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        shown = {} if message.seen_by else {"message": self.workspace.described(message)}
        thread = {"thread_ts": message.root} if message.is_reply else {}
        return (
            self._common("block_actions", user, trigger_id)
            | {"container": container | thread | {"is_ephemeral": bool(message.seen_by)}}
            | {"channel": self._channel(message.channel), "state": {"values": {}}}
            | {"response_url": response_url, "actions": [action]}
            | shown
        )

    def view_action(self, user: str, view: Json, action: Json, trigger_id: str) -> Json:
        """`block_actions` from a modal or the Home tab: no channel and no response_url."""
        about = {"container": {"type": "view", "view_id": view["id"]}, "view": view, "actions": [action]}
        return self._common("block_actions", user, trigger_id) | about

    def submission(self, user: str, view: Json, trigger_id: str) -> Json:
        return self._common("view_submission", user, trigger_id) | {"view": view, "response_urls": []}

    def closed(self, user: str, view: Json, cleared: bool) -> Json:
        """What stood in the fields is not told."""
        common = self._common("view_closed", user, "")
        del common["trigger_id"]
        return common | {"view": view, "is_cleared": cleared}

    def shortcut(self, user: str, message: Message, callback_id: str, trigger_id: str, response_url: str) -> Json:
        """`message_action`: a message shortcut. It does not name the app."""
        about = {"callback_id": callback_id, "message_ts": message.ts, "message": self.workspace.described(message)}
        where = {"channel": self._channel(message.channel), "response_url": response_url}
        made = self._common("message_action", user, trigger_id) | about | where | {"action_ts": message.ts}
        del made["api_app_id"]
        return made

    def command(self, user: str, channel: str, words: tuple[str, str], trigger_id: str, response_url: str) -> Json:
        who, about = self.workspace.identity, self.workspace.users[user]
        return {
            "token": "deprecated",
            "team_id": who.team_id,
            "team_domain": who.domain,
            "channel_id": channel,
            "channel_name": self.workspace.channels[channel].name,
            "user_id": user,
            "user_name": about["name"],
            "command": words[0],
            "text": words[1],
            "api_app_id": who.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }

    def _common(self, kind: str, user: str, trigger_id: str) -> Json:
        who, name = self.workspace.identity, self.workspace.users[user]["name"]
        return {
            "type": kind,
            "user": {"id": user, "username": name, "name": name, "team_id": who.team_id},
            "api_app_id": who.app_id,
            "token": "deprecated",
            "trigger_id": trigger_id,
            "team": {"id": who.team_id, "domain": who.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel: str) -> Json:
        return {"id": channel, "name": self.workspace.channels[channel].name}
