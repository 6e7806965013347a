"""What people do with cases: each function returns the case as it becomes, with the facts to record.

None of them touches a clock: what a turn means for the promises is decided where it is recorded.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case, Priority, Status, Thread
from chalicelib.domain.errors import Owned, Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.people import SENIORS, Agent
from chalicelib.domain.reasons import because, reason
from chalicelib.domain.reopening import over
from chalicelib.domain.tags import MOST, retagged
from chalicelib.domain.timeline import Fact, Happening

SYSTEM = "system"

Turn = tuple[Case, list[Happening]]

SET_BY = "set by "
LONGEST_SNOOZE = timedelta(days=90)
MOST_LINKS = 20

OVER = (
    "This case is solved. It comes back by itself when the customer writes again; if it is not over, reopen it first."
)


def _must_live(case: Case) -> None:
    if case.merged_into is not None:
        raise Refusal(f"This case was merged into {case.merged_into}; go on there.")
    if not case.live:
        raise Refusal(OVER)


def _must_hold(case: Case, agent: Agent, told: str) -> None:
    """Agents hand on what is theirs or nobody's; supervisors and admins whatever they see fit."""
    if case.assignee not in (None, agent.id) and agent.role not in SENIORS:
        raise Owned(case.assignee or "", told)


def _begun(case: Case) -> Status:
    """Somebody deals with it now; what waits for others goes on waiting."""
    return Status.OPEN if case.status is Status.NEW else case.status


def _awake(case: Case) -> Case:
    if case.snoozed_until is None and case.status is not Status.ON_HOLD:
        return case
    return replace(case, status=Status.OPEN, snoozed_until=None)


def assigned(case: Case, to: str, agent: Agent, now: datetime) -> Turn:
    """A colleague has it now. That it is theirs already changes nothing."""
    _must_live(case)
    if case.assignee == to:
        return case, []
    _must_hold(case, agent, "This case belongs to {owner}; ask them or a supervisor to hand it on.")
    data = {"to": to} | ({"from": case.assignee} if case.assignee else {})
    return replace(case, assignee=to, status=_begun(case)), [Happening(Fact.CASE_ASSIGNED, now, agent.id, data)]


def released(case: Case, agent: Agent, now: datetime) -> Turn:
    """Back to the queue. A colleague's case is given back by supervisors and admins alone, and says whose it was."""
    if case.assignee is None:
        return case, []
    _must_hold(case, agent, "This case belongs to {owner}; only they or a supervisor can release it.")
    data = {"from": case.assignee} if case.assignee != agent.id else {}
    return replace(case, assignee=None), [Happening(Fact.CASE_RELEASED, now, agent.id, data)]


def moved(case: Case, queue: str, agent: Agent, now: datetime) -> Turn:
    """Another team's now, and nobody's there yet. What was put aside is looked at there."""
    _must_live(case)
    if case.queue == queue:
        return case, []
    _must_hold(case, agent, "This case belongs to {owner}; ask them or a supervisor to move it.")
    data = {"to": queue, "from": case.queue}
    return replace(_awake(case), queue=queue, assignee=None), [Happening(Fact.CASE_MOVED, now, agent.id, data)]


def prioritised(case: Case, priority: Priority, agent: str, now: datetime, why: str = "", by: str = "") -> Turn:
    """``by`` is what the agent is called: their reason comes first from now on, before what the rules said."""
    _must_live(case)
    if case.priority is priority:
        return case, []
    data = {"to": priority.value, "from": case.priority.value, **because(why)}
    after = replace(case, priority=priority, reasons=explained(case.reasons, by or agent, reason(why)))
    return after, [Happening(Fact.CASE_PRIORITY, now, agent, data)]


def explained(reasons: Iterable[str], by: str, why: str) -> tuple[str, ...]:
    """The reasons of a priority that somebody set; of several who did the last one counts."""
    return (f"{SET_BY}{by}" + (f": {why}" if why else ""), *unexplained(reasons))


def unexplained(reasons: Iterable[str]) -> tuple[str, ...]:
    """What the rules said, without the words of people."""
    return tuple(one for one in reasons if not one.startswith(SET_BY))


def snoozed(case: Case, until: datetime, agent: str, now: datetime, why: str = "") -> Turn:
    """Put aside until then, unless the customer writes first."""
    _must_live(case)
    check_nap(until, now)
    if case.snoozed_until == until:
        return case, []
    data = {"until": iso(until), **because(why)}
    after = replace(case, status=Status.ON_HOLD, snoozed_until=until)
    return after, [Happening(Fact.CASE_SNOOZED, now, agent, data)]


def check_nap(until: datetime, now: datetime) -> None:
    """Raises Refusal for a time until which no case can sleep."""
    if until <= now:
        raise Refusal("That time is past; choose a later one.")
    if until - now > LONGEST_SNOOZE:
        raise Refusal(f"A case can sleep for {LONGEST_SNOOZE.days} days at most; choose an earlier day.")


def woken(case: Case, agent: str, now: datetime) -> Turn:
    """Its rest is over. One that does not sleep stays as it is."""
    if not case.live or case.snoozed_until is None:
        return case, []
    return _awake(case), [Happening(Fact.CASE_WOKEN, now, agent)]


def tagged(case: Case, add: Iterable[str], remove: Iterable[str], agent: str, now: datetime) -> Turn:
    """Tags given and taken away, also from a solved case."""
    tags, data = retagged(case.tags, add, remove)
    return (replace(case, tags=tags), [Happening(Fact.CASE_TAGGED, now, agent, data)]) if data else (case, [])


def dismissed(case: Case, agent: str, now: datetime, why: str = "") -> Turn:
    """Nothing was asked of us. If the customer writes again, it comes back like any solved case."""
    if not case.live:
        return case, []
    return over(case, now), [Happening(Fact.CASE_DISMISSED, now, agent, because(why))]


def linked(one: Case, other: Case, agent: str, now: datetime) -> tuple[Turn, Turn]:
    """Each shows the other."""
    if one.id == other.id:
        raise Refusal("A case cannot be linked to itself; name another one.")
    return _linking(one, other.id, agent, now), _linking(other, one.id, agent, now)


def _linking(case: Case, to: str, agent: str, now: datetime) -> Turn:
    if to in case.links:
        return case, []
    if len(case.links) >= MOST_LINKS:
        raise Refusal(f"Case {case.id} is linked to {MOST_LINKS} others already; merge some of them.")
    return replace(case, links=(*case.links, to)), [Happening(Fact.CASE_LINKED, now, agent, {"to": to})]


def merged(loser: Case, winner: Case, agent: str, now: datetime) -> tuple[Turn, Turn]:
    """The first case ends, and all that is still to be done about it goes on in the second."""
    if loser.id == winner.id:
        raise Refusal("A case cannot be merged into itself; name another one.")
    if loser.merged_into == winner.id:
        return (loser, []), (winner, [])
    _must_live(loser)
    if winner.merged_into is not None:
        raise Refusal(f"Case {winner.id} was merged into {winner.merged_into}; name that one.")
    if not winner.live:
        raise Refusal(f"Case {winner.id} is solved; name one that is open.")
    ended = replace(
        loser,
        status=Status.SOLVED,
        solved_at=now,
        snoozed_until=None,
        claim_until=None,
        merged_into=winner.id,
        open_replies=(),
        stuck={},
    )
    into, from_ = {"into": winner.id}, {"from": loser.id}
    taken_over = _taken_over(loser, winner)
    return (ended, [Happening(Fact.CASE_MERGED, now, agent, into)]), (
        taken_over,
        [Happening(Fact.CASE_MERGED, now, agent, from_)],
    )


def _taken_over(loser: Case, winner: Case) -> Case:
    """The winner with the loser's conversations. What waited for us there waits for us here."""
    asked = loser.status in (Status.NEW, Status.OPEN) and loser.last_inbound_at is not None
    after = _awake(winner) if asked else winner
    if asked and after.status is Status.PENDING:
        after = replace(after, status=Status.OPEN)
    if loser.last_inbound_at and (winner.last_inbound_at is None or loser.last_inbound_at > winner.last_inbound_at):
        after = replace(after, last_inbound_at=loser.last_inbound_at, last_message_id=loser.last_message_id)
    links = tuple(one for one in dict.fromkeys((*winner.links, *loser.links)) if one not in (winner.id, loser.id))
    after = replace(
        after,
        tags=tuple(dict.fromkeys((*winner.tags, *loser.tags)))[:MOST],
        links=links[:MOST_LINKS],
        open_replies=tuple(dict.fromkeys((*winner.open_replies, *loser.open_replies))),
        stuck={**winner.stuck, **loser.stuck},
        unanswered=tuple(sorted({*winner.unanswered, *loser.unanswered})),
        owed=(*winner.owed, *loser.owed),
        held_at=winner.held_at or loser.held_at,
    )
    for thread in _named(loser):
        after = after.with_thread(thread)
    return after


def _named(case: Case) -> Iterator[Thread]:
    """Its conversations, each with the one who speaks there, who is a guest in the other case."""
    for thread in case.threads.values():
        who = case.facing(thread)
        yield replace(thread, contact_id=who.contact_id, name=who.contact_name, handle=who.contact_handle)


_DEALT_WITH = frozenset(
    {
        Fact.NOTE_ADDED,
        Fact.REPLY_QUEUED,
        Fact.REPLY_HELD,
        Fact.CASE_SNOOZED,
        Fact.CASE_ACKNOWLEDGED,
    }
)
"""By what the assignee shows that they work on the case, so that their claim does not run out any more."""


def claimed(before: Case, after: Case, happened: Collection[Happening], claim: timedelta | None, now: datetime) -> Case:
    """The case with its claim begun, ended or going on, after whatever happened to it."""
    worked = any(one.fact in _DEALT_WITH and one.actor == after.assignee for one in happened)
    if after.assignee is None or not after.live or worked:
        return replace(after, claim_until=None)
    if after.assignee != before.assignee:
        return replace(after, claim_until=now + claim if claim else None)
    return after


def claim_ticked(case: Case, now: datetime) -> Turn:
    """Who took a case and did nothing about it has lost it: it is the queue's again."""
    if not case.live or case.assignee is None or case.claim_until is None or now < case.claim_until:
        return case, []
    data = {"why": "claim", "from": case.assignee}
    back = replace(case, assignee=None, claim_until=None)
    return back, [Happening(Fact.CASE_RELEASED, case.claim_until, SYSTEM, data)]


def snooze_ticked(case: Case, now: datetime) -> Turn:
    """A rest that is over ends by itself."""
    if not case.live or case.snoozed_until is None or now < case.snoozed_until:
        return case, []
    return _awake(case), [Happening(Fact.CASE_WOKEN, case.snoozed_until, SYSTEM, {"why": "time"})]


def left(case: Case, now: datetime) -> Turn:
    """Its agent went away. What a customer waits for goes back to the queue; the rest stays theirs."""
    if case.assignee is None or case.status not in (Status.NEW, Status.OPEN):
        return case, []
    data = {"why": "away", "from": case.assignee}
    return replace(case, assignee=None, claim_until=None), [Happening(Fact.CASE_RELEASED, now, SYSTEM, data)]


def given(case: Case, to: str, now: datetime) -> Turn:
    """Heed gives a case nobody has to somebody."""
    if case.assignee is not None or not case.live:
        return case, []
    data = {"to": to, "why": "next"}
    return replace(case, assignee=to, status=_begun(case)), [Happening(Fact.CASE_ASSIGNED, now, SYSTEM, data)]
