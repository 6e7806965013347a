"""A pushed policy file reaches the cases that live: what counts as another promise, and from when on it holds.

It holds from the moment of the push, whoever looks when: time before it counted in the old calendar, time after it in
the new one. A promise that broke before the push stays broken; none breaks at a time that the push has moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.domain.calendar import LOOK_AHEAD, Calendar, Hours
from chalicelib.domain.case import Case
from chalicelib.domain.ledger import SYSTEM
from chalicelib.domain.policy import Policy, match, traits_of
from chalicelib.domain.target import Target
from chalicelib.domain.timeline import Fact, Happening

Span = tuple[date, date]

_MARGIN = timedelta(days=1)
_COPIED = timedelta(days=LOOK_AHEAD - 3)
"""A copy begins two days before its case."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the walk over all live cases got with a version: the queue it is in, and ``after`` which page of it.

    ``changed`` counts the cases of this walk that were promised something else; ``done`` is after one without any.
    """

    version: int
    begun_at: datetime
    queue: str = ""
    after: str = ""
    changed: int = 0
    done: bool = False


def renewed(case: Case, policies: Sequence[Policy], version: int, now: datetime) -> Case:
    """The case as this version of the file has it; the very same case where that makes no difference.

    Where nothing is promised to such a case any more, it keeps the promises it has.
    """
    known = case.terms.version if case.terms else 0
    if not case.live or case.origin is None or known >= version:
        return case
    policy = match(policies, traits_of(case))
    if policy is None:
        return case
    old = {target.metric: target for target in case.targets}
    span = now.date() - _MARGIN, case.opened_at.date() + _COPIED
    kept = [_kept(old.get(target.metric), target, span) for target in policy.targets]
    terms = replace(policy.terms, version=version)
    same = all(targets is not None for targets in kept) and len(kept) == len(case.targets)
    if same and case.terms and replace(case.terms, policy=terms.policy, version=version) == terms:
        return case
    targets = (was or target.copied(now) for was, target in zip(kept, policy.targets, strict=True))
    return replace(case, targets=tuple(targets), terms=terms)


def told(case: Case, pushed_at: datetime | None, version: int, now: datetime) -> Happening:
    """What happened: from the push on, other promises hold. ``pushed_at`` is unknown for files of older releases."""
    checkpoint = case.next_checkpoint
    at = pushed_at or (checkpoint.at if checkpoint else now)
    return Happening(Fact.POLICY_APPLIED, min(max(at, case.begun_at), now), SYSTEM, {"version": version})


def _kept(was: Target | None, target: Target, span: Span) -> Target | None:
    """The case's own copy, if it promises the same."""
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
