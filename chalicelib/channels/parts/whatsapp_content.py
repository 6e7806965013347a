"""What a WhatsApp message holds, by its ``type``: words, files, and what only WhatsApp says; ours as well."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.channels.parts.files import WHATSAPP
from chalicelib.channels.parts.meta import said
from chalicelib.channels.parts.reading import Fields
from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import Attachment
from chalicelib.domain.reply import Outgoing

Content = dict[str, Any]
"""Some of Event's facts: text, attachments, subtype, extra."""


def text(message: Fields) -> Content:
    return {"text": message.sub("text").text("body")}


def media(kind: str) -> Callable[[Fields], Content]:
    def content(message: Fields) -> Content:
        body = message.sub(kind)
        voice = kind == "audio" and body.flag("voice")
        file = Attachment(
            kind="voice" if voice else kind,
            url=body.text("url"),
            id=body.id("id"),
            name=body.text("filename"),
            mime=body.text("mime_type"),
        )
        return {"text": body.text("caption"), "attachments": (file,), "extra": said(filename=file.name)}

    return content


def location(message: Fields) -> Content:
    body = message.sub("location")
    label = ", ".join(part for part in (body.text("name"), body.text("address")) if part)
    place = Attachment("location", url=body.text("url"), name=label or None)
    spot = {key: body.data[key] for key in ("latitude", "longitude") if isinstance(body.data.get(key), int | float)}
    return {"attachments": (place,), "extra": spot}


def contacts(message: Fields) -> Content:
    cards = [Attachment("contact", name=card.sub("name").text("formatted_name")) for card in message.each("contacts")]
    return {"attachments": tuple(cards)}


def interactive(message: Fields) -> Content:
    """A button, list row or form; Meta sometimes withholds the whole object and reports an error beside it."""
    body = message.sub("interactive")
    kind = body.text("type")
    reply = body.sub(kind) if kind in ("button_reply", "list_reply", "nfm_reply") else None
    if reply is None:
        return {"subtype": "unsupported", "extra": said(interactive=kind)}
    extra = said(payload=reply.text("id"), form=_form(reply.text("response_json")))
    return {"text": reply.text("title") or reply.text("body"), "extra": extra}


def _form(answers: str | None) -> dict[str, str] | None:
    """A filled-in form: JSON inside JSON, and what a customer typed. What is no object is no form."""
    try:
        form = json.loads(answers or "null")
        return {_safe(key): _safe(value) for key, value in form.items()} if isinstance(form, dict) else None
    except (ValueError, RecursionError):
        return None


def _safe(value: object) -> str:
    words = clean(value)
    return json.dumps(value) if words is None else words


def button(message: Fields) -> Content:
    body = message.sub("button")
    return {"text": body.text("text"), "extra": said(payload=body.text("payload"))}


def order(message: Fields) -> Content:
    body = message.sub("order")
    basket = Attachment("order", id=body.id("catalog_id"))
    return {"text": body.text("text"), "attachments": (basket,)}


def unsupported(message: Fields) -> Content:
    """The customer did write, in a form that the API does not hand over."""
    return {"subtype": "unsupported", "extra": said(unsupported=message.sub("unsupported").text("type"))}


CONTENT: Mapping[str, Callable[[Fields], Content]] = {
    "text": text,
    **{kind: media(kind) for kind in ("image", "video", "audio", "document", "sticker")},
    "location": location,
    "contacts": contacts,
    "interactive": interactive,
    "button": button,
    "order": order,
    "unsupported": unsupported,
    "unknown": unsupported,
}


def content(message: Fields) -> Content:
    """What any message holds; a type without an entry is one that cannot be read."""
    return CONTENT.get(message.text("type") or "", unsupported)(message)


def written(outgoing: Outgoing) -> tuple[str, dict[str, Any]]:
    """Words, or a file by its link; a document says what it is called."""
    if outgoing.file is None:
        return "text", {"body": clean(outgoing.text), "preview_url": False}
    kind = WHATSAPP[outgoing.file.mime].kind
    named = {"filename": outgoing.file.name} if kind == "document" else {}
    return kind, {"link": outgoing.link, **named}
