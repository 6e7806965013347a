"""A receiver of Heed's outgoing Standard Webhooks, under `/standard_webhooks/<any path>`.

It checks `webhook-id`, `webhook-timestamp` (five minutes both ways) and `webhook-signature` over the raw body
`{"type":"reply.sent","timestamp":ISO,"data":{"id","conversation_id","in_reply_to","text",...}}`, answers 200
`{"id"}`, and takes a `webhook-id` that it has seen before for a retry: same answer, nothing new posted.
Source: the Standard Webhooks specification.
"""

from collections.abc import Sequence

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Network, Refusal, Route
from infra.doubles.networks.signing import TOLERANCE_SECONDS, standard_accepts

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def failed(status: int, words: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, {"error": words}, headers or {})


def authenticate(call: Call, accounts: Sequence[Account]) -> Account:
    """Only the signature counts; any account whose secret fits is the receiver."""
    message_id, timestamp, listed = (call.headers.get(name, "") for name in SIGNED)
    if not (message_id and timestamp.isdigit() and listed):
        raise Refusal(failed(400, "missing or malformed signature headers"))
    for account in accounts:
        if standard_accepts(account.secret, listed, message_id, int(timestamp), call.body):
            return account
    raise Refusal(failed(401, "no matching signature found"))


def receive(desk: Desk, call: Call) -> Answer:
    age = desk.now().timestamp() - int(call.headers["webhook-timestamp"])
    if abs(age) > TOLERANCE_SECONDS:
        raise Refusal(failed(400, "message timestamp too old" if age > 0 else "message timestamp too new"))
    data = call.content.get("data")
    if not isinstance(data, dict) or not isinstance(call.content.get("type"), str):
        raise Refusal(failed(400, "type and data are required"))
    with desk.ledger.lock:
        post = _seen(desk, call.headers["webhook-id"]) or _posted(desk, call, data)
    return Answer(body={"id": post.id})


def _seen(desk: Desk, webhook_id: str) -> Post | None:
    seen = next((post for post in desk.posts() if post.reference == webhook_id), None)
    if seen is not None:
        desk.act("duplicate", webhook_id)
    return seen


def _posted(desk: Desk, call: Call, data: dict[str, object]) -> Post:
    return desk.post(
        str(call.content["type"]),
        f"recv_{desk.number():x}",
        str(data.get("text", "")),
        parent=str(data.get("in_reply_to") or ""),
        recipient=str(data.get("conversation_id") or ""),
        reference=call.headers["webhook-id"],
    )


NETWORK = Network(
    name="standard_webhooks",
    routes=(Route("POST", "/.*", receive),),
    authenticate=authenticate,
    refusals={
        "rate_limited": lambda wait: failed(429, "too many requests", {"Retry-After": str(wait.seconds)}),
        "server_error": lambda _: failed(500, "internal server error"),
        "unavailable": lambda wait: failed(503, "service unavailable", {"Retry-After": str(wait.seconds)}),
        "token_expired": lambda _: failed(401, "no matching signature found"),
        "blocked": lambda _: failed(403, "forbidden"),
        "gone": lambda _: failed(410, "gone"),
        "redirect": lambda _: failed(302, "moved", {"Location": "/standard_webhooks/elsewhere"}),
    },
    no_route=lambda _: failed(404, "not found"),
    malformed=lambda problem: failed(400, f"body is not JSON: {problem}"),
)
