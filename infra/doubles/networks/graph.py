"""What the three Meta reply APIs share: tokens, error shapes, `/messages`, read-back.

Errors are `{"error":{"message","type","code","error_subcode","is_transient","fbtrace_id"}}`. The docs give the codes
but not every HTTP status: 190 is sent as 401, throttling as 429, code 1 as 500, the rest as 400. Source: Meta Graph
API v26.0 docs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.files import UnreachableError
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Json, Refusal, Said, Wait

VERSION = r"(?:/v\d+\.\d+)?"
OBJECT = VERSION + r"/(?P<id>[^/]+)"
GONE = "Unsupported request. Object with ID '{}' does not exist, cannot be loaded due to missing permissions"
DEAD_TAGS = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")
OK = {"success": True}


def error(code: int, message: str, subcode: int = 0, status: int = 400, kind: str = "OAuthException") -> Answer:
    body: Json = {"message": f"(#{code}) {message}", "type": kind, "code": code}
    if subcode:
        body["error_subcode"] = subcode
    if code in (1, 2):
        body["is_transient"] = True
    return Answer(status, {"error": body | {"fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW"}})


def refuse(code: int, message: str, subcode: int = 0) -> Refusal:
    return Refusal(error(code, message, subcode))


def token_error(_: Wait) -> Answer:
    return error(190, "Error validating access token: The token has expired.", 463, 401)


def throttled(code: int, asset: str, usage: str) -> Said:
    """429 with `X-Business-Use-Case-Usage`; its `estimated_time_to_regain_access` counts MINUTES."""

    def answer(wait: Wait) -> Answer:
        entry: Json = {"type": usage, "call_count": 100, "total_cputime": 25, "total_time": 25}
        entry["estimated_time_to_regain_access"] = -(-wait.seconds // 60)
        headers = {
            "X-Business-Use-Case-Usage": json.dumps({asset: [entry]}),
            "X-App-Usage": json.dumps({"call_count": 100, "total_cputime": 25, "total_time": 25}),
        }
        limited = error(code, "There have been too many calls. Wait a bit and try again.", status=429)
        return Answer(limited.status, limited.body, headers)

    return answer


REFUSALS: Mapping[str, Said] = {
    "server_error": lambda _: error(1, "An unknown error has occurred.", status=500),
    "temporary": lambda _: error(2, "Service temporarily unavailable", status=503),
    "token_expired": token_error,
    "parent_gone": lambda _: error(100, GONE.format("0"), 33, kind="GraphMethodException"),
    "permission": lambda _: error(200, "Requires pages_manage_engagement permission", status=403),
    "policy_blocked": lambda _: error(368, "The action attempted has been deemed abusive or is otherwise disallowed"),
}


def authenticate(call: Call, accounts: Sequence[Account]) -> Account:
    """The page or user token as Bearer, or as `access_token` in the query or the body."""
    token = call.bearer or str(call.fields.get("access_token", ""))
    account = next((one for one in accounts if token and one.token == token), None)
    if account is None:
        raise Refusal(error(190, "Invalid OAuth access token - Cannot parse access token", 467, 401))
    return account


def no_route(call: Call) -> Answer:
    return error(100, f"Unsupported {call.method.lower()} request.", 33, kind="GraphMethodException")


def malformed(problem: str) -> Answer:
    return error(100, f"Param is not valid JSON: {problem}")


def own_asset(desk: Desk, call: Call) -> None:
    """The id in the path must be this account's, its page's, or `me`."""
    if call.args["id"] not in ("me", desk.account.native_id, desk.account.parent_id):
        raise Refusal(error(100, GONE.format(call.args["id"]), 33, kind="GraphMethodException"))


def alive(desk: Desk, native_id: str) -> None:
    if desk.acted("delete", native_id):
        raise Refusal(error(100, GONE.format(native_id), 33, kind="GraphMethodException"))


@dataclass(frozen=True)
class Messaging:
    """`POST /{asset}/messages` of Messenger and Instagram -> `{"recipient_id","message_id"}`.

    `fits` tells whether a text is short enough. A private reply to the same comment is possible once only: `used_up`.
    """

    fits: Callable[[str], bool]
    too_long: str
    used_up: Callable[[], Refusal]
    mint: Callable[[Desk], str]

    def __call__(self, desk: Desk, call: Call) -> Answer:
        own_asset(desk, call)
        recipient = call.part("recipient")
        if not recipient:
            raise refuse(100, "The parameter recipient is required.")
        if "sender_action" in call.content:
            desk.act(str(call.content["sender_action"]), str(recipient.get("id", "")))
            return Answer(body={"recipient_id": recipient.get("id")})
        self._check_tag(call)
        text = self._text(call)
        item = str(recipient.get("comment_id") or recipient.get("post_id") or "")
        return self._private_reply(desk, call, item, text) if item else self._direct(desk, call, recipient, text)

    def _check_tag(self, call: Call) -> None:
        tag = call.content.get("tag")
        if tag in DEAD_TAGS or (call.content.get("messaging_type") == "MESSAGE_TAG" and tag != "HUMAN_AGENT"):
            raise refuse(100, f"Param tag must be one of {{HUMAN_AGENT}} - got {tag!r}.")

    def _text(self, call: Call) -> str:
        message = call.part("message")
        if not (message.get("text") or message.get("attachment")):
            raise refuse(100, "The parameter message is required.")
        text = str(message.get("text", ""))
        if not self.fits(text):
            raise refuse(100, self.too_long)
        return text

    def _file(self, desk: Desk, call: Call) -> str:
        """`message.attachment{type,payload{url}}`; text and attachment are separate calls."""
        message = call.part("message")
        if not message.get("attachment"):
            return ""
        if message.get("text"):
            raise refuse(100, "Only one of the text, attachment, and dynamic_text fields can be specified.")
        attachment = message["attachment"]
        if attachment.get("type") not in ("image", "video", "audio", "file"):
            raise refuse(100, "Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, VIDEO}")
        try:
            return desk.fetch(str(attachment["payload"].get("url", "")))
        except UnreachableError:
            raise refuse(100, "Failed to fetch the file from the url", 2018008) from None

    def _private_reply(self, desk: Desk, call: Call, item: str, text: str) -> Answer:
        alive(desk, item)
        with desk.ledger.lock:
            if any(post.kind == "private_reply" and post.parent == item for post in desk.posts()):
                raise self.used_up()
            mark = str(call.part("message").get("metadata", ""))
            post = desk.post("private_reply", self.mint(desk), text, parent=item, reference=mark)
        return Answer(body={"message_id": post.id})

    def _direct(self, desk: Desk, call: Call, recipient: Json, text: str) -> Answer:
        person = str(recipient.get("id", ""))
        if not person:
            raise refuse(100, "No matching user found", 2018001)
        reference = str(call.part("message").get("metadata", ""))
        parent = str(call.part("reply_to").get("mid", ""))
        about = {"parent": parent, "recipient": person, "reference": reference, "file": self._file(desk, call)}
        post = desk.post("message", self.mint(desk), text, **about)
        return Answer(body={"recipient_id": person, "message_id": post.id})


def conversations(desk: Desk, call: Call) -> Answer:
    """`GET /{page}/conversations?user_id=` -> `{"data":[{"id","messages":{"data":[...]}}]}`, newest message first."""
    own_asset(desk, call)
    sent = [post for post in desk.posts() if post.kind == "message" and not _other(call, post)]
    people = dict.fromkeys(post.recipient for post in sent)
    data = [_conversation([post for post in sent if post.recipient == person]) for person in people]
    return Answer(body={"data": data, "paging": {}})


def _other(call: Call, post: Post) -> bool:
    return call.query.get("user_id", post.recipient) != post.recipient


def _conversation(sent: list[Post]) -> Json:
    messages = [
        {
            "id": post.id,
            "message": post.text,
            "created_time": stamp(post),
            "from": {"id": post.account},
            "to": {"data": [{"id": post.recipient}]},
        }
        for post in reversed(sent)
    ]
    return {"id": f"t_{sent[0].recipient}", "updated_time": stamp(sent[-1]), "messages": {"data": messages}}


def stamp(post: Post) -> str:
    """`2026-06-03T10:00:01+0000`: the Graph API writes the offset without a colon."""
    return post.at.strftime("%Y-%m-%dT%H:%M:%S%z")


def listed(desk: Desk, parent: str) -> list[Post]:
    """The comments this account has posted below an item, oldest first."""
    return [post for post in desk.posts() if post.kind == "comment" and post.parent == parent]


def subscribed(desk: Desk, call: Call) -> Answer:
    """`POST` and `GET /{asset}/subscribed_apps`."""
    own_asset(desk, call)
    if call.writes:
        desk.act("subscribe", call.args["id"], str(call.fields.get("subscribed_fields", "")))
        return Answer(body=OK)
    return Answer(body={"data": [{"id": desk.account.app_id, "subscribed_fields": ["messages", "feed", "mention"]}]})
