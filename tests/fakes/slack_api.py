"""Slack in memory, as the desk sees it through its port; it refuses what Slack would refuse and fails when told to."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from chalicelib.domain.people import Agent
from chalicelib.service.ports import SlackRefused
from infra.doubles.slack.limits import message_problems, view_problems

Json = dict[str, Any]


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Fault:
    """The next call of ``method`` raises ``error``: before anything was done, or with ``done`` after it was."""

    method: str
    error: BaseException
    done: bool = False


@dataclass
class FakeSlack:
    """``messages`` by channel and ts; ``views`` by id; ``homes`` (hash and view) by user.

    ``members`` is what Slack knows of people, by user. ``now`` (seconds) is what new messages are stamped with.
    ``files`` are name, bytes and media type, by id.
    """

    now: float
    app: str = "A0HEED001"
    messages: dict[tuple[str, str], Json] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    views: dict[str, Json] = field(default_factory=dict)
    homes: dict[str, tuple[str, Json]] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    members: dict[str, Json] = field(default_factory=dict)
    meanwhile: dict[str, Callable[[], None]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    hurry: BaseException | None = None
    rest: int = 0

    def call(self, method: str, **arguments: Any) -> Json:
        self.calls.append((method, deepcopy(arguments)))
        self.meanwhile.pop(method, lambda: None)()
        fault = self._fail(method)
        answer = _METHODS[method](self, deepcopy(arguments))
        if fault:
            raise fault.error
        return {"ok": True, **answer}

    def hurried(self, error: BaseException, updates: int) -> None:
        """From now on ``error`` is the answer to every update but the next few."""
        self.rest, self.hurry = updates, error

    def _fail(self, method: str) -> Fault | None:
        """Raises the next fault of this method, or hands back the one to raise afterwards."""
        if method == "chat.update" and self.hurry:
            self.rest -= 1
            if self.rest < 0:
                raise self.hurry
        fault = next((one for one in self.faults if one.method == method), None)
        if fault:
            self.faults.remove(fault)
            if not fault.done:
                raise fault.error
        return fault

    def fails(self, method: str, error: BaseException, *, done: bool = False) -> None:
        self.faults.append(Fault(method, error, done))

    def read(self, url: str, most: int) -> bytes:
        self.calls.append(("read", {"url": url}))
        self._fail("read")
        return self.files[url.rpartition("/")[2]][1]

    def send(self, url: str, body: Json) -> None:
        """An answer to the address that came along with a click or command: ``https://hooks.../{user}/{channel}``."""
        self._fail("response_url")
        user, channel = url.split("/")[-2:]
        self.ephemeral.append({"user": user, "channel": channel, **body})

    def called(self, method: str) -> list[Json]:
        return [arguments for name, arguments in self.calls if name == method]

    def knows(self, agents: Iterable[Agent]) -> None:
        """Members of the workspace, each with the address the policy file has."""
        for one in agents:
            if one.slack:
                self.members[one.slack] = {"id": one.slack, "profile": {"email": one.email}}

    def done(self) -> list[tuple[str, Json]]:
        """The calls but those that ask who somebody is."""
        return [one for one in self.calls if one[0] != "users.info"]

    def roots(self) -> list[Json]:
        return [one for one in self.messages.values() if "thread_ts" not in one]

    def lines(self) -> list[Json]:
        return [one for one in self.messages.values() if "thread_ts" in one]

    def delete(self, channel: str, ts: str) -> None:
        """A person deletes a message, with its thread."""
        self.messages = {
            key: one for key, one in self.messages.items() if key != (channel, ts) and one.get("thread_ts") != ts
        }

    def _post(self, arguments: Json) -> Json:
        _check(message_problems(arguments["blocks"]))
        channel, root = arguments["channel"], arguments.get("thread_ts")
        if channel.startswith("U"):  # somebody's direct messages are a channel of their own
            channel = f"D{channel[1:]}"
        if root and (channel, root) not in self.messages:
            raise SlackRefused("thread_not_found")
        ts = f"{int(self.now)}.{len(self.calls):06d}"
        self.messages[channel, ts] = arguments | {"ts": ts, "app_id": self.app}
        return {"channel": channel, "ts": ts}

    def _delete(self, arguments: Json) -> Json:
        key = arguments["channel"], arguments["ts"]
        if key not in self.messages:
            raise SlackRefused("message_not_found")
        if self.messages[key].get("app_id") != self.app:
            raise SlackRefused("cant_delete_message")
        del self.messages[key]
        return {"channel": key[0], "ts": key[1]}

    def _update(self, arguments: Json) -> Json:
        _check(message_problems(arguments["blocks"]))
        key = arguments["channel"], arguments["ts"]
        if key not in self.messages:
            raise SlackRefused("message_not_found")
        self.messages[key] |= arguments
        return {"ts": arguments["ts"]}

    def _ephemeral(self, arguments: Json) -> Json:
        self.ephemeral.append(arguments)
        return {"message_ts": "1.0"}

    def _history(self, arguments: Json) -> Json:
        """Newest first, as Slack gives them."""
        shown = [one for one in self.roots() if one["channel"] == arguments["channel"]]
        return _page(sorted(shown, key=lambda one: str(one["ts"]), reverse=True), arguments)

    def _replies(self, arguments: Json) -> Json:
        root = arguments["ts"]
        if (arguments["channel"], root) not in self.messages:
            raise SlackRefused("thread_not_found")
        return _page([one for one in self.messages.values() if root in (one["ts"], one.get("thread_ts"))], arguments)

    def _open(self, arguments: Json) -> Json:
        _check(view_problems(arguments["view"]))
        view_id = f"V{len(self.calls)}"
        self.views[view_id] = arguments["view"]
        return {"view": arguments["view"] | {"id": view_id, "hash": self._hash(view_id)}}

    def _view_update(self, arguments: Json) -> Json:
        _check(view_problems(arguments["view"]))
        if arguments["view_id"] not in self.views:
            raise SlackRefused("not_found")
        if arguments.get("hash", self._hash(arguments["view_id"])) != self._hash(arguments["view_id"]):
            raise SlackRefused("hash_conflict")
        self.views[arguments["view_id"]] = arguments["view"]
        return {"view": arguments["view"]}

    def _hash(self, view_id: str) -> str:
        """Of what is in the view now."""
        return f"h{crc32(repr(self.views[view_id]).encode('utf-8', 'replace'))}"

    def _publish(self, arguments: Json) -> Json:
        _check(view_problems(arguments["view"]))
        known = self.homes.get(arguments["user_id"])
        if known and arguments.get("hash", known[0]) != known[0]:
            raise SlackRefused("hash_conflict")
        self.homes[arguments["user_id"]] = (f"h{len(self.calls)}", arguments["view"])
        return {"view": arguments["view"]}

    def _member(self, arguments: Json) -> Json:
        if arguments["user"] not in self.members:
            raise SlackRefused("user_not_found")
        return {"user": self.members[arguments["user"]]}

    def _file(self, arguments: Json) -> Json:
        if arguments["file"] not in self.files:
            raise SlackRefused("file_not_found")
        name, body, mime = self.files[arguments["file"]]
        link = f"https://files.slack.com/files-pri/{arguments['file']}"
        return {"file": {"name": name, "mimetype": mime, "size": len(body), "url_private_download": link}}

    def _permalink(self, arguments: Json) -> Json:
        key = arguments["channel"], arguments["message_ts"]
        if key not in self.messages:
            raise SlackRefused("message_not_found")
        return {"permalink": f"https://acme.slack.com/archives/{key[0]}/p{key[1].replace('.', '')}"}


def _check(problems: list[str]) -> None:
    if problems:
        raise SlackRefused(f"invalid_blocks {problems}")


def _page(messages: list[Json], arguments: Json) -> Json:
    oldest, latest = arguments.get("oldest", "0"), arguments.get("latest", "9")
    within = [one for one in messages if oldest < one["ts"] < latest]
    shown = within if arguments.get("include_all_metadata") else [one | {"metadata": None} for one in within]
    start = int(arguments.get("cursor", 0))
    end = start + arguments["limit"]
    more = end < len(shown)
    following = {"next_cursor": str(end) if more else ""}
    return {"messages": shown[start:end], "has_more": more, "response_metadata": following}


_METHODS: dict[str, Callable[[FakeSlack, Json], Json]] = {
    "chat.postMessage": FakeSlack._post,
    "chat.update": FakeSlack._update,
    "chat.delete": FakeSlack._delete,
    "chat.postEphemeral": FakeSlack._ephemeral,
    "conversations.history": FakeSlack._history,
    "conversations.replies": FakeSlack._replies,
    "views.open": FakeSlack._open,
    "views.update": FakeSlack._view_update,
    "views.publish": FakeSlack._publish,
    "chat.getPermalink": FakeSlack._permalink,
    "users.info": FakeSlack._member,
    "files.info": FakeSlack._file,
}
