"""Which scopes the installed app was granted: told with every answer, and asked for by every method that needs one."""

from dataclasses import dataclass, field

from infra.doubles.slack.shapes import Json, SlackError

READS = frozenset({"channels:read", "groups:read"})
HISTORY = frozenset({"channels:history", "groups:history"})
WRITE = frozenset({"chat:write"})
NEEDS = {
    "chat.postMessage": WRITE,
    "chat.postEphemeral": WRITE,
    "chat.update": WRITE,
    "chat.delete": WRITE,
    "conversations.info": READS,
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
    "users.info": frozenset({"users:read"}),
    "users.lookupByEmail": frozenset({"users:read.email"}),
}
"""One of them is enough: for public channels the one, for private ones the other."""
EVERYTHING = frozenset().union(*NEEDS.values()) | {"app_mentions:read", "commands"}


@dataclass
class Grants:
    scopes: frozenset[str] = field(default=EVERYTHING)

    def check(self, method: str) -> None:
        wanted = NEEDS.get(method)
        if wanted and not wanted & self.scopes:
            raise SlackError("missing_scope")

    def shown(self, answer: Json) -> Json:
        """Addresses are told only to apps that may read them."""
        if "user" in answer and "users:read.email" not in self.scopes and isinstance(answer["user"], dict):
            answer["user"]["profile"].pop("email", None)
        return answer

    def headers(self) -> dict[str, str]:
        return {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
