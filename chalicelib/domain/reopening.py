"""A case ends, and somebody takes that back: it is what it was, as if nobody had pressed."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case, Left, Status
from chalicelib.domain.errors import Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.stuck import FAILED
from chalicelib.domain.timeline import Fact, Happening

TAKEN_BACK = "taken back"
"""Why a case is open again that a colleague reopened: the same revision goes on."""

Turn = tuple[Case, list[Happening]]


def over(case: Case, now: datetime) -> Case:
    """The case solved, remembering what it was."""
    failed = tuple(reply for reply, what in case.stuck.items() if what == FAILED)
    left = Left(case.status, case.snoozed_until, failed)
    return replace(case, status=Status.SOLVED, solved_at=now, snoozed_until=None, claim_until=None, left=left)


def reopened(case: Case, agent: str, within: timedelta, now: datetime) -> Turn:
    """Resolving or dismissing it is taken back. What nobody had is theirs who did that."""
    if case.live:
        raise Refusal("This case is not resolved, so there is nothing to reopen.")
    if case.erased_at is not None:
        raise Refusal("The customer's data was erased, so this case stays closed.")
    if case.solved_at is None or now - case.solved_at > within:
        raise Refusal("This case was solved too long ago. When the customer writes again, a new one opens.")
    since = {"why": TAKEN_BACK, "since": iso(case.solved_at)}
    happened = [Happening(Fact.CASE_REOPENED, now, agent, since)]
    if case.assignee is None:
        happened.append(Happening(Fact.CASE_TAKEN, now, agent))
    return replace(_as_it_was(case), assignee=case.assignee or agent, solved_at=None, left=None), happened


def taken_back(one: Happening) -> bool:
    """Whether this is a colleague's reopening, and not the customer's."""
    return one.fact is Fact.CASE_REOPENED and one.data.get("why") == TAKEN_BACK


def answered_since(case: Case) -> datetime | None:
    """When the customer got an answer of ours after the case was solved, if they did."""
    at, solved_at = case.answered_at, case.solved_at
    return at if at is not None and solved_at is not None and at > solved_at else None


def _as_it_was(case: Case) -> Case:
    """Somebody works on it now; it waits for the customer if they were answered meanwhile."""
    left = case.left or Left(Status.OPEN)
    if answered_since(case):
        return replace(case, status=Status.PENDING, snoozed_until=left.snoozed_until)
    status = Status.OPEN if left.status is Status.NEW else left.status
    stuck = {**dict.fromkeys(left.failed, FAILED), **case.stuck}
    return replace(case, status=status, snoozed_until=left.snoozed_until, stuck=stuck)
