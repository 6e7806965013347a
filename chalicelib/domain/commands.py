"""What people may ask Heed to do. Imperative, one handler each; a refused command changes nothing.

``id`` is the caller's own identity of the request (a Slack view, an API idempotency key): a repeat does nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.case import Priority
from chalicelib.domain.moderation import Act as Act
from chalicelib.domain.reply import Mode, Then


@dataclass(frozen=True, slots=True)
class Command:
    """``why`` is what the person says of it, if anything; it stands in the audit trail."""

    id: str
    brand: str
    case_id: str
    agent: str
    why: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Take(Command):
    """Make the case mine. Refused when somebody else has it."""


@dataclass(frozen=True, slots=True)
class Release(Command):
    """Give the case back to its queue."""


@dataclass(frozen=True, slots=True)
class Resolve(Command):
    """Nothing more is owed. Of an answer on its way it is the end: solved once that was sent, and not if it fails."""


@dataclass(frozen=True, slots=True)
class Reopen(Command):
    """It was not over: the case is what it was before it was resolved or dismissed, and its promises count on."""


@dataclass(frozen=True, slots=True)
class AddNote(Command):
    """Words for colleagues only."""

    text: str


@dataclass(frozen=True, slots=True)
class ReviseNote(Command):
    """What a note of mine says now; nothing when I took it back. Of several changes the last in ``order`` counts."""

    note_id: str
    text: str | None
    order: str


@dataclass(frozen=True, slots=True)
class Answer(Command):
    """Words for the customer, or a file alone, in that conversation, in that mode.

    With ``approval`` they wait until somebody else approves. ``promised`` is a time they name to the customer, ``then``
    what is done once they were sent.
    """

    text: str
    mode: Mode
    conversation_id: str
    approval: bool = False
    promised: datetime | None = None
    then: Then | None = None


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Take a reply back before it leaves. Refused once it is on its way."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class Approve(Command):
    """Let a colleague's waiting reply go. Refused to its own author."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class Reject(Command):
    """A colleague's waiting reply must not go like this, for that reason."""

    reply_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settle(Command):
    """A person looked at the network and says what became of a reply of unknown fate.

    ``posted`` True: it is there. False: it is not there, send it again.
    """

    reply_id: str
    posted: bool


@dataclass(frozen=True, slots=True)
class Assign(Command):
    """Give the case to a colleague, who may do without their doing; ``note`` is for them."""

    to: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Move(Command):
    """To another queue, with a note for that team. Nobody has it there yet."""

    queue: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SetPriority(Command):
    priority: Priority
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snooze(Command):
    """Nothing to do before ``until``, unless the customer writes first."""

    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wake(Command):
    """End a snooze now."""


@dataclass(frozen=True, slots=True)
class Tag(Command):
    """Tags of the case, and of its person, whose later cases have those from the beginning."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    person_add: tuple[str, ...] = ()
    person_remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge(Command):
    """This case ends; everything about it goes on in case ``into`` of the same brand."""

    into: str


@dataclass(frozen=True, slots=True)
class Link(Command):
    """Case ``to`` is about the same thing; each shows the other."""

    to: str


@dataclass(frozen=True, slots=True)
class Dismiss(Command):
    """Not a request: nothing was owed, so no clock counts it as kept or broken."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Escalate(Command):
    """Start the escalation chain of the case's policy (or of its queue) now."""

    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """I am on it: the escalation stops, and goes on if nothing follows."""


@dataclass(frozen=True, slots=True)
class Moderate(Command):
    """Do that to a message on its network. Hiding and deleting need a reason, which stays in the timeline."""

    message_id: str
    act: Act
    reason: str = ""
