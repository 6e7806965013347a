"""WhatsApp Cloud API, under `/whatsapp`.

`POST /{phone_number_id}/messages {"messaging_product":"whatsapp","to"|"recipient","type":"text","text":{"body"}}` ->
`{"messaging_product","contacts":[{"input","wa_id"|"user_id"}],"messages":[{"id":"wamid..."}]}`; 200 means accepted, not
delivered. `{"status":"read","message_id"}` -> `{"success":true}`. Text: 4096 characters. A sent message cannot be
edited, deleted or read back. Source: WhatsApp Cloud API docs.
"""

from infra.doubles.networks import graph
from infra.doubles.networks.files import UnreachableError
from infra.doubles.networks.ledger import Desk
from infra.doubles.networks.shapes import Answer, Call, Json, Network, Refusal, Route

TEXT_LIMIT = 4096
OTHER_TYPES = ("template", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive")


MEDIA = ("image", "video", "audio", "document", "sticker")


def whatsapp_error(code: int, title: str, details: str, status: int = 400) -> Answer:
    """Cloud API errors add `error_data`."""
    answer = graph.error(code, title, status=status)
    answer.body["error"]["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return answer


def messages(desk: Desk, call: Call) -> Answer:
    graph.own_asset(desk, call)
    if call.content.get("messaging_product") != "whatsapp":
        raise graph.refuse(100, "The parameter messaging_product is required.")
    if call.content.get("status") == "read":
        desk.act("read", str(call.content.get("message_id", "")))
        return Answer(body=graph.OK)
    recipient = str(call.content.get("to") or call.content.get("recipient") or "")
    if not recipient:
        raise graph.refuse(100, "The parameter to is required.")
    return _send(desk, call, recipient)


def _send(desk: Desk, call: Call, recipient: str) -> Answer:
    native_id = f"wamid.HBgMHD{desk.number():X}=="
    if call.content.get("type") == "reaction":
        reaction = call.part("reaction")
        desk.act("reaction", str(reaction.get("message_id", "")), str(reaction.get("emoji", "")))
    else:
        reference = str(call.content.get("biz_opaque_callback_data", ""))
        parent = str(call.part("context").get("message_id", ""))
        about = {"parent": parent, "recipient": recipient, "reference": reference, "file": _file(desk, call)}
        desk.post("message", native_id, _text(call), **about)
    return Answer(body=_accepted(call, recipient, native_id))


def _text(call: Call) -> str:
    kind = call.content.get("type", "text")
    if kind in OTHER_TYPES:
        return f"[{kind}]"
    body = call.part("text").get("body") if kind == "text" else None
    if not isinstance(body, str) or not body:
        raise graph.refuse(100, "The parameter text['body'] is required.")
    if len(body) > TEXT_LIMIT:
        raise graph.refuse(100, f"Param text['body'] must be at most {TEXT_LIMIT} characters long.")
    return body


def _file(desk: Desk, call: Call) -> str:
    """`{type}: {"link", "filename"?}`; a file sent by its id is not looked at."""
    kind = call.content.get("type")
    link = call.part(str(kind)).get("link") if kind in MEDIA else None
    try:
        return desk.fetch(str(link)) if link else ""
    except UnreachableError:
        problem = whatsapp_error(131053, "Media upload error", "Failed to download the media from the link.")
        raise Refusal(problem) from None


def _accepted(call: Call, recipient: str, native_id: str) -> Json:
    named = "wa_id" if call.content.get("to") else "user_id"
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": recipient, named: recipient.lstrip("+") if named == "wa_id" else recipient}],
        "messages": [{"id": native_id, "message_status": "accepted"}],
    }


NETWORK = Network(
    name="whatsapp",
    routes=(
        Route("POST", graph.OBJECT + "/messages", messages),
        Route("POST", graph.OBJECT + "/subscribed_apps", graph.subscribed),
        Route("GET", graph.OBJECT + "/subscribed_apps", graph.subscribed),
    ),
    authenticate=graph.authenticate,
    refusals={
        **graph.REFUSALS,
        "rate_limited": lambda _: whatsapp_error(
            130429, "Rate limit hit", "Cloud API message throughput has been reached.", 429
        ),
        "pair_rate_limited": lambda _: whatsapp_error(
            131056, "(Business Account, Consumer Account) pair rate limit hit", "Too many messages to one number.", 429
        ),
        "outside_window": lambda _: whatsapp_error(
            131047, "Re-engagement message", "More than 24 hours have passed since the customer last replied."
        ),
        "blocked": lambda _: whatsapp_error(
            131026, "Message undeliverable", "The recipient cannot receive this message."
        ),
        "server_error": lambda _: whatsapp_error(131000, "Something went wrong", "Unknown error.", 500),
    },
    no_route=graph.no_route,
    malformed=graph.malformed,
)
