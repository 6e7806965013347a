"""What is promised, and who says when time counts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.calendar import Calendar


class Metric(StrEnum):
    """What can be promised. ``resolution`` begins anew with each reopening, ``total_resolution`` goes on."""

    ASSIGN = "assign"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    UPDATE = "update"
    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"
    RESOLUTION = "resolution"
    TOTAL_RESOLUTION = "total_resolution"
    REPLY_WINDOW = "reply_window"
    PROMISE = "promise"
    LOOP_CLOSE = "loop_close"
    APPROVAL = "approval"


OUTLASTING = (Metric.LOOP_CLOSE,)
"""Solving a case does not give those who read the comment their answer, so this goes on."""


class Timekeeper(Protocol):
    """Whoever says when time counts."""

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which ``span`` of counted time has passed since ``start``."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The counted time between two instants."""


class AlwaysOpen:
    """Every second counts."""

    def add(self, start: datetime, span: timedelta) -> datetime:
        return start + span

    def between(self, start: datetime, end: datetime) -> timedelta:
        return end - start


@dataclass(frozen=True, slots=True)
class Target:
    """What a policy promises for one metric: answer within ``within``, warn ``warn_before`` that.

    ``later_warns`` are further warnings, nearer to the end. All count in ``calendar``; without one every second counts.
    ``within`` is nothing where something else says when: the network's reply window, a time named to the customer.
    How it is counted stands in the case's terms, but for what is said here: None leaves it to them.
    """

    metric: Metric
    within: timedelta
    warn_before: timedelta
    calendar: Calendar | None = None
    later_warns: tuple[timedelta, ...] = ()
    pause_on: tuple[str, ...] | None = None
    human_only: bool | None = None
    public_only: bool | None = None
    chain: str | None = None

    @property
    def timekeeper(self) -> Timekeeper:
        return self.calendar or AlwaysOpen()

    @property
    def warns(self) -> tuple[timedelta, ...]:
        """How long before the due time each warning comes, the earliest first."""
        return (self.warn_before, *self.later_warns)

    def copied(self, begun: datetime, at: datetime | None = None) -> "Target":
        """The target for a case that began then, with as much of the calendar as its clocks can need from now on."""
        return replace(self, calendar=self.calendar.since(begun, at)) if self.calendar else self


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case keeps of its policy beside the targets, and how each is counted that says nothing else.

    ``pause_on`` are words for statuses, ``chain`` is what starts when such a promise breaks.

    Only people's answers count, unless ``human_only`` is off; with ``public_only`` only answers everybody can see.
    """

    policy: str = ""
    version: int = 0
    pause_on: tuple[str, ...] = ()
    human_only: bool = True
    public_only: bool = False
    chain: str = ""

    def under(self, target: Target | None) -> "Terms":
        """How this one promise is counted."""
        own = {name: getattr(target, name, None) for name in ("pause_on", "human_only", "public_only", "chain")}
        return replace(self, **{name: value for name, value in own.items() if value is not None})
