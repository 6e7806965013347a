"""Several Slack workspaces in one installation: a call goes where its channel is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.config import Config, Slack
from chalicelib.service.ports import SlackApi, SlackRefused, SlackVault, SlackWorkspace
from chalicelib.service.slack_outage import NO_TOKEN, UNREADABLE


@dataclass(frozen=True, slots=True)
class ByChannel:
    """Slack's Web API over all workspaces, each connected only when it is called: without a token that is a refusal.

    ``team`` says which one where the channel does not tell any more.
    """

    config: Config
    at: Callable[[Slack], SlackApi]

    def call(self, method: str, *, team: str = "", **arguments: Any) -> dict[str, Any]:
        channel = str(arguments.get("channel", ""))
        workspace = self.config.workspace_of(team) if team else self.config.workspace_at(channel)
        if workspace is None:
            raise SlackRefused("no_workspace")
        return self.at(workspace).call(method, **arguments)


@dataclass(frozen=True, slots=True)
class WhenCalled:
    """One workspace, connected when it is called: work that needs no Slack goes on without a token."""

    connect: Callable[[], SlackWorkspace]

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self.connect().call(method, **arguments)

    def read(self, url: str, most: int) -> bytes:
        return self.connect().read(url, most)


def token_of(vault: SlackVault, secrets: str) -> str:
    """The token kept there. That there is none, or none to be read, is trouble with Slack like a revoked one."""
    try:
        token = vault.slack(secrets).get("token")
    except ValueError as error:
        raise SlackRefused(UNREADABLE) from error
    if not token:
        raise SlackRefused(NO_TOKEN)
    return str(token)


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
