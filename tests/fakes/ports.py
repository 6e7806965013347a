"""The outside world in memory: what was asked of it is kept for the test to look at, faults are scripted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.channels.base import Credentials, Request, Response
from chalicelib.domain.effects import Arm, Deliver, Disarm, Effect, Publish, Pursue
from chalicelib.domain.notices import Page
from chalicelib.domain.renewal import Progress
from chalicelib.service.ports import QueueRefused
from tests.build import NOON


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> datetime:
        self.at += span
        return self.at


class RecordingEffects:
    """Keeps every effect. ``failing`` decides which ones cannot be done right now."""

    def __init__(self) -> None:
        self.done: list[Effect] = []
        self.failing: Callable[[Effect], bool] = lambda effect: False

    def publish(self, effect: Publish) -> None:
        self._do(effect)

    def arm(self, effect: Arm) -> None:
        self._do(effect)

    def disarm(self, effect: Disarm) -> None:
        self._do(effect)

    def deliver(self, effect: Deliver, now: datetime) -> None:
        self._do(effect)

    def pursue(self, effect: Pursue) -> None:
        self._do(effect)

    def _do(self, effect: Effect) -> None:
        if self.failing(effect):
            raise ConnectionError("scripted: the other side is away")
        self.done.append(effect)


class MemoryBookmark:
    """How far a policy file was applied."""

    kept: Progress | None = None

    def progress(self) -> Progress | None:
        return self.kept

    def keep(self, progress: Progress) -> None:
        self.kept = progress


class MemoryArchive:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, prefix: str, name: str, body: bytes) -> str:
        key = f"{prefix}/{name}.json"
        self.kept[key] = body
        return key

    def put(self, key: str, body: bytes, mime: str) -> None:
        self.kept[key] = body

    def link(self, key: str) -> str:
        return f"https://archive.example/{key}"

    def fetch(self, key: str) -> bytes:
        return self.kept[key]

    def find(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def names(self, prefix: str, after: str = "") -> list[str]:
        return sorted(key for key in self.kept if key.startswith(f"{prefix}/") and key > after)

    def drop(self, key: str) -> None:
        self.kept.pop(key, None)


class RecordingFragments:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.calls = 0
        self.refusing = False

    def send(self, entries: Sequence[tuple[str, str, str]]) -> None:
        self.calls += 1
        if self.refusing:
            raise ConnectionError("scripted: the queue refuses")
        self.sent += entries


class MemoryErrands:
    """The queue between Slack's door and its worker; what was sent twice comes twice, as it may."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.waiting: list[str] = []
        self.refusing = False

    def send(self, group: str, dedupe: str, body: str) -> None:
        if self.refusing:
            raise QueueRefused("scripted")
        self.sent.append((group, dedupe))
        self.waiting.append(body)


class DictVault:
    def __init__(self, hooks: Mapping[tuple[str, str], Credentials]) -> None:
        self.hooks = dict(hooks)

    def hook(self, channel: str, account: str) -> Credentials | None:
        return self.hooks.get((channel, account))


class CountingMeter:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        self.counts[name] += amount


@dataclass
class ScriptedHttp:
    """Answers from a script, in order; an exception in it is raised. Every request is kept."""

    script: list[Response | BaseException] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def send(self, request: Request, timeout: timedelta) -> Response:
        self.asked.append(request)
        plain = b"[]" if request.method == "GET" else b'{"id":"native-1"}'
        answer = self.script.pop(0) if self.script else Response(200, {}, plain)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class RecordingPager:
    """Keeps every page. The next one raises ``error``: before it was taken, or with ``done`` after it was."""

    pages: list[Page] = field(default_factory=list)
    error: BaseException | None = None
    done: bool = False

    def page(self, page: Page) -> None:
        error, self.error = self.error, None
        if error is None or self.done:
            self.pages.append(page)
        if error is not None:
            raise error
