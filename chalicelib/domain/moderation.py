"""Something done to a customer's message on its network: hide, show again, delete, like. It ends done or failed.

Networks do each of these once however often they are asked, so an unclear answer is asked again, for a while.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.reply import Failed, Later, Unclear

PATIENCE = timedelta(hours=1)
"""How long an act is tried before it has failed."""
PAUSE = timedelta(seconds=30)
"""After an unclear answer, and longer each time."""


class Act(StrEnum):
    """What a network lets us do to a message of a customer."""

    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    LIKE = "like"


NEEDS_REASON = frozenset({Act.HIDE, Act.UNHIDE, Act.DELETE})


class ActionState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


ENDED = frozenset({ActionState.DONE, ActionState.FAILED})


@dataclass(frozen=True, slots=True)
class Done:
    """The network says that it is so now."""

    state: ActionState = field(default=ActionState.DONE, init=False)


Outcome = Done | Failed | Later | Unclear


@dataclass(frozen=True, slots=True)
class Action:
    """The life of one act. ``reason`` is the agent's, ``failure`` why it came to nothing.

    Where it goes is read from the message itself, so that an erased message takes its address with it.
    """

    id: str
    brand: str
    case_id: str
    message_id: str
    channel: str
    account: str
    act: Act
    agent: str
    created_at: datetime
    reason: str = ""
    state: ActionState = ActionState.QUEUED
    attempt: int = 0
    claimed_at: datetime | None = None
    not_before: datetime | None = None
    ended_at: datetime | None = None
    failure: str | None = None
    held_at: datetime | None = None
    version: int = 0

    def under_way(self, now: datetime) -> bool:
        """Whether it may still happen. One that nobody ended in time is given up."""
        return self.state not in ENDED and now - self.created_at <= 2 * PATIENCE

    def claimed(self, now: datetime) -> "Action":
        return replace(self, state=ActionState.SENDING, attempt=self.attempt + 1, claimed_at=now, not_before=None)

    def ended(self, outcome: Outcome, now: datetime) -> "Action":
        """The act after this attempt: over, or queued again for later."""
        if isinstance(outcome, Done) or self._proven_gone(outcome):
            return replace(self, state=ActionState.DONE, ended_at=now)
        if isinstance(outcome, Failed):
            return replace(self, state=ActionState.FAILED, failure=outcome.reason, ended_at=now)
        wait = outcome.after if isinstance(outcome, Later) else PAUSE * self.attempt
        if now + wait > self.created_at + PATIENCE:
            failure = outcome.reason if isinstance(outcome, Later) else "no clear answer"
            return replace(self, state=ActionState.FAILED, failure=failure, ended_at=now)
        return replace(self, state=ActionState.QUEUED, not_before=now + wait)

    def _proven_gone(self, outcome: Outcome) -> bool:
        """What is gone at the second look was deleted by the first, whose answer was lost."""
        return self.act is Act.DELETE and self.attempt > 1 and isinstance(outcome, Failed) and outcome.reason == "gone"
