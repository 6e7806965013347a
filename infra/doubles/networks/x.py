"""X API v2, under `/x`.

`POST /2/tweets {"text","reply":{"in_reply_to_tweet_id"}}` -> 201 `{"data":{"id","text","edit_history_tweet_ids"}}`;
`POST /2/dm_conversations/with/{id}/messages {"text"}` -> 201 `{"data":{"dm_conversation_id","dm_event_id"}}`;
`POST /2/media/upload {"media":base64,"media_category","media_type"}` -> `{"data":{"id","media_key",...}}`, images only,
for `{"media":{"media_ids"}}` of a post or `{"attachments":[{"media_id"}]}` of a direct message;
`PUT /2/tweets/{id}/hidden`, `DELETE /2/tweets/{id}`, `POST|DELETE /2/users/{id}/likes`. Read-back:
`GET /2/tweets/search/recent?query=in_reply_to_tweet_id:{id}`, `GET /2/users/{id}/tweets`,
`GET /2/dm_conversations/with/{id}/dm_events`. Errors are problem+json `{"title","detail","type","status"}`. Posts weigh
up to 280, direct messages 10,000 characters. Not documented and assumed: a text that is too long and a media id that
cannot be used get the general 400, a file that is too large 413.
Source: X API v2 docs.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Json, Network, Refusal, Route, Wait
from infra.doubles.networks.weights import weighted_length

POST_WEIGHT = 280
DM_LIMIT = 10_000
IMAGE_LIMIT = 5 * 1024 * 1024
IMAGES = ("image/jpeg", "image/bmp", "image/png", "image/webp", "image/pjpeg", "image/tiff")
MEDIA_LASTS = timedelta(hours=24)
PROBLEMS = "https://api.twitter.com/2/problems/"
HEADERS = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "99"}
RESTRICTED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: object) -> Answer:
    body = {"title": title, "detail": detail, "type": kind, "status": status, **more}
    return Answer(status, body, {"Content-Type": "application/problem+json"})


def invalid(detail: str) -> Refusal:
    return Refusal(problem(400, "Invalid Request", detail, PROBLEMS + "invalid-request", errors=[{"message": detail}]))


def unauthorized() -> Answer:
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Answer:
    return problem(403, "Forbidden", detail)


def too_large() -> Answer:
    return problem(413, "Payload Too Large", "The media file is too large.")


def limited(wait: Wait) -> Answer:
    """X tells when to come back in `x-rate-limit-reset`, as epoch seconds."""
    answer = problem(429, "Too Many Requests", "Too Many Requests")
    spent = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(wait.until)}
    return Answer(answer.status, answer.body, {**answer.headers, **spent})


def capped(_: Wait) -> Answer:
    """The daily or monthly cap: a 429 without rate limit headers."""
    return problem(429, "UsageCapExceeded", "Usage cap exceeded: Daily product cap", PROBLEMS + "usage-capped")


def authenticate(call: Call, accounts: Sequence[Account]) -> Account:
    account = next((one for one in accounts if call.bearer and one.token == call.bearer), None)
    if account is None:
        raise Refusal(unauthorized())
    return account


def upload(desk: Desk, call: Call) -> Answer:
    """In one call; GIFs and videos go in pieces, which the double does not take."""
    category, mime = call.content.get("media_category"), call.content.get("media_type")
    if category not in ("tweet_image", "dm_image") or mime not in IMAGES:
        raise invalid("One or more parameters to your request was invalid: media_category, media_type")
    try:
        body = b64decode(str(call.content.get("media", "")), validate=True)
    except ValueError:
        raise invalid("One or more parameters to your request was invalid: media") from None
    if not body:
        raise invalid("One or more parameters to your request was invalid: media")
    if len(body) > IMAGE_LIMIT:
        raise Refusal(too_large())
    media = desk.keep(category.removesuffix("_image"), f"{mime} {sha256(body).hexdigest()}")
    return Answer(
        body={"data": {"id": media, "media_key": f"3_{media}", "expires_after_secs": 86400, "size": len(body)}}
    )


def _shown(desk: Desk, use: str, ids: Sequence[object], most: int) -> str:
    """The file of what was uploaded for this use, by this account and not too long ago."""
    found = [desk.kept(str(one)) for one in ids]
    usable = [one for one in found if one and one.use == use and desk.now() - one.at < MEDIA_LASTS]
    if len(usable) != len(ids) or len(ids) > most:
        raise invalid("Your media IDs are invalid.")
    return usable[0].file if usable else ""


def create(desk: Desk, call: Call) -> Answer:
    """Words, media, or both."""
    text, file = call.content.get("text"), _shown(desk, "tweet", call.part("media").get("media_ids", []), 4)
    if not ((isinstance(text, str) and text) or file):
        raise invalid("One or more parameters to your request was invalid: text")
    if weighted_length(text or "") > POST_WEIGHT:
        raise invalid("Your Tweet text is too long.")
    parent = str(call.part("reply").get("in_reply_to_tweet_id", ""))
    post = desk.post("comment" if parent else "post", snowflake(desk), text or "", parent=parent, file=file)
    return Answer(201, {"data": {"id": post.id, "text": spoken(post), "edit_history_tweet_ids": [post.id]}})


def snowflake(desk: Desk) -> str:
    return str(desk.number() * 1000)


def direct(desk: Desk, call: Call) -> Answer:
    """Conversation ids are both user ids in rising order: `1455...-1788...`."""
    text = call.content.get("text")
    file = _shown(desk, "dm", [one.get("media_id") for one in call.content.get("attachments") or []], 1)
    if not ((isinstance(text, str) and text) or file) or len(text or "") > DM_LIMIT:
        raise invalid("One or more parameters to your request was invalid: text")
    people = call.args["people"].split("-")
    other = next((person for person in people if person != desk.account.native_id), people[0])
    post = desk.post("message", snowflake(desk), text or "", recipient=other, file=file)
    return Answer(201, {"data": {"dm_conversation_id": conversation(desk, other), "dm_event_id": post.id}})


def conversation(desk: Desk, other: str) -> str:
    return "-".join(sorted((desk.account.native_id, other), key=lambda who: (len(who), who)))


def events(desk: Desk, call: Call) -> Answer:
    sent = [post for post in desk.posts() if post.kind == "message" and post.recipient == call.args["person"]]
    data = [
        {
            "event_type": "MessageCreate",
            "id": post.id,
            "text": spoken(post),
            "sender_id": post.account,
            "dm_conversation_id": conversation(desk, post.recipient),
            "created_at": moment(post),
            **_media(post),
        }
        for post in reversed(sent)
    ]
    return Answer(body=_page(data))


def delete(desk: Desk, call: Call) -> Answer:
    if desk.find(call.args["id"]) is None:
        raise Refusal(forbidden("You are not allowed to delete this Tweet."))
    desk.delete(call.args["id"])
    return Answer(body={"data": {"deleted": True}})


def hide(desk: Desk, call: Call) -> Answer:
    hidden = call.content.get("hidden")
    if not isinstance(hidden, bool):
        raise invalid("One or more parameters to your request was invalid: hidden")
    desk.act("hide" if hidden else "unhide", call.args["id"])
    return Answer(body={"data": {"hidden": hidden}})


def like(desk: Desk, call: Call) -> Answer:
    liked = call.method == "POST"
    target = str(call.content.get("tweet_id", "")) if liked else call.args["tweet"]
    if not target:
        raise invalid("One or more parameters to your request was invalid: tweet_id")
    desk.act("like" if liked else "unlike", target)
    return Answer(body={"data": {"liked": liked}})


def search(desk: Desk, call: Call) -> Answer:
    """Only `in_reply_to_tweet_id:`; other operators of the query are ignored."""
    asked = re.search(r"in_reply_to_tweet_id:(\d+)", call.query.get("query", ""))
    if asked is None:
        raise invalid("The `query` query parameter must name an in_reply_to_tweet_id")
    return Answer(body=_page([described(post) for post in _posted(desk) if post.parent == asked[1]]))


def timeline(desk: Desk, call: Call) -> Answer:
    mine = call.args["id"] == desk.account.native_id
    return Answer(body=_page([described(post) for post in _posted(desk) if mine]))


def _posted(desk: Desk) -> list[Post]:
    return [post for post in reversed(desk.posts()) if post.kind in ("comment", "post")]


def _page(data: list[Json]) -> Json:
    """X leaves `data` out when there is nothing."""
    if not data:
        return {"meta": {"result_count": 0}}
    return {"data": data, "meta": {"result_count": len(data), "newest_id": data[0]["id"], "oldest_id": data[-1]["id"]}}


def described(post: Post) -> Json:
    shown: Json = {"id": post.id, "text": spoken(post), "author_id": post.account, "created_at": moment(post)}
    shown |= _media(post)
    if post.parent:
        shown["referenced_tweets"] = [{"type": "replied_to", "id": post.parent}]
    return shown | {"edit_history_tweet_ids": [post.id]}


def spoken(post: Post) -> str:
    """With media, the text ends in a link to it."""
    return f"{post.text} https://t.co/{post.id[-10:]}".strip() if post.file else post.text


def _media(post: Post) -> Json:
    return {"attachments": {"media_keys": [f"3_{post.id}"]}} if post.file else {}


def moment(post: Post) -> str:
    return post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


NETWORK = Network(
    name="x",
    routes=(
        Route("POST", "/2/media/upload", upload),
        Route("POST", "/2/tweets", create),
        Route("GET", "/2/tweets/search/recent", search),
        Route("DELETE", r"/2/tweets/(?P<id>\d+)", delete),
        Route("PUT", r"/2/tweets/(?P<id>\d+)/hidden", hide),
        Route("POST", r"/2/users/(?P<id>\d+)/likes", like),
        Route("DELETE", r"/2/users/(?P<id>\d+)/likes/(?P<tweet>\d+)", like),
        Route("GET", r"/2/users/(?P<id>\d+)/tweets", timeline),
        Route("POST", r"/2/dm_conversations/(?:with/)?(?P<people>[\d-]+)/messages", direct),
        Route("GET", r"/2/dm_conversations/with/(?P<person>\d+)/dm_events", events),
    ),
    authenticate=authenticate,
    refusals={
        "rate_limited": limited,
        "usage_capped": capped,
        "server_error": lambda _: problem(500, "Internal Server Error", "Something is broken."),
        "token_expired": lambda _: unauthorized(),
        "media_refused": lambda _: invalid("Media type unrecognized.").answer,
        "media_too_large": lambda _: too_large(),
        "no_scope": lambda _: forbidden(
            "Your client app is not configured with the appropriate oauth1 app permissions"
        ),
        "blocked": lambda _: forbidden("You cannot send messages to this user."),
        "reply_restricted": lambda _: forbidden(RESTRICTED),
        "duplicate": lambda _: forbidden("You are not allowed to create a Tweet with duplicate content."),
        "parent_gone": lambda _: forbidden("You attempted to reply to a Tweet that is deleted or not visible to you."),
    },
    no_route=lambda call: problem(404, "Not Found", f"No resource at {call.path}", PROBLEMS + "resource-not-found"),
    malformed=lambda detail: invalid(detail).answer,
    headers=HEADERS,
)
