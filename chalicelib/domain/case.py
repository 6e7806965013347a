"""The unit of work for one contact: what is owed to whom, by when, and where the words go."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.clock import Checkpoint, Clock, Target

THREADS_KEPT = 20


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
    """A conversation as the case sees it: where an answer would go, and how long it still may."""

    conversation_id: str
    channel: str
    account: str
    public: bool
    address: Mapping[str, str]
    last_inbound_at: datetime
    last_message_id: str
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """``seq`` numbers its timeline, ``revision`` its reopenings, ``version`` its writes.

    ``open_replies`` are the ids of answers whose fate is not settled yet.
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
    seq: int = 0
    version: int = 0

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.status not in (Status.SOLVED, Status.CLOSED)

    @property
    def next_checkpoint(self) -> Checkpoint | None:
        """The earliest moment at which a clock of this case wants attention."""
        waiting = [checkpoint for clock in self.clocks for checkpoint in clock.checkpoints()]
        return min(waiting, key=lambda checkpoint: (checkpoint.at, checkpoint.metric), default=None)

    @property
    def due_at(self) -> datetime | None:
        """When the earliest running promise breaks, or broke."""
        return min((clock.due_at for clock in self.clocks if clock.running), default=None)

    def thread(self, conversation_id: str | None = None) -> Thread | None:
        """The named conversation, or the one the customer wrote in last."""
        if conversation_id is not None:
            return self.threads.get(conversation_id)
        return max(self.threads.values(), key=lambda thread: thread.last_inbound_at, default=None)

    def with_thread(self, thread: Thread) -> "Case":
        """The case knowing this thread; the newest address wins, and only the latest threads are kept."""
        known = self.threads.get(thread.conversation_id)
        if known and known.last_inbound_at > thread.last_inbound_at:
            return self
        threads = {**self.threads, thread.conversation_id: thread}
        latest = sorted(threads.values(), key=lambda one: one.last_inbound_at)[-THREADS_KEPT:]
        return replace(self, threads={one.conversation_id: one for one in latest})
