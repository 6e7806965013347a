"""Several Slack workspaces in one installation: a call goes where its channel is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.config import Config, Slack
from chalicelib.service.ports import SlackApi, SlackRefused


@dataclass(frozen=True, slots=True)
class ByChannel:
    """Slack's Web API over all workspaces. A channel of no queue is looked for in the first one."""

    config: Config
    at: Callable[[Slack], SlackApi]

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        workspace = self._of(str(arguments.get("channel", "")))
        if workspace is None:
            raise SlackRefused("no_workspace")
        return self.at(workspace).call(method, **arguments)

    def _of(self, channel: str) -> Slack | None:
        queue = next((one for one in self.config.queues.values() if one.slack == channel), None)
        return self.config.workspace(queue) if queue else self.config.slack


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
