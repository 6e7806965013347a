"""What happens to a case: each function returns the case as it becomes, with the facts to record."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.case import Case, Status, Thread
from chalicelib.domain.clock import CheckpointKind, Clock, Metric, Target, start
from chalicelib.domain.contact import Contact
from chalicelib.domain.errors import Owned, Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.routing import Route
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent

CUSTOMER = "customer"
SYSTEM = "system"

Turn = tuple[Case, list[Happening]]

ENDED_CLOCKS_KEPT = 10


def opened(case: Case, at: datetime) -> Turn:
    """A fresh case with all its clocks running from the moment the customer wrote."""
    clocks = _started(case, at, 0)
    data = {"queue": case.queue, "priority": case.priority, "reasons": list(case.reasons)}
    return replace(case, clocks=clocks), [Happening(Fact.CASE_OPENED, at, SYSTEM, data)]


def _started(case: Case, at: datetime, instance: int) -> tuple[Clock, ...]:
    return tuple(start(target, at, instance, target.timekeeper) for target in case.targets)


def received(case: Case, thread: Thread, at: datetime) -> Turn:
    """The customer wrote. A solved case comes back as its next revision; a waiting one is open again."""
    happened = [Happening(Fact.MESSAGE_RECEIVED, at, CUSTOMER, _told(thread))]
    if not case.live:
        case = _reopened(case, at)
        happened.insert(0, Happening(Fact.CASE_REOPENED, at, SYSTEM, {"revision": case.revision}))
    elif case.status is Status.PENDING:
        case = replace(case, status=Status.OPEN)
    latest = case.last_inbound_at is None or at >= case.last_inbound_at
    if latest:
        case = replace(case, last_inbound_at=at, last_message_id=thread.last_message_id)
    return case.with_thread(thread), happened


def _told(thread: Thread) -> dict[str, str]:
    return {"message_id": thread.last_message_id, "conversation_id": thread.conversation_id, "channel": thread.channel}


def _reopened(case: Case, at: datetime) -> Case:
    fresh = _started(case, at, case.revision + 1)
    status = Status.OPEN if case.assignee else Status.NEW
    ended = [clock for clock in case.clocks if not clock.running]
    clocks = (*ended[-ENDED_CLOCKS_KEPT:], *fresh)
    return replace(case, status=status, revision=case.revision + 1, clocks=clocks, solved_at=None)


def taken(case: Case, agent: str, now: datetime) -> Turn:
    """The agent has it now. Taking one's own case changes nothing; somebody else's is refused."""
    if case.assignee == agent:
        return case, []
    if case.assignee is not None:
        raise Owned(case.assignee, "This case was already taken by {owner}.")
    if not case.live:
        raise Refusal("This case is solved. It comes back by itself when the customer writes again.")
    status = Status.OPEN if case.status is Status.NEW else case.status
    return replace(case, assignee=agent, status=status), [Happening(Fact.CASE_TAKEN, now, agent)]


def released(case: Case, agent: str, now: datetime) -> Turn:
    """Back to the queue. Refused for a case that is somebody else's."""
    if case.assignee is None:
        return case, []
    if case.assignee != agent:
        raise Owned(case.assignee, "This case belongs to {owner}; only they can release it.")
    return replace(case, assignee=None), [Happening(Fact.CASE_RELEASED, now, agent)]


def solved(case: Case, agent: str, now: datetime) -> Turn:
    """Nothing more is owed: the resolution clock is met, every other running clock is void."""
    if not case.live:
        return case, []
    clocks, happened = _stop(case.clocks, now, meets=frozenset({Metric.RESOLUTION}), voids=True)
    case = replace(case, status=Status.SOLVED, solved_at=now, clocks=clocks)
    return case, [*happened, Happening(Fact.CASE_SOLVED, now, agent)]


def answered(case: Case, at: datetime, answer: Happening) -> Turn:
    """The customer has our words: the first-response clock is met and the case waits for them.

    Words that are older than the question, as an echo that was long under way may be, do not answer it.
    """
    clocks, happened = _stop(case.clocks, at, meets=frozenset({Metric.FIRST_RESPONSE}))
    newer = case.last_inbound_at is None or at >= case.last_inbound_at
    status = Status.PENDING if case.live and newer else case.status
    return replace(case, clocks=clocks, status=status), [answer, *happened]


def _stop(
    clocks: tuple[Clock, ...], at: datetime, *, meets: frozenset[Metric], voids: bool = False
) -> tuple[tuple[Clock, ...], list[Happening]]:
    after: list[Clock] = []
    happened: list[Happening] = []
    for clock in clocks:
        ended = clock
        if clock.running and clock.metric in meets and clock.anchor_at <= at:
            ended = clock.met(at)
        elif clock.running and voids:
            ended = clock.cancelled(at)
        happened += _news(clock, ended, at)
        after.append(ended)
    return tuple(after), happened


def _news(before: Clock, after: Clock, at: datetime) -> list[Happening]:
    """A breach that nobody had noticed is told before the end that revealed it."""
    news: list[Happening] = []
    if after.breached_at and not before.breached_at:
        news.append(_of_clock(Fact.CLOCK_BREACHED, after, after.due_at))
    if after.ended_at and not before.ended_at:
        news.append(_of_clock(Fact.CLOCK_MET, after, at, state=after.state.value))
    return news


def ticked(case: Case, now: datetime) -> Turn:
    """What time itself brings: each warning and breach whose moment has come, once. A stale waking does nothing."""
    if not case.live:
        return case, []
    clocks: list[Clock] = []
    happened: list[Happening] = []
    for clock in case.clocks:
        after = clock
        for checkpoint in clock.checkpoints():
            if checkpoint.at > now:
                continue
            if checkpoint.kind is CheckpointKind.DUE:
                after = after.breached()
                happened.append(_of_clock(Fact.CLOCK_BREACHED, after, checkpoint.at))
            else:
                after = after.warned(checkpoint.at)
                happened.append(_of_clock(Fact.CLOCK_WARNED, after, checkpoint.at))
        clocks.append(after)
    return replace(case, clocks=tuple(clocks)), happened


def _of_clock(fact: Fact, clock: Clock, at: datetime, **more: str) -> Happening:
    data = {"metric": clock.metric.value, "instance": clock.instance, "due_at": iso(clock.due_at), **more}
    return Happening(fact, at, SYSTEM, data)


def new_case(case_id: str, contact: Contact, route: Route, targets: tuple[Target, ...], at: datetime) -> Case:
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
    )


def recorded(
    before: Case | None, after: Case, happened: Iterable[Happening], now: datetime
) -> tuple[Case, list[TimelineEvent]]:
    """The facts in their places, and the case that counts them.

    When the case's next checkpoint moved, the last fact carries it, so that a timer is owed in the same write.
    """
    thread = after.thread()
    events = [
        TimelineEvent(
            brand=after.brand,
            case_id=after.id,
            seq=after.seq + place,
            fact=one.fact,
            at=one.at,
            recorded_at=now,
            actor=one.actor,
            queue=after.queue,
            priority=after.priority,
            channel=thread.channel if thread else "",
            revision=after.revision,
            data=one.data,
        )
        for place, one in enumerate(happened, start=1)
    ]
    checkpoint = after.next_checkpoint if after.live else None
    moved = checkpoint is not None and (before is None or before.next_checkpoint != checkpoint)
    if events and moved and checkpoint is not None:
        events[-1] = replace(events[-1], arm=checkpoint.at)
    return replace(after, seq=after.seq + len(events)), events
