"""Instagram reply API (Graph v26.0, either login flavour), under `/instagram`.

`POST /{comment-id}/replies?message=` -> `{"id"}`; `POST /{media-id}/comments`; `POST /{ig-id}/mentions`;
`POST /{ig-id|page-id|me}/messages` -> `{"recipient_id","message_id"}`; `POST /{comment-id}?hide=` (not `is_hidden`);
`DELETE /{comment-id}`. There is no like. Direct messages hold 1000 BYTES of UTF-8, comments 2200 characters. Asking
for `fields` while posting a reply creates it and still answers error 20: the double does the same. Source: Instagram
Platform docs and developer reports.
"""

from infra.doubles.networks import graph
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Json, Network, Refusal, Route

TEXT_BYTES = 1000
COMMENT_LIMIT = 2200


def _comment(desk: Desk, call: Call, parent: str) -> Answer:
    graph.alive(desk, parent)
    text = str(call.fields.get("message", ""))
    if not text or len(text) > COMMENT_LIMIT:
        raise graph.refuse(100, "The parameter message is required, up to 2200 characters")
    post = desk.post("comment", f"179{desk.number()}", text, parent=parent)
    if "fields" in call.fields:
        raise graph.refuse(20, "Unsupported operation", 1772107)
    return Answer(body={"id": post.id})


def comment(desk: Desk, call: Call) -> Answer:
    return _comment(desk, call, call.args["id"])


def mention(desk: Desk, call: Call) -> Answer:
    """An answer to somebody who tagged us, below their comment or else their media."""
    graph.own_asset(desk, call)
    parent = str(call.fields.get("comment_id") or call.fields.get("media_id") or "")
    if not parent:
        raise graph.refuse(100, "The parameter media_id is required")
    return _comment(desk, call, parent)


def change(desk: Desk, call: Call) -> Answer:
    hidden = call.fields.get("hide")
    if hidden is None or desk.find(call.args["id"]):
        raise Refusal(graph.no_route(call))
    graph.alive(desk, call.args["id"])
    desk.act("hide" if str(hidden).lower() == "true" else "unhide", call.args["id"])
    return Answer(body=graph.OK)


def remove(desk: Desk, call: Call) -> Answer:
    graph.alive(desk, call.args["id"])
    desk.delete(call.args["id"])
    return Answer(body=graph.OK)


def described(desk: Desk, post: Post) -> Json:
    author = {"id": desk.account.native_id, "username": desk.account.handle}
    return {"id": post.id, "text": post.text, "timestamp": graph.stamp(post), "from": author}


def replies(desk: Desk, call: Call) -> Answer:
    """Instagram lists the newest first."""
    posted = [described(desk, post) for post in reversed(graph.listed(desk, call.args["id"]))]
    return Answer(body={"data": posted})


def read(desk: Desk, call: Call) -> Answer:
    graph.alive(desk, call.args["id"])
    post = desk.find(call.args["id"])
    return Answer(body=described(desk, post) if post else {"id": call.args["id"]})


messages = graph.Messaging(
    fits=lambda text: len(text.encode()) <= TEXT_BYTES,
    too_long=f"Length of param message[text] must be less than or equal to {TEXT_BYTES} bytes",
    used_up=lambda: graph.refuse(10, "A private reply was already sent for this comment", 2534025),
    mint=lambda desk: f"aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQ{desk.number():x}",
)

NETWORK = Network(
    name="instagram",
    routes=(
        Route("POST", graph.OBJECT + "/(?:replies|comments)", comment),
        Route("GET", graph.OBJECT + "/(?:replies|comments)", replies),
        Route("POST", graph.OBJECT + "/mentions", mention),
        Route("POST", graph.OBJECT + "/messages", messages),
        Route("GET", graph.OBJECT + "/conversations", graph.conversations),
        Route("POST", graph.OBJECT + "/subscribed_apps", graph.subscribed),
        Route("GET", graph.OBJECT + "/subscribed_apps", graph.subscribed),
        Route("POST", graph.OBJECT, change),
        Route("DELETE", graph.OBJECT, remove),
        Route("GET", graph.OBJECT, read),
    ),
    authenticate=graph.authenticate,
    refusals={
        **graph.REFUSALS,
        "rate_limited": graph.throttled(80002, "17841405822300001", "instagram"),
        "outside_window": lambda _: graph.error(
            10, "This message is sent outside of allowed window.", 2534022, status=403
        ),
        "blocked": lambda _: graph.error(551, "This person isn't available right now."),
        "window_closed": lambda _: graph.error(551, "This person cannot receive messages now.", 1545041),
    },
    no_route=graph.no_route,
    malformed=graph.malformed,
)
