"""A pushed policy file reaches the cases that live: what counts as another promise, and from when on it holds.

It holds from the moment of the push, whoever looks when: time before it counted in the old calendar, time after it in
the new one. A promise that broke before the push stays broken; none breaks at a time that the push has moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.ledger import SYSTEM
from chalicelib.domain.policy import Policy, applied, match, traits_of
from chalicelib.domain.timeline import Fact, Happening


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
    policy = _newer(case, policies, version) if case.live else None
    if policy is None:
        return case
    after = applied(case, policy, version, now)
    same = len(after.targets) == len(case.targets) and all(one in case.targets for one in after.targets)
    if same and case.terms and replace(case.terms, policy=policy.id, version=version) == after.terms:
        return case
    return after


def coming_back(case: Case, policies: Sequence[Policy], version: int, now: datetime) -> Case:
    """A solved case that opens again has the promises of this version: no walk reached it, and nothing runs in it."""
    policy = None if case.live else _newer(case, policies, version)
    return case if policy is None else applied(case, policy, version, now)


def _newer(case: Case, policies: Sequence[Policy], version: int) -> Policy | None:
    """What this version promises to such a case, if the case has an older one."""
    known = case.terms.version if case.terms else 0
    return match(policies, traits_of(case)) if case.origin is not None and known < version else None


def told(case: Case, pushed_at: datetime | None, version: int, now: datetime) -> Happening:
    """What happened: from the push on, other promises hold. ``pushed_at`` is unknown for files of older releases."""
    checkpoint = case.next_checkpoint
    at = pushed_at or (checkpoint.at if checkpoint else now)
    return Happening(Fact.POLICY_APPLIED, min(max(at, case.begun_at), now), SYSTEM, {"version": version})
