"""What every network must be able to say: who signed this, what happened, how to answer, and what the answer meant.

A channel is pure: it renders requests and reads responses but sends nothing, so it can be tested without a network.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, ClassVar

from chalicelib.channels.parts.files import Takes
from chalicelib.channels.parts.nesting import DEEPEST, deeper
from chalicelib.domain import moderation
from chalicelib.domain.event import INBOUND, Event, Kind
from chalicelib.domain.ids import digest
from chalicelib.domain.moderation import Act
from chalicelib.domain.reply import Mode, Outcome, Outgoing, Unclear

MOST = 5_000
"""Five times as many updates as any network sends in one body; each is a message of the queue."""


class Refused(Exception):
    """The request is not from the network it claims to be from. The text says why, never what would have been right."""


class Malformed(Exception):
    """The body is not what this network writes at all (not JSON, not an object)."""


class TooMany(Exception):
    """The body holds more updates than any network sends at once."""


class Unreadable(ValueError):
    """One field of a body is missing or of the wrong type. The text names the field, never what stood in it."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One HTTP request as it arrived. Header names are lower case; ``body`` is the raw bytes, never re-dumped."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say back at once: handshakes and challenges."""

    status: int
    body: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Request:
    """One outgoing HTTP request, ready to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a network's API said. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The parsed body, or None when it is not JSON: an answer that cannot be read proves nothing."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one account needs to listen and to speak. ``secrets`` is a list so that they can be rotated."""

    secrets: tuple[str, ...] = ()
    verify_token: str | None = None
    token: str | None = None
    app_id: str | None = None
    account: str | None = None
    api: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


class Capability(StrEnum):
    """What an agent may do about an event of some kind."""

    REPLY = "reply"
    PRIVATE_REPLY = "private_reply"
    HIDE = "hide"
    DELETE = "delete"
    LIKE = "like"
    EDIT = "edit"


NEEDED = {
    Act.HIDE: Capability.HIDE,
    Act.UNHIDE: Capability.HIDE,
    Act.DELETE: Capability.DELETE,
    Act.LIKE: Capability.LIKE,
}
"""What has to be offered for an act to be asked for."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a text may be. ``unit`` names the network's own measure, for people."""

    size: int
    unit: str = "characters"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a webhook body that is a valid body by itself and travels alone through the queue.

    ``group`` keeps one thread in order, ``dedupe`` is the network's own event identity.
    """

    group: str
    dedupe: str
    body: Any


class Channel(ABC):
    """One network. Subclasses are stateless; the module's ``CHANNEL`` is the one instance."""

    name: ClassVar[str]
    title: ClassVar[str]
    api: ClassVar[str]
    """Base URL of the network's API; ``Credentials.api`` overrides it."""
    tolerance: ClassVar[timedelta] = timedelta(minutes=5)
    public_kinds: ClassVar[frozenset[Kind]] = INBOUND - {Kind.MESSAGE}
    """What customers may say here for all to see, so that it can be answered there as well."""
    files: ClassVar[Mapping[str, Takes]] = {}
    """Which files it takes by a link, by their media type."""
    media_hosts: ClassVar[tuple[str, ...]] = ()
    """Where this network itself keeps files that open without a token; a file elsewhere is never linked."""

    # -- listening ------------------------------------------------------------------------------------------------

    def verify(self, request: Inbound, secrets: Sequence[str], now: datetime) -> None:
        """Raise Refused unless the request is signed with one of the secrets. Fails closed, whatever the input does."""
        try:
            genuine = self.signed(request, [secret for secret in secrets if secret], now)
        except Refused:
            raise
        except Exception as error:  # hostile headers and bodies raise anything; every one of them means no
            raise Refused(f"the signature cannot be read ({type(error).__name__})") from error
        if not genuine:
            raise Refused("the signature does not match")

    @abstractmethod
    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        """Whether one of the secrets signed these bytes. May raise Refused with a plainer reason, or anything."""

    def handshake(self, request: Inbound, credentials: Credentials) -> Answer | None:
        """The answer to a subscription challenge (GET), or None when this network has none. Raises Refused."""
        return None

    @abstractmethod
    def split(self, body: Any) -> Iterable[Any]:
        """The body cut into single happenings, each again a valid body."""

    @abstractmethod
    def parse(self, piece: Any) -> Iterable[Event]:
        """What one piece of :meth:`split` says happened. May raise on poison; the edge and intake isolate it."""

    def decode(self, raw: bytes) -> Any:
        """The body as data. Raises Malformed when it is not JSON, not an object, or nested beyond reason."""
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise Malformed("the body is not JSON") from error
        if not isinstance(body, dict):
            raise Malformed("the body is not a JSON object")
        if deeper(body, DEEPEST):
            raise Malformed(f"the body is nested more than {DEEPEST} levels deep")
        return body

    def fragments(self, body: Any) -> Iterator[Fragment]:
        """Every happening once, ready for the queue; a piece that cannot be read still travels, by its bytes."""
        seen: set[str] = set()
        for piece in self._pieces(body):
            fragment = self._fragment(piece)
            if fragment.dedupe not in seen:
                seen.add(fragment.dedupe)
                yield fragment

    def _pieces(self, body: Any) -> list[Any]:
        """Counted before any one of them is read. Raises TooMany."""
        try:
            pieces = list(islice(self.split(body), MOST + 1))
        except Unreadable:
            return [body]
        if len(pieces) > MOST:
            raise TooMany(f"the body holds more than {MOST} updates; send fewer at once")
        return pieces

    def _fragment(self, piece: Any) -> Fragment:
        try:
            if (seen := self.glimpse(piece)) is not None:
                return Fragment(*seen, body=piece)
            events = list(self.parse(piece))
        except Exception:  # poison must not cost its neighbours their place; intake will name it
            events = []
        if not events:
            raw = digest("raw", json.dumps(piece, sort_keys=True))
            return Fragment(group=digest(self.name, raw), dedupe=raw, body=piece)
        first, *others = events
        dedupe = digest(first.identity, *(one.identity for one in others)) if others else first.identity
        return Fragment(group=self.group(first), dedupe=dedupe, body=piece)

    def glimpse(self, piece: Any) -> tuple[str, str] | None:
        """The :meth:`group` and the identity of a plain piece's one event; None where all of it has to be read."""
        return None

    def group(self, event: Event) -> str:
        """What must stay in order: one contact on one account, else one thread."""
        return digest(self.name, event.account or "", event.author or event.recipient or event.of or event.id or "")

    def read(self, body: Any) -> list[Event]:
        """Every event of a whole body, each once."""
        events: dict[str, Event] = {}
        for piece in self.split(body):
            for event in self.parse(piece):
                events.setdefault(event.identity, event)
        return list(events.values())

    # -- speaking -------------------------------------------------------------------------------------------------

    @abstractmethod
    def address(self, event: Event) -> Mapping[str, str]:
        """What :meth:`render` needs to answer this event: ids only. Pinned when a reply is drafted."""

    @abstractmethod
    def capabilities(self, event: Event) -> frozenset[Capability]:
        """What can be done about an event of this kind."""

    @abstractmethod
    def limit(self, outgoing: Outgoing) -> Limit:
        """The longest text the network takes for this kind of reply."""

    def length(self, outgoing: Outgoing) -> int:
        """The length of its text in the unit of :meth:`limit`."""
        return len(outgoing.text)

    def takes(self, mode: Mode) -> Mapping[str, Takes]:
        """Which files such a reply can be, by media type; empty where none can."""
        return self.files if mode is Mode.PRIVATE else {}

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        """How long after the customer's last message such a reply is allowed; None when always.

        ``options`` are the account's (see :class:`Credentials`): some networks give some businesses longer.
        """
        return None

    @abstractmethod
    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """The request that sends this reply."""

    @abstractmethod
    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        """What the network's answer means. Anything that does not prove otherwise is unclear."""

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request | None:
        """The request that reads back whether a reply of unknown fate was posted; None where that cannot be asked."""
        return None

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        """The native id under which :meth:`lookup` shows this very reply, or None when it is not there."""
        return None

    # -- moderating -----------------------------------------------------------------------------------------------

    def act(self, act: Act, native_id: str, credentials: Credentials) -> Request | None:
        """The request that does this to a message of that id; None where this account cannot do it."""
        return None

    def act_outcome(self, act: Act, response: Response) -> moderation.Outcome:
        """What the network's answer means. Anything that does not prove otherwise is unclear."""
        return Unclear("this network has no such act")
