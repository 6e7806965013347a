"""An answer on its way to a customer. It ends sent, failed or unknown, and is never silently said twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.domain.case import Priority

LOOK_AGAIN = timedelta(seconds=30)
"""How long after an unclear answer the network is asked once more whether the reply is there."""


class Mode(StrEnum):
    """Where the words go. A private reply answers a public comment in the customer's inbox."""

    PUBLIC = "public"
    PRIVATE = "private"
    PRIVATE_REPLY = "private_reply"


class ReplyState(StrEnum):
    """A held reply waits for a colleague's yes. One that was rejected or undone is failed, for that reason."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


REJECTED, UNDONE = "rejected", "undone"
"""Reasons why a reply failed that no network gave."""

IN_DOUBT = (ReplyState.SENDING, ReplyState.UNKNOWN)
"""States in which the network may have it although we cannot tell."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file for the customer: where its bytes lie (``key``), its name, its media type, and how many bytes it has."""

    key: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a channel needs to render one reply. The address was pinned when the agent wrote it.

    ``attempted_at`` is when this attempt was claimed: channels have no clock, and some answers differ by the hour.
    With a ``file`` it is that file and no words; whoever has ``link`` can fetch it for an hour, and ``media`` is what
    the network calls it, where it wanted the bytes beforehand.
    """

    id: str
    channel: str
    account: str
    mode: Mode
    text: str
    address: Mapping[str, str]
    last_inbound_at: datetime | None = None
    attempted_at: datetime | None = None
    file: Enclosure | None = None
    link: str = ""
    media: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The network says it has it, under this id."""

    native_id: str
    state: ReplyState = field(default=ReplyState.SENT, init=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The network's answer proves that nothing was posted and that trying again would not help.

    ``reason`` is a word of ours: expired_token, outside_window, blocked, gone, too_long, refused, not_allowed, ...
    """

    reason: str
    detail: str = ""
    state: ReplyState = field(default=ReplyState.FAILED, init=False)


@dataclass(frozen=True, slots=True)
class Later:
    """The network's answer proves that nothing was posted, and that it may be tried again after that time."""

    after: timedelta
    reason: str = "rate_limited"
    state: ReplyState = field(default=ReplyState.QUEUED, init=False)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing proves whether it was posted. Never resent before somebody has looked."""

    detail: str = ""
    state: ReplyState = field(default=ReplyState.UNKNOWN, init=False)


Outcome = Sent | Failed | Later | Unclear


@dataclass(frozen=True, slots=True)
class Then:
    """What is to be done once an answer was sent.

    ``publicly`` are words for everybody that tell of a private answer. ``resolved_by`` is who solves the case with it,
    decided at ``resolved_at`` if not when it was written: whatever the customer says after that, nobody had read.
    ``file`` follows the words as a message of its own, before all else; without words it is the answer itself.
    """

    publicly: str = ""
    tags: tuple[str, ...] = ()
    priority: "Priority | None" = None
    resolved_by: str = ""
    resolved_at: datetime | None = None
    file: Enclosure | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The life of one answer. ``attempt`` counts claims; ``claimed_at`` tells a crashed sender from a slow one.

    ``promised`` is a time that the words name to the customer, ``approved_by`` who let a held one go, ``then`` what
    hangs on it. One with a ``file`` has no words.
    """

    id: str
    brand: str
    case_id: str
    conversation_id: str
    channel: str
    account: str
    mode: Mode
    text: str
    address: Mapping[str, str]
    agent: str
    created_at: datetime
    last_inbound_at: datetime | None = None
    state: ReplyState = ReplyState.QUEUED
    attempt: int = 0
    claimed_at: datetime | None = None
    not_before: datetime | None = None
    ended_at: datetime | None = None
    native_id: str | None = None
    reason: str | None = None
    promised: datetime | None = None
    approved_by: str | None = None
    then: Then | None = None
    file: Enclosure | None = None
    held_at: datetime | None = None
    version: int = 0

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(
            id=self.id,
            channel=self.channel,
            account=self.account,
            mode=self.mode,
            text=self.text,
            address=self.address,
            last_inbound_at=self.last_inbound_at,
            attempted_at=self.claimed_at,
            file=self.file,
        )

    @property
    def in_doubt(self) -> bool:
        """Whether the network may have it although we cannot tell, or a person saw nothing and it goes out again."""
        again = self.state is ReplyState.QUEUED and self.attempt > 0 and self.reason is None
        return again or self.state in IN_DOUBT

    @property
    def undoable(self) -> bool:
        """Whether nobody has begun to send it. A receiver that was told once may have it although it says later."""
        return self.state is ReplyState.HELD or (self.state is ReplyState.QUEUED and not self.attempt)

    def going_on(self, case_id: str) -> "Reply":
        """In the case its own was merged into, which it does not solve: there is more in that one."""
        return replace(self, case_id=case_id, then=replace(self.then, resolved_by="") if self.then else None)

    def approved(self, agent: str, not_before: datetime | None) -> "Reply":
        return replace(self, state=ReplyState.QUEUED, approved_by=agent, not_before=not_before)

    def stopped(self, reason: str, now: datetime) -> "Reply":
        """Ended by people before it left."""
        return replace(self, state=ReplyState.FAILED, reason=reason, not_before=None, ended_at=now)

    def claimed(self, now: datetime) -> "Reply":
        return replace(self, state=ReplyState.SENDING, attempt=self.attempt + 1, claimed_at=now)

    def ended(self, outcome: Outcome, now: datetime) -> "Reply":
        """The reply after the network's answer to this attempt."""
        if isinstance(outcome, Sent):
            return replace(self, state=outcome.state, native_id=outcome.native_id, ended_at=now, reason=None)
        if isinstance(outcome, Later):
            return replace(self, state=outcome.state, not_before=now + outcome.after, reason=outcome.reason)
        if isinstance(outcome, Failed):
            return replace(self, state=outcome.state, ended_at=now, reason=outcome.reason)
        look_again = now + LOOK_AGAIN
        return replace(self, state=outcome.state, not_before=look_again, reason=outcome.detail or "no clear answer")


def enclosed(reply: Reply) -> list[Enclosure]:
    """Its file, or the one that follows it."""
    return [one for one in (reply.file, reply.then.file if reply.then else None) if one]
