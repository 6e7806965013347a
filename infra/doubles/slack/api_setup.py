"""What the installed app was granted: scopes, told with every answer, and whether it may write to people."""

from dataclasses import dataclass, field

from infra.doubles.slack.shapes import Json, SlackError

READS = frozenset({"channels:read", "groups:read"})
HISTORY = frozenset({"channels:history", "groups:history"})
WRITE = frozenset({"chat:write"})
NEEDS = {
    "files.info": frozenset({"files:read"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
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
PEOPLE = ("U", "W", "D")
"""How the ids of members and of conversations with one of them begin."""
EVERYTHING = frozenset().union(*NEEDS.values()) | {"app_mentions:read", "commands"}


@dataclass
class Grants:
    scopes: frozenset[str] = field(default=EVERYTHING)
    messages_tab: bool = True
    revoked: str = ""
    """What every call is refused with once the token is gone."""

    def install(self, manifest: Json) -> None:
        """As if somebody pressed Install: there is what this manifest asks for, and nothing else."""
        self.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        self.messages_tab = bool(manifest["features"]["app_home"]["messages_tab_enabled"])

    def check(self, method: str, args: Json) -> None:
        if self.revoked:
            raise SlackError(self.revoked)
        wanted = NEEDS.get(method)
        if wanted and not wanted & self.scopes:
            raise SlackError("missing_scope")
        if method == "chat.postMessage" and not self.messages_tab and str(args.get("channel", ""))[:1] in PEOPLE:
            raise SlackError("messages_tab_disabled")

    def shown(self, answer: Json) -> Json:
        """Addresses are told only to apps that may read them."""
        if "user" in answer and "users:read.email" not in self.scopes and isinstance(answer["user"], dict):
            answer["user"]["profile"].pop("email", None)
        return answer

    def headers(self) -> dict[str, str]:
        return {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
