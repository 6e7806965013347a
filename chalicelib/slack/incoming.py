"""What people and Slack itself can tell us, as small values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether this address listens; it wants the text back."""

    challenge: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Slack looks at our certificate. Comes unsigned and has no effect."""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button. ``value`` is ``brand/case`` or ``brand/case/subject``, as we wrote it there."""

    user: str
    team: str
    app: str
    action: str
    value: str
    trigger_id: str
    channel: str
    ts: str
    action_ts: str
    thread_ts: str | None = None
    response_url: str | None = None

    @property
    def brand(self) -> str:
        return self._part(0)

    @property
    def case_id(self) -> str:
        return self._part(1)

    @property
    def subject(self) -> str:
        return self._part(2)

    def _part(self, place: int) -> str:
        parts = self.value.split("/")
        return parts[place] if place < len(parts) else ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """Somebody sent a modal. ``values`` are by block id, raw as typed; ``metadata`` is what we put into the view."""

    user: str
    team: str
    app: str
    view_id: str
    callback: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def brand(self) -> str:
        return self.metadata.get("brand", "")

    @property
    def case_id(self) -> str:
        return self.metadata.get("case", "")


@dataclass(frozen=True, slots=True)
class Said:
    """A person of our workspace wrote in a thread. ``text`` is still escaped as Slack does; emoji are characters."""

    event_id: str
    user: str
    team: str
    app: str
    channel: str
    thread_ts: str
    ts: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us to do, and why."""

    reason: str


Incoming = Challenge | Probe | Click | Submitted | Said | Ignored
