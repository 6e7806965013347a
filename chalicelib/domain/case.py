"""The unit of work for one contact: what is owed to whom, by when, and where the words go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.clock import Checkpoint, CheckpointKind, Clock
from chalicelib.domain.escalation import Escalation
from chalicelib.domain.target import OUTLASTING, Metric, Target, Terms

THREADS_KEPT = 10
RESTS_KEPT = 10


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as the case sees it: with whom, where an answer would go, and how long it still may.

    ``contact_id``, ``name`` and ``handle`` are of somebody else than the case's own contact: a merged case has several
    people. ``window`` is how long after the customer's last words the network takes an answer; None when always. At
    ``told_at`` we said something there last for all to see.
    """

    conversation_id: str
    channel: str
    account: str
    public: bool
    address: Mapping[str, str]
    last_inbound_at: datetime
    last_message_id: str
    capabilities: tuple[str, ...] = ()
    window: timedelta | None = None
    told_at: datetime | None = None
    contact_id: str = ""
    name: str = ""
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What policies are matched on and the rest of the case does not say. ``tags`` are the contact's, back then."""

    channel: str = ""
    kind: str = ""
    language: str = ""
    market: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which the case waited for somebody else than us, or for nobody; without ``until`` it still does."""

    status: Status
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What a solved case was before, for whoever takes that back; ``failed`` are answers that did not get through."""

    status: Status
    snoozed_until: datetime | None = None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What somebody waits for, promised or not: a public word, a colleague's yes. ``about`` says which."""

    metric: Metric
    at: datetime
    about: str


@dataclass(frozen=True, slots=True)
class Timer:
    """What sleeps until the case's next checkpoint; ``seq`` is the event that started it."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """``seq`` numbers its timeline, ``revision`` its reopenings, ``version`` its writes.

    ``open_replies`` are the ids of answers whose fate is not settled yet, ``links`` those of related cases; ``stuck``
    says of the answers that need a person why.
    Nobody needs to do anything before ``snoozed_until``; its assignee has to by ``claim_until``, if that is set.
    ``terms`` and ``targets`` are the copy of its policy. ``unanswered`` is when the customer said what still waits for
    words of ours, ``answered_at`` when the last ones that count were said; there is a question in our last words since
    ``asked_at``, if there is; up to ``seen_at`` somebody of ours saw what was said on the network itself.
    A bot handed the case to people at ``handed_at``, nobody has it since ``free_at``,
    its assignee since ``assigned_at``. ``rests`` and ``owed`` are what a
    promise that is made later has to know, ``left`` what it was when it was solved.
    """

    id: str
    brand: str
    contact_id: str
    contact_name: str
    queue: str
    priority: Priority
    reasons: tuple[str, ...]
    opened_at: datetime
    targets: tuple[Target, ...]
    status: Status = Status.NEW
    contact_handle: str | None = None
    revision: int = 0
    assignee: str | None = None
    clocks: tuple[Clock, ...] = ()
    threads: Mapping[str, Thread] = field(default_factory=dict)
    last_inbound_at: datetime | None = None
    last_message_id: str | None = None
    solved_at: datetime | None = None
    open_replies: tuple[str, ...] = ()
    stuck: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    snoozed_until: datetime | None = None
    claim_until: datetime | None = None
    merged_into: str | None = None
    escalation: Escalation | None = None
    timer: Timer | None = None
    commands: tuple[str, ...] = ()
    terms: Terms | None = None
    origin: Origin | None = None
    unanswered: tuple[datetime, ...] = ()
    answered_at: datetime | None = None
    reopened_at: datetime | None = None
    handed_at: datetime | None = None
    seen_at: datetime | None = None
    asked_at: datetime | None = None
    free_at: datetime | None = None
    assigned_at: datetime | None = None
    rests: tuple[Rest, ...] = ()
    owed: tuple[Owed, ...] = ()
    left: Left | None = None
    seq: int = 0
    head: str = ""
    held_at: datetime | None = None
    erased_at: datetime | None = None
    version: int = 0

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.status not in (Status.SOLVED, Status.CLOSED)

    @property
    def needs_us(self) -> bool:
        """Whether somebody has to do something now: it does not wait for the customer, and was not put aside."""
        return self.status in (Status.NEW, Status.OPEN)

    @property
    def waits(self) -> bool:
        """Whether it waits for somebody to take it."""
        return self.assignee is None and self.needs_us

    @property
    def begun_at(self) -> datetime:
        """When the present revision began."""
        return self.reopened_at or self.opened_at

    @property
    def people_since(self) -> datetime:
        """Since when people owe the answer: from there their first response counts."""
        return max(self.begun_at, self.handed_at or self.begun_at)

    def target(self, metric: Metric) -> Target | None:
        """What is promised of this kind, if anything is."""
        return next((target for target in self.targets if target.metric is metric), None)

    def terms_for(self, metric: Metric) -> Terms:
        """How such a promise is counted."""
        return (self.terms or Terms()).under(self.target(metric))

    @property
    def next_checkpoint(self) -> Checkpoint | None:
        """The earliest moment at which this case wants attention."""
        return min(self.checkpoints(), key=lambda checkpoint: checkpoint.order, default=None)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every moment at which something is to be done about it, from all who may want one."""
        for clock in self.clocks:
            if self.live or clock.metric in OUTLASTING:
                yield from clock.checkpoints()
        if not self.live:
            return
        if self.snoozed_until is not None:
            yield Checkpoint(None, CheckpointKind.SNOOZE, self.snoozed_until)
        if self.claim_until is not None and self.assignee is not None:
            yield Checkpoint(None, CheckpointKind.CLAIM, self.claim_until)
        if self.escalation is not None and (at := self.escalation.wakes_at) is not None:
            yield Checkpoint(None, CheckpointKind.ESCALATION, at)

    @property
    def due_at(self) -> datetime | None:
        """When the earliest running promise breaks, or broke."""
        return min((clock.due_at for clock in self.clocks if clock.running), default=None)

    @property
    def current_clocks(self) -> tuple[Clock, ...]:
        """What is promised now, and what became of each promise of this revision last."""
        ended = {clock.metric: clock for clock in self.clocks if not clock.open and clock.revision == self.revision}
        going = {clock.metric for clock in self.clocks if clock.open}
        shown = [one for metric, one in ended.items() if metric not in going]
        return tuple(clock for clock in self.clocks if clock.open or clock in shown)

    def thread(self, conversation_id: str | None = None) -> Thread | None:
        """The named conversation, or the one the customer wrote in last."""
        if conversation_id is not None:
            return self.threads.get(conversation_id)
        return max(self.threads.values(), key=lambda thread: thread.last_inbound_at, default=None)

    def facing(self, thread: Thread | None) -> "Case":
        """The case as whoever speaks there has to be addressed: one that was merged is about several people."""
        if thread is None or not thread.contact_id:
            return self
        return replace(self, contact_id=thread.contact_id, contact_name=thread.name, contact_handle=thread.handle)

    @property
    def people(self) -> tuple[str, ...]:
        """The names of all it is about; who wrote last comes first."""
        latest = sorted(self.threads.values(), key=lambda one: one.last_inbound_at, reverse=True)
        found = {one.contact_id: one.contact_name for one in (*map(self.facing, latest), self)}
        return tuple(found.values())

    def with_thread(self, thread: Thread) -> "Case":
        """The case knowing this thread; the newest address wins, and only the latest threads are kept."""
        known = self.threads.get(thread.conversation_id)
        if known and known.last_inbound_at > thread.last_inbound_at:
            return self
        if known and thread.told_at is None and known.told_at is not None:
            thread = replace(thread, told_at=known.told_at)
        threads = {**self.threads, thread.conversation_id: thread}
        latest = sorted(threads.values(), key=lambda one: one.last_inbound_at)[-THREADS_KEPT:]
        return replace(self, threads={one.conversation_id: one for one in latest})
