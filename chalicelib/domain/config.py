"""The checked policy file as the running system sees it. Built from data that ``heed config check`` has approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any

from chalicelib.domain.calendar import Calendar, load_calendar
from chalicelib.domain.case import Priority
from chalicelib.domain.chains import load_chain, load_rotation
from chalicelib.domain.escalation import Address, Chain, Way
from chalicelib.domain.instants import instant
from chalicelib.domain.macros import Macro, load_macro
from chalicelib.domain.message import Evidence
from chalicelib.domain.oncall import Rotation
from chalicelib.domain.people import CAPACITY, Agent, Approvers, Role
from chalicelib.domain.policy import Policy, Traits, load_policy, match
from chalicelib.domain.retention import Retention, load_retention


@dataclass(frozen=True, slots=True)
class Brand:
    """``queue`` takes what no rule routes; for ``reopen_within`` a solved case comes back instead of a new one."""

    key: str
    name: str
    queue: str
    reopen_within: timedelta
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Account:
    """One profile of a brand on one network. ``key`` stands in webhook URLs and names the secrets.

    ``market`` is whose customers it serves, for policies. ``bots`` are the machines that speak there beside people, by
    the network's id of their app or by name. ``options`` are what its network grants it, by name.
    """

    key: str
    brand: str
    channel: str
    native_id: str
    name: str
    market: str = ""
    bots: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


POLICY_OPTIONS = frozenset({"human_agent"})
"""Options that stand in the policy file and nowhere else, because windows and promises depend on them."""


class Assign(StrEnum):
    """How cases find their agent: they take one, or Heed gives them one."""

    PULL = "pull"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Queue:
    """A team's work. ``slack`` is the id of the Slack channel where its cards stand; ``chain`` is how it escalates.

    Who takes a case and does nothing about it within ``claim`` loses it. Heed gives its cases only to those who have
    all its ``skills``. ``alerts`` are those outside Slack who are told of its warnings and breaches.
    """

    key: str
    name: str
    slack: str
    chain: str | None = None
    workspace: str | None = None
    assign: Assign = Assign.PULL
    claim: timedelta | None = None
    skills: tuple[str, ...] = ()
    alerts: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """All that is given must match; what is empty matches everything."""

    because: str
    brand: str | None = None
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    queue: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class Slack:
    """The workspace and app we listen to; nobody else's buttons count.

    ``translate`` is the address of a translation service to which a customer's words may be appended, if any.
    ``secrets`` is where the vault keeps its token and signing secrets.
    """

    team: str
    app: str
    translate: str | None = None
    secrets: str = "slack"


@dataclass(frozen=True, slots=True)
class Config:
    """``undo`` is how long a reply waits before it leaves; ``approvers`` says who lets a held one go."""

    version: int
    brands: Mapping[str, Brand]
    accounts: Mapping[str, Account]
    queues: Mapping[str, Queue]
    rules: tuple[Rule, ...]
    policies: tuple[Policy, ...]
    agents: Mapping[str, Agent]
    slack: Slack | None = None
    workspaces: Mapping[str, Slack] = field(default_factory=dict)
    chains: Mapping[str, Chain] = field(default_factory=dict)
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    undo: timedelta = timedelta()
    approvers: Approvers = Approvers.SUPERVISOR
    macros: Mapping[str, Macro] = field(default_factory=dict)
    pushed_at: datetime | None = None
    _native: Mapping[tuple[str, str], Account] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_slack: Mapping[tuple[str, str], Agent] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        native = {(account.channel, account.native_id): account for account in self.accounts.values()}
        people = [(self.workplace(agent), agent) for agent in self.agents.values()]
        by_slack = {(where.team, agent.slack): agent for where, agent in people if where and agent.slack}
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_by_slack", by_slack)

    def account(self, channel: str, native_id: str | None, hook: str) -> Account | None:
        """The account an event is about: by its native id, else the one whose webhook it came to.

        None for another brand's: who holds the secret of one brand's webhook speaks for no other brand.
        """
        known = self.accounts.get(hook)
        if known is None or known.channel != channel:
            return None
        named = known if native_id is None else self._native.get((channel, native_id))
        return named if named and named.brand == known.brand else None

    def options(self, account: str) -> Mapping[str, str]:
        """What the network grants this account."""
        known = self.accounts.get(account)
        return known.options if known else {}

    def workspace(self, queue: Queue) -> Slack | None:
        """Where this team's cards stand. Of several workspaces each queue names its own."""
        return self.workspaces.get(queue.workspace or "") if self.workspaces else self.slack

    def workspace_at(self, channel: str) -> Slack | None:
        """Where this Slack channel is, or a member's direct one; nobody's is looked for in the first workspace."""
        queues = (self.workspace(one) for one in self.queues.values() if one.slack == channel)
        people = (self.workplace(one) for one in self.agents.values() if one.slack == channel)
        return next(chain(queues, people), self.slack)

    def workspace_of(self, team: str) -> Slack | None:
        known = self.workspaces.values() if self.workspaces else (self.slack,)
        return next((one for one in known if one is not None and one.team == team), None)

    def workplace(self, agent: Agent) -> Slack | None:
        """Where this person acts. Of several workspaces each agent names their own."""
        return self.workspaces.get(agent.workspace or "") if self.workspaces else self.slack

    def agent_in_slack(self, team: str, user: str) -> Agent | None:
        """Who this member of that workspace is; the same id elsewhere is somebody else."""
        return self._by_slack.get((team, user))

    def policy(self, traits: Traits) -> Policy | None:
        """What is promised for such a case; None when nothing is."""
        return match(self.policies, traits)


def load_config(data: Mapping[str, Any]) -> Config:
    """The config from its compiled JSON (see ``infra/config``). Raises KeyError or ValueError on unchecked data."""
    calendars = {key: load_calendar(one) for key, one in data.get("calendars", {}).items()}
    workspaces = {key: _workspace(one) for key, one in data.get("workspaces", {}).items()}
    return Config(
        version=data["version"],
        brands={key: _brand(key, one) for key, one in data["brands"].items()},
        accounts={key: _account(key, one) for key, one in data["accounts"].items()},
        queues={key: _queue(key, one) for key, one in data["queues"].items()},
        rules=tuple(_rule(one) for one in data["rules"]),
        policies=tuple(load_policy(place, one, calendars) for place, one in enumerate(data["promises"], 1)),
        agents={key: _agent(key, one, calendars) for key, one in data["agents"].items()},
        slack=Slack(**data["slack"]) if data.get("slack") else next(iter(workspaces.values()), None),
        workspaces=workspaces,
        chains={key: load_chain(key, one, calendars) for key, one in data.get("chains", {}).items()},
        rotations={key: load_rotation(key, one) for key, one in data.get("rotations", {}).items()},
        retention=load_retention(data.get("retention", {})),
        undo=timedelta(seconds=data.get("undo", 0)),
        approvers=Approvers(data.get("approval", Approvers.SUPERVISOR)),
        macros={key: load_macro(key, one) for key, one in data.get("macros", {}).items()},
        pushed_at=instant(data["pushed_at"]) if data.get("pushed_at") else None,
    )


def _brand(key: str, data: Mapping[str, Any]) -> Brand:
    return Brand(
        key=key,
        name=data["name"],
        queue=data["queue"],
        reopen_within=timedelta(seconds=data["reopen_within"]),
        evidence=Evidence(data["evidence"]),
    )


def _account(key: str, data: Mapping[str, Any]) -> Account:
    return Account(**{**data, "key": key, "bots": tuple(data.get("bots", ()))})


def _workspace(data: Mapping[str, Any]) -> Slack:
    """One of several: its secrets lie under the team's id."""
    return Slack(**data, secrets=f"slack/{data['team']}")


def _queue(key: str, data: Mapping[str, Any]) -> Queue:
    return Queue(
        key=key,
        name=data["name"],
        slack=data["slack"],
        chain=data.get("chain"),
        workspace=data.get("workspace"),
        assign=Assign(data.get("assign", Assign.PULL)),
        claim=timedelta(seconds=data["claim"]) if data.get("claim") else None,
        skills=tuple(data.get("skills", ())),
        alerts=tuple(Address(Way(one["way"]), one["target"]) for one in data.get("alerts", ())),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(data.get(name, ())) for name in ("channels", "kinds", "languages", "keywords", "tags")}
    priority = Priority(data["priority"]) if data.get("priority") else None
    return Rule(because=data["because"], brand=data.get("brand"), queue=data.get("queue"), priority=priority, **lists)


def _agent(key: str, data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Agent:
    return Agent(
        id=key,
        name=data["name"],
        email=data["email"],
        role=Role(data["role"]),
        brands=tuple(data["brands"]),
        slack=data.get("slack"),
        skills=tuple(data.get("skills", ())),
        languages=tuple(data.get("languages", ())),
        capacity=data.get("capacity") or CAPACITY,
        hours=calendars[data["hours"]] if data.get("hours") else None,
        approval=data.get("approval", False),
        workspace=data.get("workspace"),
    )
