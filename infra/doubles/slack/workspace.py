"""Channels, people and messages: the state that the Web API and the page both look at."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from infra.doubles.slack.counters import Counters
from infra.doubles.slack.shapes import CannotDoError, Identity, Json, SlackError

TEXT_CUT = 40_000


@dataclass
class Channel:
    id: str
    name: str
    archived: bool = False
    member: bool = True
    revision: int = 0


@dataclass
class Message:
    """`body` is what Slack calls a message; the rest is our bookkeeping. `seen_by` makes it ephemeral."""

    channel: str
    body: Json
    revision: int
    seen_by: str = ""
    gone: bool = False

    @property
    def ts(self) -> str:
        return str(self.body["ts"])

    @property
    def root(self) -> str:
        return str(self.body.get("thread_ts") or self.ts)

    @property
    def is_reply(self) -> bool:
        return self.root != self.ts


class Workspace:
    def __init__(
        self, identity: Identity, users: dict[str, dict[str, str]], channels: dict[str, str], counters: Counters
    ) -> None:
        self.identity = identity
        self.users = dict(users)
        self.channels = {key: Channel(key, name) for key, name in channels.items()}
        self.counters = counters
        self.messages: list[Message] = []
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}

    def channel(self, key: str) -> Channel:
        """The channel that `chat.*` means. A user's id opens the direct conversation, as Slack does."""
        if key in self.users:
            key = self._direct(key)
        if key not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[key]

    def writable(self, key: str) -> Channel:
        channel = self.channel(key)
        if channel.archived:
            raise SlackError("is_archived")
        if not channel.member:
            raise SlackError("not_in_channel")
        return channel

    def set_channel(self, key: str, name: str, archived: bool = False, member: bool = True) -> None:
        with self.counters.lock:
            self.channels[key] = Channel(key, name, archived, member, self.counters.touch())

    def find(self, channel: str, ts: str) -> Message | None:
        message = self._by_ts.get((channel, ts))
        return None if message is None or message.gone else message

    def existing(self, channel: str, ts: str) -> Message:
        message = self.find(channel, ts)
        if message is None:
            raise CannotDoError(f"no message {ts} in {channel}")
        return message

    def post(self, channel: str, author: Json, content: Json, seen_by: str = "") -> Message:
        """Adds a message. `content` holds text, blocks, thread_ts, metadata ... as far as they are given."""
        with self.counters.lock:
            thread_ts = content.get("thread_ts")
            if thread_ts and self.find(channel, str(thread_ts)) is None:
                raise SlackError("thread_not_found")
            body = {"type": "message", "ts": self.counters.ts(), "team": self.identity.team_id, **author}
            body |= {key: value for key, value in content.items() if value is not None}
            body["text"] = str(body.get("text") or "")[:TEXT_CUT]
            message = Message(channel, self._named_blocks(body), self.counters.touch(), seen_by)
            self._keep(message)
            self._touch_root(message)
            return message

    def edit(self, message: Message, changes: Json, editor: str) -> Json:
        """Changes a message in place and returns what it was before."""
        with self.counters.lock:
            previous = deepcopy(message.body)
            edited = {"user": editor, "ts": self.counters.ts()}
            message.body = self._named_blocks(message.body | changes | {"edited": edited})
            message.revision = self.counters.touch()
            return previous

    def delete(self, message: Message) -> bool:
        """Deletes a message; True when replies keep its place taken by a tombstone."""
        with self.counters.lock:
            tombstone = bool(self.replies(message)) and not message.seen_by
            if tombstone:
                kept = {key: message.body[key] for key in ("type", "ts", "team")}
                words = {"subtype": "tombstone", "text": "This message was deleted.", "hidden": True}
                message.body = kept | words | {"thread_ts": message.ts, "user": "USLACKBOT"}
            message.gone = not tombstone
            message.revision = self.counters.touch()
            self._touch_root(message)
            return tombstone

    def replies(self, message: Message) -> list[Message]:
        thread = self._threads.get((message.channel, message.ts), ())
        return [reply for reply in thread if not reply.gone and not reply.seen_by]

    def visible(self, channel: str) -> list[Message]:
        """What everybody in the channel can read, oldest first."""
        return [m for m in self.messages if m.channel == channel and not m.gone and not m.seen_by]

    def described(self, message: Message, with_metadata: bool = True) -> Json:
        """The message with the reply counters that Slack adds to a thread's root."""
        body = deepcopy(message.body)
        if not with_metadata:
            body.pop("metadata", None)
        replies = self.replies(message)
        if replies:
            users = list(dict.fromkeys(str(reply.body.get("user")) for reply in replies))
            body |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
            body |= {"reply_users": users, "reply_users_count": len(users)}
        return body

    def bot_author(self) -> Json:
        who = self.identity
        return {"user": who.bot_user_id, "bot_id": who.bot_id, "app_id": who.app_id}

    def _keep(self, message: Message) -> None:
        self.messages.append(message)
        self._by_ts[message.channel, message.ts] = message
        if message.is_reply:
            self._threads.setdefault((message.channel, message.root), []).append(message)

    def _direct(self, user: str) -> str:
        key = "D" + user[1:]
        if key not in self.channels:
            self.set_channel(key, self.users[user]["name"])
        return key

    def _touch_root(self, message: Message) -> None:
        root = self.find(message.channel, message.root) if message.is_reply else None
        if root is not None:
            root.revision = self.counters.touch()

    def _named_blocks(self, body: Json) -> Json:
        """Slack gives every block without a block_id one of its own."""
        return body | {"blocks": named_blocks(body["blocks"], self.counters)} if body.get("blocks") else body


def named_blocks(blocks: list[Any], counters: Counters) -> list[Json]:
    return [block if block.get("block_id") else block | {"block_id": counters.mint("b")} for block in blocks]
