"""What the use cases need from the outside. Each port has a real adapter and an in-memory one under the same tests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from chalicelib.channels.base import Credentials, Request, Response
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, Pursue
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.notices import Page
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.renewal import Progress
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.turns import Door

Row = (
    Contact
    | Conversation
    | Case
    | Message
    | Reply
    | Action
    | TimelineEvent
    | Card
    | CardPlace
    | Post
    | Draft
    | Bundle
    | AgentState
    | Writing
    | Door
    | Mark
    | Logbook
)

Belonging = TimelineEvent | Card | Post | Draft | Writing
Named = TypeVar("Named", Contact, Message, Reply, Action, Conversation)
"""A row that is found by its id alone."""


class Store(Protocol):
    """Everything true. Reads are strongly consistent; nothing here scans."""

    def contact(self, brand: str, contact_id: str) -> tuple[Contact | None, Case | None]:
        """The contact and their latest case, in one query."""

    def case(self, brand: str, case_id: str) -> Case | None: ...

    def message(self, brand: str, message_id: str) -> Message | None: ...

    def messages(self, brand: str, message_ids: Sequence[str]) -> dict[str, Message]:
        """Several messages by id (at most 100), in one call; missing ones are left out."""

    def several(self, kind: type[Named], brand: str, row_ids: Iterable[str]) -> dict[str, Named]:
        """Any number of rows of one kind by id, a hundred in one call; missing ones are left out."""

    def reply(self, brand: str, reply_id: str) -> Reply | None: ...

    def action(self, brand: str, action_id: str) -> Action | None: ...

    def conversation(self, brand: str, conversation_id: str) -> Conversation | None: ...

    def timeline(self, brand: str, case_id: str, limit: int = 50) -> list[TimelineEvent]:
        """The latest events of a case, oldest first."""

    def event(self, brand: str, case_id: str, seq: int) -> TimelineEvent | None: ...

    def card(self, brand: str, case_id: str) -> Card | None: ...

    def post(self, brand: str, case_id: str, name: str) -> Post | None: ...

    def card_place(self, team: str, slack_channel: str, ts: str) -> CardPlace | None: ...

    def door(self, team: str, name: str) -> Door | None:
        """Where calls to Slack take turns: a channel, or a method of a workspace."""

    def draft(self, brand: str, case_id: str, agent: str, kind: str = "") -> Draft | None: ...

    def writers(self, brand: str, case_id: str) -> list[Writing]:
        """Who had the reply window of a case open lately."""

    def mark(self, team: str, name: str) -> Mark | None: ...

    def marks(self, team: str, prefix: str) -> list[Mark]:
        """All of a Slack workspace whose names begin so."""

    def agent_state(self, brand: str, agent: str) -> AgentState | None: ...

    def agent_states(self, brand: str) -> list[AgentState]:
        """All of a brand who ever said whether they are there."""

    def belongings(self, brand: str, case_id: str) -> list[Belonging]:
        """Everything that was written apart from a case and belongs to it, its events in order."""

    def logbook(self, brand: str) -> Logbook | None: ...

    def bundle(self, brand: str, queue: str, way: str, target: str, what: str = "") -> Bundle | None: ...

    def bundles(self, brand: str) -> list[Bundle]:
        """All of a brand: one for each team, way and target that was ever told something, and what it was about."""

    def broke(self, brand: str, queue: str, at: datetime, name: str) -> None:
        """Count a promise that broke, once for each name; it is forgotten after a day."""

    def broken(self, brand: str, queue: str, until: datetime, within: timedelta, most: int) -> int:
        """How many promises broke in a queue in the time before an instant, by whole minutes; no more than ``most``."""

    def commit(self, *rows: Row) -> None:
        """Write all rows or none. Every row carries its condition.

        A row with a ``version`` is written as version + 1, and only if the stored one still has ``version`` (0: there
        is none yet). A Conversation is written if there is none or it is the same contact's; a CardPlace if there is
        none; a Writing or Mark unless a later one is there; a Draft unless a later one is there or its window was sent.
        Raises Conflict naming the rows that had moved on (their ids); then nothing was written.
        """

    def delivered(self, event: TimelineEvent) -> None:
        """The event owes nothing any more. Doing it again is harmless."""

    def delivered_in_part(self, event: TimelineEvent, done: Sequence[str]) -> None:
        """Of what the event owes, these effects are done. Nothing, once it owes nothing any more."""

    def pending(self, before: datetime) -> Iterator[tuple[str, str, int]]:
        """(brand, case id, seq) of events that have owed an effect since before then, oldest first and each once.

        They are looked up while they are asked for: whoever goes on past some that stay owed gets to all others.
        """

    def checkpoints(self, before: datetime) -> Iterator[tuple[str, str, datetime]]:
        """(brand, case id, checkpoint) of cases whose next checkpoint lies before then, in the same manner."""

    def queue(self, brand: str, queue: str, limit: int = 50) -> list[Case]:
        """Live cases of a queue, earliest due first; those without a promise come last."""

    def waiting(self, brand: str, queue: str, limit: int) -> Iterator[Case]:
        """Cases of a queue that wait for somebody to take them: oldest due first, then the oldest without a promise.

        They are read page by page as they are asked for, and no more than ``limit``.
        """

    def live(self, brand: str, queue: str, after: str, limit: int) -> tuple[list[Case], str]:
        """A page of all live cases of a queue, in no order, and after which one comes the next; "" is no page.
        A case whose due time moves while the pages go by may be missed."""

    def assigned(self, brand: str, agent: str, limit: int = 50) -> list[Case]:
        """Live cases of an agent, earliest due first."""


class Bookmark(Protocol):
    """How far a pushed policy file was applied to the cases that live."""

    def progress(self) -> Progress | None: ...

    def keep(self, progress: Progress) -> None: ...


class Effects(Protocol):
    """Where effects go. Each raises on failure, and may be asked twice for the same one."""

    def publish(self, effect: Publish) -> None: ...

    def arm(self, effect: Arm) -> None: ...

    def disarm(self, effect: Disarm) -> None:
        """Never raises because of a timer that is not there, or not to be stopped."""

    def deliver(self, effect: Deliver, now: datetime) -> None: ...

    def pursue(self, effect: Pursue) -> None: ...


class Pager(Protocol):
    """The way to those outside Slack."""

    def page(self, page: Page) -> None: ...


class Archive(Protocol):
    """Where bytes go that are too large for a queue, or that nobody understood yet."""

    def keep(self, prefix: str, name: str, body: bytes) -> str:
        """Store once under a deterministic key; returns the key."""

    def fetch(self, key: str) -> bytes: ...


class Shelf(Archive, Protocol):
    """The same bytes, for those who look through them."""

    def find(self, key: str) -> bytes | None:
        """What is kept there, if anything."""

    def names(self, prefix: str, after: str = "") -> Iterable[str]:
        """Every key below a prefix, in order, that comes after another one."""

    def drop(self, key: str) -> None:
        """Delete for good. Doing it again is harmless."""


class Fragments(Protocol):
    """The queue between edge and intake."""

    def send(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """(group, dedupe, body) each, in order. Raises when any one was not taken, so that the sender sends again."""


class QueueRefused(Exception):
    """The queue did not take it, as far as is known; sent again it is the same, and taken once."""


class Errands(Protocol):
    """The queue between Slack's door and its worker."""

    def send(self, group: str, dedupe: str, body: str) -> None:
        """In order within a group, and each once in five minutes. Raises QueueRefused."""


class Vault(Protocol):
    """Secrets, cached for minutes."""

    def hook(self, channel: str, account: str) -> Credentials | None:
        """What an account needs to listen and speak; None when there is no such webhook."""


class SlackVault(Protocol):
    """Secrets of Slack workspaces."""

    def slack(self, name: str = "slack") -> Mapping[str, Any]:
        """``signing_secrets`` and ``token``; empty when it is not connected. Raises ValueError for what is no JSON."""


class NotSent(Exception):
    """The request never reached the other side: name, connection or TLS failed before a byte of it was sent."""


class NoAnswer(Exception):
    """The request may have been acted upon, but no whole answer came back."""


class Http(Protocol):
    def send(self, request: Request, timeout: timedelta) -> Response:
        """One attempt: no retries, no redirects. Raises NotSent or NoAnswer."""


class Meter(Protocol):
    """Counts what operators watch."""

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None: ...


class SlackApi(Protocol):
    """Slack's Web API, one attempt per call. Raises SlackBusy, SlackRefused, NotSent or NoAnswer."""

    def call(self, method: str, **arguments: Any) -> dict[str, Any]: ...


class SlackWorkspace(SlackApi, Protocol):
    """One workspace, which also gives out what its people put into it."""

    def read(self, url: str, most: int) -> bytes:
        """A file's bytes, from its private address. Raises what ``call`` raises, and SlackRefused if it has more."""


class Answers(Protocol):
    """Answers to the address that comes along with a click or a command."""

    def send(self, url: str, body: dict[str, Any]) -> None:
        """Raises what SlackApi raises."""


class SlackBusy(Exception):
    """It is not this call's turn, or Slack asks to wait; nothing was done. ``turn`` is the time it was given."""

    def __init__(self, after: timedelta, turn: datetime | None = None) -> None:
        super().__init__(f"Slack asks to wait {after.total_seconds():.0f} s")
        self.after = after
        self.turn = turn


class SlackRefused(Exception):
    """Slack said no; ``error`` is its word for it. Nothing was done."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Slack refused: {error}")
        self.error = error


IN_VAIN = (SlackBusy, SlackRefused, NotSent, NoAnswer)
"""How a call for one person's eyes may end. What it tells of is done, so nothing fails because of it."""
