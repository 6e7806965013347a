"""What an escalation chain does to its case. Time decides: stale wakings do nothing, steps due come in order."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.case import Case, Priority
from chalicelib.domain.errors import Refusal
from chalicelib.domain.escalation import Chain, Escalation, Step, StepKind, Way, opens_at
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.domain.work import explained

SYSTEM, CUSTOMER, HEED = "system", "customer", "Heed"

Turn = tuple[Case, list[Happening]]
Tally = Callable[[str, datetime, timedelta, int], int]
"""How many promises broke in a queue in the time before an instant, counted no further than the last number."""

_PRIORITIES = tuple(Priority)
_ANSWERS = frozenset({Fact.REPLY_SENT, Fact.REPLY_ELSEWHERE})
_OVER = frozenset({Fact.CASE_SOLVED, Fact.CASE_DISMISSED})
_NOT_FOLLOWING = frozenset({Fact.CASE_ACKNOWLEDGED, Fact.CASE_ESCALATED})


def started(case: Case, chain: Chain, at: datetime, by: str, reason: str = "") -> Turn:
    """The chain begins. One that runs already goes on as it is, and nothing starts the same one twice.

    A promise that broke before the latest chain began starts none. A person who escalates what is acknowledged starts
    it anew.
    """
    now = case.escalation
    again = now is not None and (now.started_by, now.started_at) == (by, at)
    clock = "/" in by
    seen = now is not None and clock and (now.started_by == by or now.started_at >= at)
    runs = now is not None and now.running and (clock or now.acknowledged_at is None)
    if not case.live or again or seen or runs:
        return case, []
    begun = chain.started(at, by)
    why = {"by": by, **({"reason": reason} if reason else {})}
    return replace(case, escalation=begun), [_told(begun, at, SYSTEM if clock else by, "started", **why)]


def stepped(case: Case, now: datetime, tally: Tally) -> Turn:
    """Every step whose time has come, in order, each once."""
    happened: list[Happening] = []
    before = case.escalation
    while (at := _due(case)) is not None and at <= now:
        case, more = _stepped(case, at, tally)
        happened += more
    after = case.escalation
    if after != before and after is not None and not happened:
        happened = [_told(after, now, SYSTEM, "going on")]
    return case, happened


def _due(case: Case) -> datetime | None:
    return case.escalation.wakes_at if case.live and case.escalation else None


def _stepped(case: Case, at: datetime, tally: Tally) -> Turn:
    now = case.escalation
    assert now is not None
    if now.ack_expires_at is not None:
        data = {"chain": now.chain, "by": now.acknowledged_by}
        return replace(case, escalation=now.ack_expired()), [Happening(Fact.CASE_UNACKNOWLEDGED, at, SYSTEM, data)]
    if now.step is None:
        return _ended(case, at, "nobody followed")
    return _STEPS[now.step.kind](case, now, now.step, at, tally)


def _ended(case: Case, at: datetime, why: str) -> Turn:
    assert case.escalation is not None
    over = case.escalation.ended(at, why)
    return replace(case, escalation=over), [_told(over, at, SYSTEM, "ended", why=why)]


def _told(escalation: Escalation, at: datetime, actor: str, state: str, **more: Any) -> Happening:
    return Happening(Fact.CASE_ESCALATED, at, actor, {"chain": escalation.chain, "state": state, **more})


def _notify(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    """To whom and by which way; nobody's case is told to its team."""
    way, target = step.way, step.target
    if way is Way.ASSIGNEE:
        way, target = (Way.ASSIGNEE, case.assignee) if case.assignee else (Way.TEAM, "")
    name = f"notice-{iso(now.started_at)}-{now.position}-{now.loop}"
    data = {"chain": now.chain, "name": name, "way": way.value if way else "", "target": target, "loop": now.loop}
    due = {"due_at": iso(case.due_at)} if case.due_at else {}
    told = Happening(Fact.CASE_NOTIFIED, at, SYSTEM, {**data, **due})
    return replace(case, escalation=now.onwards(at)), [told]


def _wait(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    return replace(case, escalation=now.onwards(at + (step.span or timedelta()))), []


def _raise(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    after = replace(case, escalation=now.onwards(at))
    to = Priority(step.target)
    if _PRIORITIES.index(to) <= _PRIORITIES.index(case.priority):
        return after, []
    why = f"escalated by {now.chain}"
    data = {"from": case.priority.value, "to": to.value, "reason": why}
    after = replace(after, priority=to, reasons=explained(case.reasons, HEED, why))
    return after, [Happening(Fact.CASE_PRIORITY, at, SYSTEM, data)]


def _move(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    after = replace(case, escalation=now.onwards(at))
    if step.target == case.queue:
        return after, []
    data = {"from": case.queue, "to": step.target, "note": f"escalated by {now.chain}"}
    return replace(after, queue=step.target, assignee=None), [Happening(Fact.CASE_MOVED, at, SYSTEM, data)]


def _hours(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    opens = opens_at(step.calendar, at) if step.calendar else at
    if opens <= at:
        return replace(case, escalation=now.onwards(at)), []
    held = now.held(opens)
    return replace(case, escalation=held), [_told(held, at, SYSTEM, "held", until=iso(opens))]


def _flood(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    enough = (step.count or 0) + 1
    if tally(case.queue, at, step.span or timedelta(), enough) == enough:
        return replace(case, escalation=now.onwards(at)), []
    return _ended(case, at, "no flood")


def _repeat(case: Case, now: Escalation, step: Step, at: datetime, tally: Tally) -> Turn:
    return replace(case, escalation=now.again(at) if now.loop < (step.count or 0) else now.onwards(at)), []


_STEPS: dict[StepKind, Callable[[Case, Escalation, Step, datetime, Tally], Turn]] = {
    StepKind.NOTIFY: _notify,
    StepKind.WAIT: _wait,
    StepKind.RAISE: _raise,
    StepKind.MOVE: _move,
    StepKind.HOURS: _hours,
    StepKind.FLOOD: _flood,
    StepKind.REPEAT: _repeat,
}


def acknowledged(case: Case, agent: str, now: datetime) -> Turn:
    """Somebody is on it: no further step comes, unless nothing follows. Said again, the time begins anew."""
    running = case.escalation
    if running is None or not running.running or not case.live:
        raise Refusal("Nothing is being escalated here, so there is nothing to acknowledge.")
    held = running.acknowledged(agent, now)
    data = {"chain": held.chain, "until": iso(held.ack_expires_at or now)}
    return replace(case, escalation=held), [Happening(Fact.CASE_ACKNOWLEDGED, now, agent, data)]


def followed(case: Case, happened: Iterable[Happening], now: datetime) -> Case:
    """The case with its escalation ended, if what happened ends it.

    That is: nothing is owed any more; the customer has an answer (unless the chain goes on to the solution); or a
    person did something after an acknowledgement.
    """
    running = case.escalation
    if running is None or not running.running:
        return case
    why = _why(case, running, happened)
    return replace(case, escalation=running.ended(now, why)) if why else case


def _why(case: Case, running: Escalation, happened: Iterable[Happening]) -> str:
    for one in happened:
        merged_away = one.fact is Fact.CASE_MERGED and "into" in one.data
        if one.fact in _OVER or merged_away:
            return one.fact.value.partition(".")[2]
        if one.fact in _ANSWERS and running.ends_on_answer and one.at >= running.started_at:
            return "answered"
        acknowledged = running.acknowledged_at is not None and one.at >= running.acknowledged_at
        if acknowledged and one.actor not in (SYSTEM, CUSTOMER) and one.fact not in _NOT_FOLLOWING:
            return "followed"
    return "" if case.live else "over"
