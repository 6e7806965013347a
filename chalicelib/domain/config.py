"""The checked policy file as the running system sees it. Built from data that ``heed config check`` has approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalicelib.domain.calendar import Calendar, load_calendar
from chalicelib.domain.case import Priority
from chalicelib.domain.clock import Metric, Target
from chalicelib.domain.message import Evidence
from chalicelib.domain.people import Agent, Role


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
    """One profile of a brand on one network. ``key`` stands in webhook URLs and names the secrets."""

    key: str
    brand: str
    channel: str
    native_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A team's work. ``slack`` is the id of the Slack channel where its cards stand."""

    key: str
    name: str
    slack: str


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
class Promise:
    """Targets, each with its calendar, for cases of these queues and priorities (empty: all). First match wins."""

    targets: tuple[Target, ...]
    queues: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()


@dataclass(frozen=True, slots=True)
class Slack:
    """The workspace and app we listen to; nobody else's buttons count."""

    team: str
    app: str


@dataclass(frozen=True, slots=True)
class Config:
    version: int
    brands: Mapping[str, Brand]
    accounts: Mapping[str, Account]
    queues: Mapping[str, Queue]
    rules: tuple[Rule, ...]
    promises: tuple[Promise, ...]
    agents: Mapping[str, Agent]
    slack: Slack | None = None
    _native: Mapping[tuple[str, str], Account] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_slack: Mapping[str, Agent] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        native = {(account.channel, account.native_id): account for account in self.accounts.values()}
        by_slack = {agent.slack: agent for agent in self.agents.values() if agent.slack}
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_by_slack", by_slack)

    def account(self, channel: str, native_id: str | None, hook: str) -> Account | None:
        """The account an event is about: by its native id, else the one whose webhook it came to."""
        if native_id is not None:
            return self._native.get((channel, native_id))
        account = self.accounts.get(hook)
        return account if account and account.channel == channel else None

    def agent_in_slack(self, user: str) -> Agent | None:
        return self._by_slack.get(user)

    def targets(self, queue: str, priority: Priority) -> tuple[Target, ...]:
        """What is promised for such a case; nothing when no promise matches."""
        for promise in self.promises:
            if (not promise.queues or queue in promise.queues) and (
                not promise.priorities or priority in promise.priorities
            ):
                return promise.targets
        return ()


def load_config(data: Mapping[str, Any]) -> Config:
    """The config from its compiled JSON (see ``infra/config``). Raises KeyError or ValueError on unchecked data."""
    calendars = {key: load_calendar(one) for key, one in data.get("calendars", {}).items()}
    return Config(
        version=data["version"],
        brands={key: _brand(key, one) for key, one in data["brands"].items()},
        accounts={key: Account(key=key, **one) for key, one in data["accounts"].items()},
        queues={key: Queue(key=key, **one) for key, one in data["queues"].items()},
        rules=tuple(_rule(one) for one in data["rules"]),
        promises=tuple(_promise(one, calendars) for one in data["promises"]),
        agents={key: _agent(key, one) for key, one in data["agents"].items()},
        slack=Slack(**data["slack"]) if data.get("slack") else None,
    )


def _brand(key: str, data: Mapping[str, Any]) -> Brand:
    return Brand(
        key=key,
        name=data["name"],
        queue=data["queue"],
        reopen_within=timedelta(seconds=data["reopen_within"]),
        evidence=Evidence(data["evidence"]),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(data.get(name, ())) for name in ("channels", "kinds", "languages", "keywords", "tags")}
    priority = Priority(data["priority"]) if data.get("priority") else None
    return Rule(because=data["because"], brand=data.get("brand"), queue=data.get("queue"), priority=priority, **lists)


def _promise(data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Promise:
    calendar = calendars[data["calendar"]] if data.get("calendar") else None
    targets = tuple(_target(one, calendar) for one in data["targets"])
    return Promise(targets, tuple(data.get("queues", ())), tuple(Priority(one) for one in data.get("priorities", ())))


def _target(data: Mapping[str, Any], calendar: Calendar | None) -> Target:
    within, warn_before = (timedelta(seconds=data[name]) for name in ("within", "warn_before"))
    return Target(Metric(data["metric"]), within, warn_before, calendar)


def _agent(key: str, data: Mapping[str, Any]) -> Agent:
    return Agent(
        id=key,
        name=data["name"],
        email=data["email"],
        role=Role(data["role"]),
        brands=tuple(data["brands"]),
        slack=data.get("slack"),
    )
