"""Escalation chains: who is told next when nobody acts. A running one is a copy, so that edits do not touch it.

Nothing here looks at a case or at a clock: see ``escalating`` for what the steps do to a case.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.calendar import Calendar

MOST_REPEATS = 5
ACKNOWLEDGED_FOR = timedelta(minutes=30)


class StepKind(StrEnum):
    NOTIFY = "notify"
    WAIT = "wait"
    RAISE = "raise"
    MOVE = "move"
    HOURS = "hours"
    FLOOD = "flood"
    REPEAT = "repeat"


class Way(StrEnum):
    """Whom a step tells, or by which way."""

    ASSIGNEE = "assignee"
    TEAM = "team"
    ON_CALL = "on_call"
    USER_GROUP = "user_group"
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


OUTSIDE = frozenset({Way.EMAIL, Way.SMS, Way.WEBHOOK})
"""Ways that lead past Slack, by a topic to which somebody has to subscribe."""


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody outside Slack."""

    way: Way
    target: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step; which of the facts it has depends on its kind.

    notify: ``way`` and ``target``. wait: ``span``. raise and move: ``target``. hours: ``calendar``, outside of which
    the chain waits. flood: goes on only if more than ``count`` promises broke in the queue within ``span``. repeat:
    from the first step again, ``count`` times.
    """

    kind: StepKind
    way: Way | None = None
    target: str = ""
    span: timedelta | None = None
    count: int | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """As the policy file has it. An acknowledgement that nothing follows is void after ``acknowledged_for``."""

    key: str
    steps: tuple[Step, ...]
    acknowledged_for: timedelta = ACKNOWLEDGED_FOR
    ends_on_answer: bool = True

    def started(self, at: datetime, by: str) -> "Escalation":
        steps = tuple(replace(one, calendar=one.calendar.since(at)) if one.calendar else one for one in self.steps)
        return Escalation(self.key, steps, at, by, self.acknowledged_for, self.ends_on_answer, next_at=at)


@dataclass(frozen=True, slots=True)
class Escalation:
    """A chain on its way through a case. ``position`` is the step that comes next, at ``next_at``.

    ``started_by`` is an agent's id or the clock that warned or broke, such as ``first_response/0/due``. An ended one
    keeps no steps.
    """

    chain: str
    steps: tuple[Step, ...]
    started_at: datetime
    started_by: str
    acknowledged_for: timedelta
    ends_on_answer: bool
    next_at: datetime | None = None
    position: int = 0
    loop: int = 0
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    ack_expires_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str = ""

    @property
    def running(self) -> bool:
        """Whether it is not over; it may be held by an acknowledgement."""
        return self.ended_at is None

    @property
    def wakes_at(self) -> datetime | None:
        """When it wants attention: at its next step, or when the acknowledgement runs out."""
        return self.ack_expires_at or self.next_at if self.running else None

    @property
    def step(self) -> Step | None:
        """The step that comes next; None when all were taken."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    def onwards(self, at: datetime) -> "Escalation":
        """Past the present step; the one after it comes at this time."""
        return replace(self, position=self.position + 1, next_at=at)

    def held(self, until: datetime) -> "Escalation":
        return replace(self, next_at=until)

    def again(self, at: datetime) -> "Escalation":
        """From the first step, one loop on."""
        return replace(self, position=0, loop=self.loop + 1, next_at=at)

    def acknowledged(self, agent: str, now: datetime) -> "Escalation":
        expires = now + self.acknowledged_for
        return replace(self, acknowledged_by=agent, acknowledged_at=now, ack_expires_at=expires)

    def ack_expired(self) -> "Escalation":
        """Nothing followed: the next step comes when the acknowledgement ran out."""
        free = replace(self, acknowledged_by=None, acknowledged_at=None, ack_expires_at=None)
        return replace(free, next_at=self.ack_expires_at)

    def ended(self, at: datetime, why: str) -> "Escalation":
        return replace(self, steps=(), next_at=None, ack_expires_at=None, ended_at=at, ended_why=why)


def opens_at(calendar: Calendar, at: datetime) -> datetime:
    """The first open moment not before this one, which lasts at least a second."""
    return calendar.add(at, _SECOND) - _SECOND


_SECOND = timedelta(seconds=1)
