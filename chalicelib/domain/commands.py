"""What people may ask Heed to do. Imperative, one handler each; a refused command changes nothing.

``id`` is the caller's own identity of the request (a Slack view, an API idempotency key): a repeat does nothing.
"""

from dataclasses import dataclass

from chalicelib.domain.reply import Mode


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    brand: str
    case_id: str
    agent: str


@dataclass(frozen=True, slots=True)
class Take(Command):
    """Make the case mine. Refused when somebody else has it."""


@dataclass(frozen=True, slots=True)
class Release(Command):
    """Give the case back to its queue."""


@dataclass(frozen=True, slots=True)
class Resolve(Command):
    """Nothing more is owed."""


@dataclass(frozen=True, slots=True)
class AddNote(Command):
    """Words for colleagues only."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer(Command):
    """Words for the customer, in that conversation, in that mode."""

    text: str
    mode: Mode
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Settle(Command):
    """A person looked at the network and says what became of a reply of unknown fate.

    ``posted`` True: it is there. False: it is not there, send it again.
    """

    reply_id: str
    posted: bool
