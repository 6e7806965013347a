"""What nearly all of Meta's webhooks hold: a text in Messenger, Instagram or WhatsApp, and a comment below a post."""

from chalicelib.channels.parts.plain import ACCOUNT, AUTHOR, MOMENT, NATIVE, TEXT, WHATEVER, Shape, plain
from chalicelib.domain.event import Kind

_MESSAGING = {
    "sender": {"id": AUTHOR},
    "recipient": {"id": TEXT},
    "timestamp": MOMENT,
    "message": {"mid": NATIVE, "text": TEXT},
}
_POST = dict.fromkeys(("id", "status_type", "is_published", "updated_time", "promotion_status"), WHATEVER)
_COMMENT = {
    "item": "comment",
    "verb": "add",
    "comment_id": NATIVE,
    "from": {"id": AUTHOR, "name": TEXT},
    "message": TEXT,
    "created_time": MOMENT,
    "post_id": TEXT,
    "parent_id": TEXT,
    "post": {**_POST, "permalink_url": TEXT},
}
_BELOW_A_PICTURE = {
    "id": NATIVE,
    "from": {"id": AUTHOR, "username": TEXT},
    "text": TEXT,
    "media": {"id": TEXT, "media_product_type": WHATEVER},
    "parent_id": TEXT,
}


def _entry(topic: str, **lists: Shape) -> Shape:
    return {"object": topic, "entry": [{"id": ACCOUNT, "time": MOMENT, **lists}]}


def _change(field: str, value: Shape) -> Shape:
    return [{"field": field, "value": value}]


def _whatsapp(message: Shape, contact: Shape) -> Shape:
    """With the phone number's account inside; the entry names the business, and "0" is the dashboard's test."""
    text = {**message, "id": NATIVE, "timestamp": MOMENT, "type": "text", "text": {"body": TEXT}}
    value = {
        "messaging_product": WHATEVER,
        "metadata": {"display_phone_number": WHATEVER, "phone_number_id": ACCOUNT},
        "contacts": [{"profile": {"name": TEXT}, "wa_id": TEXT, **contact}],
        "messages": [text],
    }
    topic = "whatsapp_business_account"
    return {"object": topic, "entry": [{"id": _business, "time": MOMENT, "changes": _change("messages", value)}]}


def _business(value: object, found: object) -> bool:
    return value.__class__ is str and value != "0"


FACEBOOK = (
    plain(Kind.MESSAGE, _entry("page", messaging=[_MESSAGING])),
    plain(Kind.COMMENT, _entry("page", changes=_change("feed", _COMMENT))),
)
INSTAGRAM = (
    plain(Kind.MESSAGE, _entry("instagram", messaging=[_MESSAGING])),
    plain(Kind.COMMENT, _entry("instagram", changes=_change("comments", _BELOW_A_PICTURE))),
)
WHATSAPP = (
    plain(Kind.MESSAGE, _whatsapp({"from": AUTHOR}, {})),
    plain(Kind.MESSAGE, _whatsapp({"from": TEXT, "from_user_id": AUTHOR}, {"user_id": TEXT})),
)
