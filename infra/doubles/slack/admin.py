"""What a workspace's admins do to an app and its channels: Slack tells the app of it by events."""

from dataclasses import dataclass

from infra.doubles.slack.api import Api
from infra.doubles.slack.api_setup import Grants
from infra.doubles.slack.courier import Courier
from infra.doubles.slack.events import envelope
from infra.doubles.slack.shapes import Delivery, Json


@dataclass(frozen=True)
class Admin:
    api: Api
    grants: Grants
    courier: Courier

    def archive(self, channel: str) -> Delivery:
        self._set(channel, archived=True)
        return self._tell({"type": "channel_archive", "channel": channel, "user": "U0ADMIN"})

    def unarchive(self, channel: str) -> Delivery:
        self._set(channel, archived=False)
        return self._tell({"type": "channel_unarchive", "channel": channel, "user": "U0ADMIN"})

    def kick(self, channel: str) -> Delivery:
        """Take the bot out of a channel."""
        self._set(channel, member=False)
        return self._tell({"type": "channel_left", "channel": channel, "actor_id": "U0ADMIN"})

    def invite(self, channel: str) -> Delivery:
        """Bring it back."""
        self._set(channel, member=True)
        who = self.api.workspace.identity
        about = {"user": who.bot_user_id, "channel": channel, "channel_type": "C", "team": who.team_id}
        return self._tell({"type": "member_joined_channel", **about, "inviter": "U0ADMIN"})

    def uninstall(self) -> Delivery:
        self.grants.revoked = "account_inactive"
        revoked = {"oauth": [], "bot": [self.api.workspace.identity.bot_user_id]}
        self._tell({"type": "tokens_revoked", "tokens": revoked})
        return self._tell({"type": "app_uninstalled"})

    def limit(self) -> Delivery:
        """Slack holds events back."""
        who, now = self.api.workspace.identity, int(self.api.workspace.counters.now())
        about = {"team_id": who.team_id, "api_app_id": who.app_id, "minute_rate_limited": now - now % 60}
        return self.courier.event({"token": "deprecated", "type": "app_rate_limited", **about})

    def _set(self, key: str, archived: bool | None = None, member: bool | None = None) -> None:
        channel = self.api.workspace.channel(key)
        self.api.workspace.set_channel(
            key,
            channel.name,
            channel.archived if archived is None else archived,
            channel.member if member is None else member,
        )

    def _tell(self, event: Json) -> Delivery:
        workspace = self.api.workspace
        told = event | {"event_ts": workspace.counters.ts()}
        return self.courier.event(envelope(told, workspace.identity, workspace.counters))
