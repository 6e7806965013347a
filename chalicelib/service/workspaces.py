"""Several Slack workspaces in one installation: a call goes where its channel is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.config import Config, Slack
from chalicelib.service.ports import SlackApi, SlackRefused


@dataclass(frozen=True, slots=True)
class ByChannel:
    """Slack's Web API over all workspaces. ``team`` says which one where the channel does not tell any more."""

    config: Config
    at: Callable[[Slack], SlackApi]

    def call(self, method: str, *, team: str = "", **arguments: Any) -> dict[str, Any]:
        channel = str(arguments.get("channel", ""))
        workspace = self.config.workspace_of(team) if team else self.config.workspace_at(channel)
        if workspace is None:
            raise SlackRefused("no_workspace")
        return self.at(workspace).call(method, **arguments)


def secrets_of(config: Config, team: str | None) -> tuple[str, ...]:
    """Where the signing secrets lie that may sign for this team. Somebody else's signature must not count for it.

    Slack's question whether an address listens names no team, so every secret may sign it.
    """
    if not config.workspaces:
        return ("slack",)
    if team is None:
        return tuple(one.secrets for one in config.workspaces.values())
    workspace = config.workspace_of(team)
    return (workspace.secrets,) if workspace else ()
