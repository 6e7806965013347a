"""Slack: posts, edits and look-ups by metadata; it may be busy, away, silent before or after it acted, or late."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from tests.simulation.policy import CONFIG
from tests.simulation.scheduler import moment

if TYPE_CHECKING:
    from tests.simulation.world import World

Json = dict[str, Any]

APP, TEAM, BOT = "A0HEED", "T0HEED", "U0HEED"
SECRET = "s"


@dataclass
class Slack:
    """``messages`` by channel and ts."""

    world: "World"
    messages: dict[tuple[str, str], Json] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    """By their ts, words of people: they stand in the thread without our help."""
    _count: int = 0

    def call(self, method: str, **arguments: Any) -> Json:
        faults, scheduler = self.world.faults, self.world.scheduler
        for fault, act in FAULTS.items():
            if faults.fires(f"slack {fault}"):
                return act(self, method, arguments)
        if faults.fires("slack slow"):
            scheduler.now += 3
        return self._act(method, arguments)

    def _act(self, method: str, arguments: Json) -> Json:
        return _METHODS[method](self, arguments)

    def seconds(self) -> int:
        return int(moment(self.world.scheduler.now).timestamp())

    def next_ts(self) -> str:
        """The name of what is written now."""
        self._count += 1
        return f"{self.seconds()}.{self._count:06d}"

    def _post(self, arguments: Json) -> Json:
        ts = self.next_ts()
        self.messages[arguments["channel"], ts] = {**arguments, "ts": ts, "app_id": APP}
        return {"channel": arguments["channel"], "ts": ts}

    def _member(self, arguments: Json) -> Json:
        agent = CONFIG.agent_in_slack(TEAM, arguments["user"])
        return {"user": {"profile": {"email": agent.email}}} if agent else {}

    def _told(self, arguments: Json) -> Json:
        """Words or a window for one person."""
        return {}

    def _update(self, arguments: Json) -> Json:
        key = arguments["channel"], arguments["ts"]
        if key not in self.messages:
            raise SlackRefused("message_not_found")
        self.messages[key] |= arguments
        return {"ts": arguments["ts"]}

    def _delete(self, arguments: Json) -> Json:
        if self.messages.pop((arguments["channel"], arguments["ts"]), None) is None:
            raise SlackRefused("message_not_found")
        return {}

    def _history(self, arguments: Json) -> Json:
        return self._page(arguments, lambda one: "thread_ts" not in one)

    def _replies(self, arguments: Json) -> Json:
        return self._page(arguments, lambda one: arguments["ts"] in (one["ts"], one.get("thread_ts")))

    def _page(self, arguments: Json, wanted: Callable[[Json], bool]) -> Json:
        found = [
            one
            for one in self.messages.values()
            if one["channel"] == arguments["channel"]
            and wanted(one)
            and arguments["oldest"] < one["ts"] < arguments["latest"]
        ]
        return {"messages": found}

    # -- how it fails ---------------------------------------------------------------------------------------------

    def _busy(self, method: str, arguments: Json) -> Json:
        raise SlackBusy(timedelta(seconds=30))

    def _unreachable(self, method: str, arguments: Json) -> Json:
        raise NotSent

    def _refuses(self, method: str, arguments: Json) -> Json:
        raise SlackRefused("fatal_error")

    def _silent_before(self, method: str, arguments: Json) -> Json:
        self.world.scheduler.now += 10
        raise NoAnswer

    def _silent_after(self, method: str, arguments: Json) -> Json:
        self._act(method, arguments)
        self.world.scheduler.now += 10
        raise NoAnswer

    def _acts_later(self, method: str, arguments: Json) -> Json:
        """Only posts do: nothing can tell an edit that comes late from one that came in time."""
        if method == "chat.update":
            raise NoAnswer
        self.world.scheduler.between(5, 20, lambda: self._at_last(method, arguments))
        raise NoAnswer

    def _at_last(self, method: str, arguments: Json) -> None:
        """What it would have answered nobody hears."""
        with suppress(SlackRefused):
            self._act(method, arguments)

    # -- for the checker ------------------------------------------------------------------------------------------

    def posts(self) -> list[tuple[str, str, bool, Json]]:
        """(case, name, whether it stands in a thread, the message) of everything there is about one case."""
        found = []
        for one in self.messages.values():
            told = one.get("metadata", {}).get("event_payload", {})
            if "case_id" in told:
                found.append((told["case_id"], told["post"], "thread_ts" in one, one))
        return found


_METHODS: dict[str, Callable[[Slack, Json], Json]] = {
    "chat.postMessage": Slack._post,
    "chat.update": Slack._update,
    "chat.delete": Slack._delete,
    "conversations.history": Slack._history,
    "conversations.replies": Slack._replies,
    "users.info": Slack._member,
    "chat.postEphemeral": Slack._told,
    "views.open": Slack._told,
    "views.update": Slack._told,
}

FAULTS: dict[str, Callable[[Slack, str, Json], Json]] = {
    "busy": Slack._busy,
    "unreachable": Slack._unreachable,
    "refuses": Slack._refuses,
    "silent before": Slack._silent_before,
    "silent after": Slack._silent_after,
    "acts later": Slack._acts_later,
}
