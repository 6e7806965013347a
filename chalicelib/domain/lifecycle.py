"""What happens to a case: each function returns the case as it becomes, with the facts to record."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.answers import answers, needs_answer
from chalicelib.domain.audit import chained
from chalicelib.domain.case import Case, Origin, Status, Thread
from chalicelib.domain.clock import CheckpointKind, Clock
from chalicelib.domain.clocks import follow
from chalicelib.domain.contact import Contact
from chalicelib.domain.errors import Owned, Refusal
from chalicelib.domain.escalating import followed
from chalicelib.domain.ledger import SYSTEM as SYSTEM
from chalicelib.domain.ledger import of_clock
from chalicelib.domain.reopening import over
from chalicelib.domain.routing import Route
from chalicelib.domain.stuck import stuck
from chalicelib.domain.target import OUTLASTING, Target, Terms
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.domain.timers import owing
from chalicelib.domain.work import OVER, claim_ticked, snooze_ticked

CUSTOMER = "customer"

Turn = tuple[Case, list[Happening]]


def opened(case: Case, at: datetime) -> Turn:
    """A fresh case. Its clocks start, as all clocks do, when what happened is recorded."""
    data = {"queue": case.queue, "priority": case.priority, "reasons": list(case.reasons)}
    return case, [Happening(Fact.CASE_OPENED, at, SYSTEM, data)]


def received(case: Case, thread: Thread, at: datetime, *, closing: bool = False) -> Turn:
    """The customer wrote. A solved case comes back as its next revision; a waiting or sleeping one is open again.

    A word of thanks changes none of that, nor does what was answered on the network itself before we heard of it: it is
    recorded and shown, and waits for nothing.
    """
    told = {**_told(thread), **({"closing": True} if closing else {})}
    happened = [Happening(Fact.MESSAGE_RECEIVED, at, CUSTOMER, told)]
    if not needs_answer(case, at, closing=closing):
        return _heard(case, thread, at), happened
    if case.asked_at is not None:
        case = replace(case, asked_at=None)
    if not case.live:
        case = _reopened(case, at)
        back = {"revision": case.revision, "why": "message"}
        happened.insert(0, Happening(Fact.CASE_REOPENED, at, SYSTEM, back))
    elif case.status in (Status.PENDING, Status.ON_HOLD) or case.snoozed_until is not None:
        if case.snoozed_until is not None:
            happened.append(Happening(Fact.CASE_WOKEN, at, CUSTOMER, {"why": "message"}))
        case = replace(case, status=Status.OPEN, snoozed_until=None)
    return _heard(case, thread, at), happened


def _heard(case: Case, thread: Thread, at: datetime) -> Case:
    if case.last_inbound_at is None or at >= case.last_inbound_at:
        case = replace(case, last_inbound_at=at, last_message_id=thread.last_message_id)
    return case.with_thread(thread)


def _told(thread: Thread) -> dict[str, str]:
    return {"message_id": thread.last_message_id, "conversation_id": thread.conversation_id, "channel": thread.channel}


def _reopened(case: Case, at: datetime) -> Case:
    status = Status.OPEN if case.assignee else Status.NEW
    again = replace(case, status=status, revision=case.revision + 1, reopened_at=at)
    return replace(again, solved_at=None, snoozed_until=None, left=None)


def taken(case: Case, agent: str, now: datetime) -> Turn:
    """The agent has it now. Taking one's own case changes nothing; somebody else's is refused."""
    if case.assignee == agent:
        return case, []
    if case.assignee is not None:
        raise Owned(case.assignee, "This case was already taken by {owner}.")
    if not case.live:
        raise Refusal(OVER)
    status = Status.OPEN if case.status is Status.NEW else case.status
    return replace(case, assignee=agent, status=status), [Happening(Fact.CASE_TAKEN, now, agent)]


def solved(case: Case, agent: str, now: datetime) -> Turn:
    """Nothing more is owed: the resolution clock is met, every other running clock is void."""
    if not case.live:
        return case, []
    return over(case, now), [Happening(Fact.CASE_SOLVED, now, agent)]


def failed(case: Case, answer: Happening) -> Turn:
    """The customer does not have our words after all: a case that was solved with them comes back."""
    if case.status is not Status.SOLVED:
        return case, [answer]
    case = _reopened(case, answer.at)
    back = {"revision": case.revision, "why": "reply", "reply_id": answer.data["reply_id"]}
    return case, [Happening(Fact.CASE_REOPENED, answer.at, SYSTEM, back), answer]


def answered(case: Case, at: datetime, answer: Happening, *, asks: bool = False) -> Turn:
    """The customer has our words and the case waits for them, unless such words are no answer by its policy.

    Words that are older than the question, as an echo that was long under way may be, do not answer it. ``asks``:
    whether there is a question of ours in them.
    """
    newer = case.last_inbound_at is None or at >= case.last_inbound_at
    status = Status.PENDING if case.live and newer and answers(case, answer) else case.status
    latest = all(at >= before for before in (case.answered_at, case.asked_at) if before is not None)
    asked_at = (at if asks else None) if latest else case.asked_at
    return replace(case, status=status, claim_until=None, asked_at=asked_at), [answer]


def handed(case: Case, told: Happening) -> Turn:
    """A bot gives the talk to people, who owe an answer now, unless they were quicker."""
    if not case.live or (case.answered_at is not None and case.answered_at >= told.at):
        return case, [told] if case.live else []
    status = Status.OPEN if case.status is Status.PENDING else case.status
    return replace(case, status=status, handed_at=max(told.at, case.handed_at or told.at)), [told]


def ticked(case: Case, now: datetime) -> Turn:
    """What time itself brings, each once: warnings and breaches whose moment has come, the end of a snooze or a claim.

    A stale waking does nothing. Of a solved case only what outlasts solving still runs.
    """
    turns = [_clock_ticked(case, clock, now) if _watched(case, clock) else (clock, []) for clock in case.clocks]
    happened = sorted((one for _, told in turns for one in told), key=lambda one: one.at)
    case = replace(case, clocks=tuple(clock for clock, _ in turns))
    for tick in (claim_ticked, snooze_ticked):
        case, more = tick(case, now)
        happened += more
    return case, happened


def _watched(case: Case, clock: Clock) -> bool:
    return case.live or clock.metric in OUTLASTING


def _clock_ticked(case: Case, clock: Clock, now: datetime) -> tuple[Clock, list[Happening]]:
    happened: list[Happening] = []
    for checkpoint in [one for one in clock.checkpoints() if one.at <= now]:
        if checkpoint.kind is CheckpointKind.DUE:
            clock = clock.breached()
            happened.append(of_clock(case, Fact.CLOCK_BREACHED, clock, checkpoint.at))
        else:
            clock = clock.warned(checkpoint.at)
            happened.append(of_clock(case, Fact.CLOCK_WARNED, clock, checkpoint.at))
    return clock, happened


def new_case(
    case_id: str,
    contact: Contact,
    route: Route,
    targets: tuple[Target, ...],
    at: datetime,
    terms: Terms | None = None,
    origin: Origin | None = None,
) -> Case:
    """A case before its first message is in it. It keeps the promises of this moment."""
    return Case(
        id=case_id,
        brand=contact.brand,
        contact_id=contact.id,
        contact_name=contact.name,
        contact_handle=contact.handle,
        queue=route.queue,
        priority=route.priority,
        reasons=route.reasons,
        opened_at=at,
        targets=tuple(target.copied(at) for target in targets),
        terms=terms,
        origin=origin,
        held_at=contact.held_at,
    )


def recorded(
    before: Case | None, after: Case, happened: Iterable[Happening], now: datetime, joined: Case | None = None
) -> tuple[Case, list[TimelineEvent]]:
    """The facts in their places with what they did to the clocks, and the case that counts them.

    A breach that only now came to light has a place of its own, before what revealed it. ``joined`` is a case that
    ended in this one.
    Each fact is of the queue in which it was true. When the case's next checkpoint moved, the last fact carries it, so
    that its timer is owed in the same write.
    """
    happened = list(happened)
    if (found := stuck(after.stuck, happened)) != after.stuck:
        after = replace(after, stuck=found)
    after = followed(after, happened, now)
    after, logged = follow(before, after, happened, joined=joined)
    thread, queues = after.thread(), _queues(after, [one for one, _ in logged])
    events = [
        TimelineEvent(
            brand=after.brand,
            case_id=after.id,
            seq=after.seq + place,
            fact=one.fact,
            at=one.at,
            recorded_at=now,
            actor=one.actor,
            queue=queue,
            priority=after.priority,
            channel=thread.channel if thread else "",
            revision=after.revision,
            data=one.data,
            clocks=entries,
        )
        for place, ((one, entries), queue) in enumerate(zip(logged, queues, strict=True), start=1)
    ]
    after, events = owing(after, events, now)
    return chained(before, after, events)


def _queues(after: Case, happened: Sequence[Happening]) -> list[str]:
    """The queue of each fact: before a move it is the one that the case was moved from."""
    queue, found = after.queue, list[str]()
    for one in reversed(happened):
        found.append(queue)
        if one.fact is Fact.CASE_MOVED:
            queue = one.data.get("from", queue)
    return found[::-1]
