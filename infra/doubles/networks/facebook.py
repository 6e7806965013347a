"""Facebook Page and Messenger reply API (Graph v26.0), under `/facebook`.

`POST /{comment-id}/comments message=` and/or `attachment_url=` (a photo) -> `{"id"}`;
`POST /{page-id}/messages` -> `{"recipient_id","message_id"}`;
`POST /{comment-id}?is_hidden=` and `DELETE /{comment-id}` -> `{"success":true}`; `POST|DELETE /{id}/likes`.
Read-back: `GET /{comment-id}/comments`, `GET /{page-id}/conversations?user_id=`. Limits: Messenger 2000 characters,
comments 8000. Source: Graph API, Pages and Messenger Platform docs.
"""

from infra.doubles.networks import graph
from infra.doubles.networks.files import UnreachableError
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Json, Network, Refusal, Route

TEXT_LIMIT = 2000
COMMENT_LIMIT = 8000
ATTACHMENTS = ("attachment_url", "attachment_id", "attachment_share_url")
NO_PHOTO = graph.refuse(324, "Missing or invalid image file", 1366046)


def comment(desk: Desk, call: Call) -> Answer:
    """A comment on a post `{page}_{post}` or below a comment `{post}_{comment}`; the new id is `{post}_{new}`."""
    parent = call.args["id"]
    graph.alive(desk, parent)
    text = str(call.fields.get("message", ""))
    if not text and not any(name in call.fields for name in ATTACHMENTS):
        raise graph.refuse(100, "The parameter message is required")
    if len(text) > COMMENT_LIMIT:
        raise graph.refuse(100, f"Comment must be fewer than {COMMENT_LIMIT} characters")
    page, _, tail = parent.partition("_")
    root = tail if page == desk.account.native_id else page
    photo = _photo(desk, str(call.fields.get("attachment_url", "")))
    return Answer(body={"id": desk.post("comment", f"{root}_{desk.number()}", text, parent=parent, file=photo).id})


def _photo(desk: Desk, url: str) -> str:
    try:
        file = desk.fetch(url) if url else ""
    except UnreachableError:
        raise NO_PHOTO from None
    if file and not file.startswith("image/"):
        raise NO_PHOTO
    return file


def change(desk: Desk, call: Call) -> Answer:
    """Hides or shows a customer's comment, or edits an own one."""
    native_id = call.args["id"]
    graph.alive(desk, native_id)
    hidden = call.fields.get("is_hidden")
    if hidden is not None:
        desk.act("hide" if str(hidden).lower() == "true" else "unhide", native_id)
        return Answer(body=graph.OK)
    if "message" in call.fields and desk.edit(native_id, str(call.fields["message"])):
        return Answer(body=graph.OK)
    raise Refusal(graph.no_route(call))


def remove(desk: Desk, call: Call) -> Answer:
    graph.alive(desk, call.args["id"])
    desk.delete(call.args["id"])
    return Answer(body=graph.OK)


def like(desk: Desk, call: Call) -> Answer:
    graph.alive(desk, call.args["id"])
    desk.act("unlike" if call.method == "DELETE" else "like", call.args["id"])
    return Answer(body=graph.OK)


def described(desk: Desk, post: Post) -> Json:
    author = {"id": desk.account.native_id, "name": desk.account.name}
    photo = {"attachment": {"type": "photo"}} if post.file else {}
    return {"id": post.id, "message": post.text, "created_time": graph.stamp(post), "from": author, **photo}


def comments(desk: Desk, call: Call) -> Answer:
    posted = [described(desk, post) for post in graph.listed(desk, call.args["id"])]
    return Answer(body={"data": posted, "paging": {}})


def read(desk: Desk, call: Call) -> Answer:
    """An own comment in full; of anything else the double knows the id only."""
    native_id = call.args["id"]
    graph.alive(desk, native_id)
    post = desk.find(native_id)
    return Answer(body=described(desk, post) if post else {"id": native_id})


messages = graph.Messaging(
    fits=lambda text: len(text) <= TEXT_LIMIT,
    too_long=f"Length of param message[text] must be less than or equal to {TEXT_LIMIT}",
    used_up=lambda: graph.refuse(10900, "Activity already replied to"),
    mint=lambda desk: f"m_HD{desk.number():x}",
)

NETWORK = Network(
    name="facebook",
    routes=(
        Route("POST", graph.OBJECT + "/comments", comment),
        Route("GET", graph.OBJECT + "/comments", comments),
        Route("POST", graph.OBJECT + "/messages", messages),
        Route("GET", graph.OBJECT + "/conversations", graph.conversations),
        Route("POST", graph.OBJECT + "/likes", like),
        Route("DELETE", graph.OBJECT + "/likes", like),
        Route("POST", graph.OBJECT + "/subscribed_apps", graph.subscribed),
        Route("GET", graph.OBJECT + "/subscribed_apps", graph.subscribed),
        Route("POST", graph.OBJECT, change),
        Route("DELETE", graph.OBJECT, remove),
        Route("GET", graph.OBJECT, read),
    ),
    authenticate=graph.authenticate,
    refusals={
        **graph.REFUSALS,
        "rate_limited": graph.throttled(80001, "104552811223344", "pages"),
        "outside_window": lambda _: graph.error(
            10, "This message is sent outside of allowed window.", 2018278, status=403
        ),
        "blocked": lambda _: graph.error(551, "This person isn't available right now."),
    },
    no_route=graph.no_route,
    malformed=graph.malformed,
)
