"""Which promises hold for which cases: an ordered list, of which the first that matches counts. Cases keep a copy."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.calendar import LOOK_AHEAD, Calendar, Hours
from chalicelib.domain.case import Case, Origin, Priority
from chalicelib.domain.clock import CheckpointKind, Clock, start
from chalicelib.domain.languages import lineage
from chalicelib.domain.target import Metric, Target, Terms

FROM_THE_START = (
    Metric.ASSIGN,
    Metric.FIRST_RESPONSE,
    Metric.REQUESTER_WAIT,
    Metric.AGENT_WORK,
    Metric.RESOLUTION,
    Metric.TOTAL_RESOLUTION,
)
"""Metrics whose clock starts with the customer's first message."""

Span = tuple[date, date]

_MARGIN = timedelta(days=1)
_COPIED = timedelta(days=LOOK_AHEAD - 3)
"""A copy begins two days before its case."""


@dataclass(frozen=True, slots=True)
class Match:
    """All that is given must match; what is empty matches everything. Of all tags one is enough."""

    brand: str | None = None
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    tags: tuple[str, ...] = ()

    def fits(self, traits: "Traits") -> bool:
        origin = traits.origin
        given: tuple[tuple[Collection[str], Collection[str]], ...] = (
            ((self.brand,) if self.brand else (), (traits.brand,)),
            (self.channels, (origin.channel,)),
            (self.kinds, (origin.kind,)),
            (self.markets, (origin.market,)),
            (self.languages, lineage(origin.language)),
            (self.queues, (traits.queue,)),
            (self.priorities, (traits.priority,)),
            (self.tags, (*origin.tags, *traits.tags)),
        )
        return all(not wanted or set(wanted) & set(has) for wanted, has in given)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a policy looks at. ``tags`` are the case's own."""

    brand: str
    queue: str
    priority: Priority
    origin: Origin = field(default_factory=Origin)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """``id`` is its place in the policy file, ``terms`` what a case keeps beside the targets."""

    targets: tuple[Target, ...]
    match: Match = field(default_factory=Match)
    terms: Terms = field(default_factory=Terms)

    @property
    def id(self) -> str:
        return self.terms.policy


@dataclass(frozen=True, slots=True)
class Due:
    """What a message arriving at a moment would be promised. ``warns`` are the moments at which the team is told."""

    metric: Metric
    due_at: datetime
    warns: tuple[datetime, ...]


def match(policies: Sequence[Policy], traits: Traits) -> Policy | None:
    """The policy for such a case; None when nothing is promised to it."""
    return next((policy for policy in policies if policy.match.fits(traits)), None)


def preview(policies: Sequence[Policy], traits: Traits, at: datetime) -> tuple[Policy | None, tuple[Due, ...]]:
    """A message arriving at this moment would be due at ..., the soonest first, and by which policy."""
    policy = match(policies, traits)
    found = policy.targets if policy else ()
    clocks = [start(one, at, 0, one.timekeeper) for one in found if one.metric in FROM_THE_START and one.within]
    dues = [Due(one.metric, one.due_at, tuple(_warnings(one))) for one in clocks]
    return policy, tuple(sorted(dues, key=lambda due: (due.due_at, due.metric)))


def _warnings(clock: Clock) -> Iterator[datetime]:
    return (one.at for one in clock.checkpoints() if one.kind is CheckpointKind.WARN)


def traits_of(case: Case) -> Traits:
    return Traits(case.brand, case.queue, case.priority, case.origin or Origin(), case.tags)


def reapplied(before: Case, after: Case, policies: Sequence[Policy], version: int, at: datetime) -> Case:
    """The case under the policy that fits it now, if its queue, priority, tags or its person's are not what they were.

    Its clocks follow when what happened is recorded; they keep their consumed and paused time. Where nothing is
    promised to such a case, it keeps the promises it has.
    """
    if traits_of(before) == traits_of(after) or not after.live:
        return after
    policy = match(policies, traits_of(after))
    if policy is None:
        return after
    if after.terms is not None and (after.terms.policy, after.terms.version) == (policy.id, version):
        return after
    return applied(after, policy, version, at)


def applied(case: Case, policy: Policy, version: int, at: datetime) -> Case:
    """The case with its own copy of this policy, as it is now. What it promises already stays the copy it is."""
    span = at.date() - _MARGIN, case.opened_at.date() + _COPIED
    targets = tuple(_kept(case, one, span) or one.copied(case.opened_at, at) for one in policy.targets)
    return replace(case, targets=targets, terms=replace(policy.terms, version=version))


def _kept(case: Case, target: Target, span: Span) -> Target | None:
    """The case's own copy, if it promises the same."""
    was = case.target(target.metric)
    if was is None or replace(was, calendar=None) != replace(target, calendar=None):
        return None
    return was if _alike(was.calendar, target.calendar, span) else None


def _alike(was: Calendar | None, now: Calendar | None, span: Span) -> bool:
    """Whether two calendars open at the same times, as far ahead as the case's copy knows."""
    if was is None or now is None:
        return was is now
    return (was.zone, was.week) == (now.zone, now.week) and _dates(was, span) == _dates(now, span)


def _dates(calendar: Calendar, span: Span) -> dict[date, Hours]:
    first, last = span
    near = {day: what.hours for day, what in calendar.dates.items() if first <= day <= last}
    return {day: hours for day, hours in near.items() if hours != calendar.week[day.weekday()]}


def why_changed(before: Case, after: Case) -> str:
    """Why a case got other promises, for the logs of its clocks: which entry holds now, and what about the case."""
    known, now = before.terms or Terms(), after.terms or Terms()
    pushed = f"policy file version {now.version}" if known.version != now.version else ""
    entry = f"policy {now.policy}" if known.policy != now.policy or not pushed else ""
    return ", ".join([one for one in (pushed, entry) if one] + list(_changed(before, after)))


def _changed(before: Case, after: Case) -> Iterator[str]:
    if before.priority is not after.priority:
        yield f"priority {after.priority}"
    if before.queue != after.queue:
        yield f"queue {after.queue}"
    was, now = _all_tags(before), _all_tags(after)
    yield from (f"tag {one}" for one in now if one not in was)
    yield from (f"tag {one} gone" for one in was if one not in now)


def _all_tags(case: Case) -> list[str]:
    """Its own and its person's."""
    return list(dict.fromkeys((*case.tags, *(case.origin.tags if case.origin else ()))))


def load_policy(place: int, data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Policy:
    """A policy from its compiled JSON. Raises KeyError or ValueError on unchecked data."""
    calendar = calendars[data["calendar"]] if data.get("calendar") else None
    names = ("channels", "kinds", "markets", "languages", "queues", "tags")
    found = Match(
        brand=data.get("brand"),
        priorities=tuple(Priority(one) for one in data.get("priorities", ())),
        **{name: tuple(data.get(name, ())) for name in names},
    )
    terms = Terms(
        policy=data.get("id") or str(place),
        pause_on=tuple(data.get("pause_on", ())),
        human_only=data.get("replies", "human") == "human",
        public_only=data.get("public", False),
        chain=data.get("chain") or "",
    )
    return Policy(tuple(_target(one, calendar, calendars) for one in data["targets"]), found, terms)


def _target(data: Mapping[str, Any], calendar: Calendar | None, calendars: Mapping[str, Calendar]) -> Target:
    """With what it says of itself; all else is as its entry has it."""
    within, warn, *later = (
        timedelta(seconds=one) for one in (data["within"], data["warn_before"], *data.get("later_warns", ()))
    )
    if "calendar" in data:
        calendar = calendars[data["calendar"]] if data["calendar"] else None
    return Target(
        metric=Metric(data["metric"]),
        within=within,
        warn_before=warn,
        calendar=calendar,
        later_warns=tuple(later),
        pause_on=tuple(data["pause_on"]) if "pause_on" in data else None,
        human_only=data["replies"] == "human" if "replies" in data else None,
        public_only=data.get("public"),
        chain=data.get("chain"),
    )
