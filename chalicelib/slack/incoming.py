"""What people and Slack itself can tell us, as small values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.ids import digest


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether this address listens; it wants the text back."""

    challenge: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Slack looks at our certificate. Comes unsigned and has no effect."""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button or chose from a menu: below a message, in a window, or on the Home tab.

    ``value`` is ``brand/case`` or ``brand/case/subject`` as we wrote it there, but in a window that knows its case
    (``metadata``) just what was chosen. Only a message has a ``channel``; only views have a ``view_id``.
    """

    user: str
    team: str
    app: str
    action: str
    value: str
    trigger_id: str
    action_ts: str
    channel: str = ""
    ts: str = ""
    thread_ts: str | None = None
    response_url: str | None = None
    view_id: str = ""
    view_hash: str = ""
    home: bool = False
    callback: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def press(self) -> str:
        """The identity of this press: a repeat has the same."""
        return f"{self.channel or self.view_id}:{self.ts}:{self.action_ts}"

    @property
    def identity(self) -> str:
        return f"{self.press}:{self.action}"

    @property
    def brand(self) -> str:
        return self.metadata.get("brand") or self._part(0)

    @property
    def case_id(self) -> str:
        return self.metadata.get("case") or self._part(1)

    @property
    def subject(self) -> str:
        return self._part(2)

    def _part(self, place: int) -> str:
        parts = self.value.split("/")
        return parts[place] if place < len(parts) else ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """Somebody sent a modal. ``values`` are by block name, raw as typed; ``metadata`` is what we put into the view.

    ``blocks`` tells under which id each block stands there, which is what an error must name. ``trigger_id`` lets us
    open another window for three seconds.
    """

    user: str
    team: str
    app: str
    view_id: str
    callback: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    trigger_id: str = ""

    @property
    def identity(self) -> str:
        """Sent again as it is, it is the same; with other words it is not."""
        return f"{self.view_id}:{digest(*(part for pair in sorted(self.values.items()) for part in pair))}"

    @property
    def channel(self) -> str:
        """Where the button stood that opened the window, if it was below a message."""
        return self.metadata.get("at", "").partition("/")[0]

    @property
    def thread_ts(self) -> str | None:
        return self.metadata.get("at", "").partition("/")[2] or None

    @property
    def brand(self) -> str:
        return self.metadata.get("brand", "")

    @property
    def case_id(self) -> str:
        return self.metadata.get("case", "")


@dataclass(frozen=True, slots=True)
class Closed:
    """Somebody closed a window without sending it. Slack may leave ``values`` empty."""

    user: str
    team: str
    app: str
    view_id: str
    callback: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        return f"{self.view_id}:closed"

    @property
    def brand(self) -> str:
        return self.metadata.get("brand", "")

    @property
    def case_id(self) -> str:
        return self.metadata.get("case", "")


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Somebody used a shortcut on a message. ``post`` is our own name of that message, if it is one of ours.

    Slack does not always name the app here; then the signature alone says that it is ours.
    """

    user: str
    team: str
    app: str
    callback: str
    trigger_id: str
    channel: str
    ts: str
    thread_ts: str | None = None
    text: str = ""
    author: str | None = None
    post: str | None = None
    response_url: str | None = None

    @property
    def identity(self) -> str:
        return self.trigger_id


@dataclass(frozen=True, slots=True)
class Asked:
    """``/heed`` with its words, or a mention of ours outside of any thread, which is answered in the channel.

    ``id`` is Slack's own: every use of the command has a trigger of its own, every mention is an event.
    """

    user: str
    team: str
    app: str
    text: str
    channel: str
    id: str = ""
    response_url: str | None = None
    mention: bool = False

    @property
    def identity(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody looks at our Home tab; ``view_hash`` is the version of it they see."""

    user: str
    team: str
    app: str
    view_hash: str = ""
    event_id: str = ""

    @property
    def identity(self) -> str:
        return self.event_id


@dataclass(frozen=True, slots=True)
class Said:
    """A person of our workspace wrote in a thread. ``text`` is still escaped as Slack does; emoji are characters.

    ``bot`` is our own user there, ``parent`` whoever began the thread.
    """

    event_id: str
    user: str
    team: str
    app: str
    channel: str
    thread_ts: str
    ts: str
    text: str
    files: tuple[str, ...] = ()
    bot: str = ""
    parent: str = ""

    @property
    def identity(self) -> str:
        return self.event_id

    @property
    def to_us(self) -> str | None:
        """The words after a mention of ours that begins the message; None when it does not begin so."""
        called = f"<@{self.bot}>"
        return self.text.strip()[len(called) :].strip() if self.bot and self.text.strip().startswith(called) else None


@dataclass(frozen=True, slots=True)
class Revised:
    """A person changed what they had written in a thread, or took it back: then ``text`` is None.

    ``ts`` is the words' own, ``order`` that of the change.
    """

    event_id: str
    user: str
    team: str
    app: str
    channel: str
    thread_ts: str
    ts: str
    order: str
    text: str | None
    files: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return self.event_id


@dataclass(frozen=True, slots=True)
class Standing:
    """Slack tells where we stand: what it refuses from now on, by its own word for it; or nothing any more (no word).

    Without a ``channel`` it is about all of the workspace.
    """

    team: str
    app: str
    event_id: str
    ts: str
    channel: str = ""
    error: str = ""
    user: str = ""
    """Nobody in person."""

    @property
    def identity(self) -> str:
        return self.event_id


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us to do, and why."""

    reason: str


Personal = Click | Submitted | Closed | Shortcut | Asked | HomeOpened | Said | Revised
"""What a person did."""
Work = Personal | Standing
"""What there is to do something about; everything else is between Slack and the door."""
Incoming = Challenge | Probe | Work | Ignored
