"""Agents and what their role permits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain import commands
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.commands import Command

CAPACITY = 10


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Approvers(StrEnum):
    """Who may let a colleague's reply go: never its author."""

    SUPERVISOR = "supervisor"
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Agent:
    """``slack`` is a member id, in the ``workspace`` that is named where there are several; a name proves nothing.

    Heed gives them no more than ``capacity`` cases at a time, only in their ``hours`` (None: always), and only those
    that need no other ``skills`` and ``languages`` (empty: every language). With ``approval`` their replies wait for a
    colleague.
    """

    id: str
    name: str
    email: str
    role: Role
    brands: tuple[str, ...]
    slack: str | None = None
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int = CAPACITY
    hours: Calendar | None = None
    approval: bool = False
    workspace: str | None = None


_WORK: frozenset[type[Command]] = frozenset(
    {
        commands.Take,
        commands.Release,
        commands.Resolve,
        commands.Reopen,
        commands.AddNote,
        commands.ReviseNote,
        commands.Answer,
        commands.Undo,
        commands.Approve,
        commands.Reject,
        commands.Settle,
        commands.Assign,
        commands.Move,
        commands.SetPriority,
        commands.Snooze,
        commands.Wake,
        commands.Tag,
        commands.Merge,
        commands.Link,
        commands.Dismiss,
        commands.Escalate,
        commands.Acknowledge,
        commands.Moderate,
    }
)
"""What whoever works on cases may ask. Some are decided by the case as well: whose it is, who wrote the reply."""

SENIORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who may hand on what is somebody else's, and approve."""

OFFICERS = frozenset({Role.AUDITOR, Role.ADMIN})
"""Who may take out, hold and erase what is stored of a person."""

PERMITTED: Mapping[Role, frozenset[type[Command]]] = {
    Role.AGENT: _WORK,
    Role.SUPERVISOR: _WORK,
    Role.AUDITOR: frozenset(),
    Role.ADMIN: _WORK,
}


def may(agent: Agent, command: Command) -> bool:
    """Whether this agent may ask this: by role, and only within their brands."""
    return command.brand in agent.brands and type(command) in PERMITTED[agent.role]


def may_approve(agent: Agent, author: str, approvers: Approvers) -> bool:
    return agent.id != author and (approvers is Approvers.ANYONE or agent.role in SENIORS)
