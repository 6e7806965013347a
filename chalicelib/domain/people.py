"""Agents and what their role permits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.commands import AddNote, Answer, Command, Release, Resolve, Settle, Take


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Agent:
    """``slack`` is the verified Slack user id; display names prove nothing."""

    id: str
    name: str
    email: str
    role: Role
    brands: tuple[str, ...]
    slack: str | None = None


_WORK: frozenset[type[Command]] = frozenset({Take, Release, Resolve, AddNote, Answer, Settle})

PERMITTED: Mapping[Role, frozenset[type[Command]]] = {
    Role.AGENT: _WORK,
    Role.SUPERVISOR: _WORK,
    Role.AUDITOR: frozenset(),
    Role.ADMIN: _WORK,
}


def may(agent: Agent, command: Command) -> bool:
    """Whether this agent may ask this: by role, and only within their brands."""
    return command.brand in agent.brands and type(command) in PERMITTED[agent.role]
