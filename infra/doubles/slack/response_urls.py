"""`response_url`: five answers in thirty minutes, without a token (docs.slack.dev, "Handling user interaction")."""

from dataclasses import dataclass, field

from infra.doubles.slack import events
from infra.doubles.slack.api import Api, checked_blocks
from infra.doubles.slack.shapes import Json, SlackError
from infra.doubles.slack.workspace import Message

USES = 5
SECONDS = 1800.0
PATH = "/_response/"


@dataclass
class ResponseUrl:
    user: str
    channel: str
    ts: str
    born: float
    used: int = 0


@dataclass
class ResponseUrls:
    api: Api
    given: dict[str, ResponseUrl] = field(default_factory=dict)

    def new(self, user: str, channel: str, ts: str = "") -> str:
        key = self.api.workspace.counters.mint("R")
        self.given[key] = ResponseUrl(user, channel, ts, self.api.workspace.counters.now())
        return f"{self.api.base_url}{PATH}{key}"

    def use(self, key: str, args: Json) -> Json:
        """Replaces or deletes the message it came from, or says something new: to the one person, or `in_channel`."""
        url = self.given.get(key)
        if url is None or self.api.workspace.counters.now() - url.born > SECONDS:
            raise SlackError("expired_url")
        if url.used >= USES:
            raise SlackError("used_url")
        url.used += 1
        origin = self.api.workspace.find(url.channel, url.ts)
        if origin is not None and (args.get("delete_original") or args.get("replace_original")):
            self._change(origin, args)
        else:
            self.say(url.user, url.channel, args)
        return {}

    def say(self, user: str, channel: str, args: Json) -> None:
        content = checked_blocks(args) | {"thread_ts": args.get("thread_ts")}
        public = args.get("response_type") == "in_channel"
        workspace = self.api.workspace
        message = workspace.post(channel, workspace.bot_author(), content, seen_by="" if public else user)
        if public:
            self.api.tell_posted(message)

    def _change(self, origin: Message, args: Json) -> None:
        workspace = self.api.workspace
        if args.get("delete_original"):
            previous = dict(origin.body)
            workspace.delete(origin)
            event = events.deleted(origin, previous, workspace.counters.ts())
        else:
            previous = workspace.edit(origin, checked_blocks(args), workspace.identity.bot_user_id)
            event = events.changed(origin, previous, workspace.counters.ts())
        if not origin.seen_by:
            self.api.announce(event)
