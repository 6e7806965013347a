"""What the updates of a Telegram bot say (Bot API 10.0, core.telegram.org/bots/api#update)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.channels.parts.reading import Fields, echoed, unknown
from chalicelib.domain.event import Attachment, Event, Kind

NAME = "telegram"

_MEDIA = {
    "photo": "image",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "document",
    "sticker": "sticker",
    "contact": "contact",
    "venue": "location",
    "location": "location",
}
# Telegram repeats the newer kind under an older name, for clients that do not know it.
_REPEATED = {"document": "animation", "location": "venue"}
_SERVICE = re.compile(
    "(new|left|delete)_chat_|((super)?group|channel)_chat_created|pinned_message|message_auto_delete|(general_)?forum_topic_"
    "|video_chat_|write_access_|(users|chat)_shared|boost_added|chat_background_"
)


def _message_id(message: Fields, key: str = "message_id") -> str:
    """Numbers of messages count per chat and per inbox, so they name nothing by themselves."""
    inbox = message.id("business_connection_id")
    place = message.sub("chat").need("id")
    return ":".join(part for part in (inbox, place, message.need(key)) if part)


def _topic(message: Fields) -> str | None:
    """Ordinary groups number reply threads too; only a forum's topics are conversations of their own."""
    return message.id("message_thread_id") if message.flag("is_topic_message") else None


def _place(message: Fields) -> dict[str, Any]:
    """Where a message stands, and what an answer to it must name."""
    chat = message.sub("chat")
    inbox, topic = message.id("business_connection_id"), _topic(message)
    extra = {"chat": chat.need("id"), "topic": topic, "inbox": inbox, "media_group": message.id("media_group_id")}
    return {
        "conversation": ":".join(part for part in (inbox, chat.id("id"), topic) if part),
        "public": chat.text("type") != "private",
        "extra": {key: value for key, value in extra.items() if value is not None},
    }


def _person(user: Fields) -> dict[str, Any]:
    names = [user.text("first_name"), user.text("last_name"), user.text("title")]
    return {
        "author": user.id("id"),
        "name": " ".join(name for name in names if name) or None,
        "handle": user.text("username"),
        "language": user.text("language_code"),
    }


def _author(message: Fields) -> Fields:
    """Behind ``sender_chat`` the ``from`` is a placeholder that stands for everybody."""
    return message.sub("sender_chat" if "sender_chat" in message else "from")


def _parent(message: Fields) -> str | None:
    """The message answered. The first message of a forum topic counts as answered by all others, which says nothing."""
    parent = message.sub("reply_to_message")
    number = parent.id("message_id")
    if number is None or number == _topic(message):
        return None
    place = (message.id("business_connection_id"), message.sub("chat").id("id"), number)
    return ":".join(part for part in place if part)


def _attachments(message: Fields) -> tuple[Attachment, ...]:
    found = [key for key in _MEDIA if key in message and _REPEATED.get(key, "") not in message]
    return tuple(_attachment(kind, file) for kind, file in ((_MEDIA[key], _file(message, key)) for key in found))


def _file(message: Fields, key: str) -> Fields:
    """A photo comes in several sizes, the last being the largest."""
    if key != "photo":
        return message.sub(key)
    sizes = message.each(key)
    return sizes[-1] if sizes else Fields({}, message.where(key))


def _attachment(kind: str, file: Fields) -> Attachment:
    """A sticker is called by the emoji that it stands for."""
    name = file.text("emoji") if kind == "sticker" else file.text("file_name")
    return Attachment(kind, id=file.id("file_id"), name=name, mime=file.text("mime_type"))


def _phone(message: Fields) -> str | None:
    """A number people share of themselves; that of a friend is only an attachment."""
    contact = message.sub("contact")
    own = contact.id("user_id") is not None and contact.id("user_id") == message.sub("from").id("id")
    return contact.text("phone_number") if own else None


def _said(message: Fields) -> Event:
    """The message as such, before it is asked who said it and to whom."""
    return Event(
        kind=Kind.MESSAGE,
        channel=NAME,
        id=_message_id(message),
        at=message.seconds("date"),
        text=message.text("text") or message.text("caption"),
        attachments=_attachments(message),
        parent=_parent(message),
        phone=_phone(message),
        **_person(_author(message)),
        **_place(message),
    )


def _message(update: Fields, message: Fields) -> list[Event]:
    said = _said(message)
    if "migrate_to_chat_id" in message:
        extra = {**said.extra, "migrated_to": message.need("migrate_to_chat_id")}
        return [replace(said, kind=Kind.ACCOUNT_EVENT, subtype="migrated", extra=extra)]
    if any(_SERVICE.match(key) for key in message.data):
        return [replace(said, kind=Kind.IGNORE)]
    if _by_the_house(message):
        return [echoed(said)]
    command, _, payload = (said.text or "").partition(" ")
    return [_started(said, payload)] if command.partition("@")[0] == "/start" else [said]


def _by_the_house(message: Fields) -> bool:
    """A group speaking as itself is one of its administrators, and forwards by itself what its channel posts."""
    speaks_as = message.sub("sender_chat").id("id")
    return message.flag("is_automatic_forward") or (speaks_as is not None and speaks_as == message.sub("chat").id("id"))


def _started(said: Event, payload: str) -> Event:
    """The app writes /start for whoever opens a bot, with the parameter of the link they came by: nobody typed it."""
    return replace(said, kind=Kind.ACTION, subtype="start", text=None, extra={**said.extra, "payload": payload})


def _business_message(update: Fields, message: Fields) -> list[Event]:
    """In a business inbox the chat is the customer; whoever else writes there is our side."""
    said, customer = _said(message), message.sub("chat").id("id")
    if said.author == customer:
        return [said]
    ours = "sender_business_bot" in message
    return [echoed(said, recipient=customer, own=ours)]


def _edited(update: Fields, message: Fields) -> list[Event]:
    """A live location is edited every few seconds while its owner moves."""
    said, at = _said(message), message.seconds("edit_date")
    if "location" in message:
        return [replace(said, kind=Kind.IGNORE, version=message.id("edit_date"))]
    return [replace(said, kind=Kind.EDIT, id=None, of=said.id, at=at or said.at, version=message.id("edit_date"))]


def _channel_post(update: Fields, message: Fields) -> list[Event]:
    return [echoed(_said(message))]


def _callback(update: Fields, query: Fields) -> list[Event]:
    """The date of the message below the button is not that of the press."""
    message = query.sub("message")
    place = _place(message) if "chat" in message else {"extra": {}}
    extra = {**place.pop("extra"), "payload": query.text("data")}
    return [
        Event(
            kind=Kind.ACTION,
            channel=NAME,
            id=query.need("id"),
            of=_message_id(message) if "chat" in message else None,
            extra=extra,
            **place,
            **_person(query.sub("from")),
        )
    ]


def _membership(update: Fields, change: Fields) -> list[Event]:
    """In a private chat the bot's own membership tells whether the person takes our messages."""
    place, status = _place(change), change.sub("new_chat_member").text("status")
    private = Kind.CONTACT_UPDATE, "blocked" if status == "kicked" else "unblocked"
    kind, subtype = (Kind.ACCOUNT_EVENT, status) if place["public"] else private
    at, person = change.seconds("date"), _person(change.sub("from"))
    return [Event(kind, NAME, id=update.need("update_id"), at=at, subtype=subtype, **place, **person)]


def _reaction(update: Fields, change: Fields) -> list[Event]:
    """Only the reactions that stand are told, so an empty list takes them back."""
    standing = [
        one.text("emoji") or one.id("custom_emoji_id") or one.text("type") for one in change.each("new_reaction")
    ]
    return [
        Event(
            kind=Kind.REACTION if standing else Kind.REACTION_REMOVED,
            channel=NAME,
            id=update.need("update_id"),
            at=change.seconds("date"),
            of=_message_id(change),
            emoji=standing[-1] if standing else None,
            **_place(change),
            **_person(change.sub("actor_chat" if "actor_chat" in change else "user")),
        )
    ]


def _deleted(update: Fields, change: Fields) -> list[Event]:
    place = _place(change)
    return [
        Event(Kind.DELETE, NAME, of=_message_id(Fields({**change.data, "message_id": number}, change.path)), **place)
        for number in change.ids("message_ids")
    ]


def _connection(update: Fields, connection: Fields) -> list[Event]:
    at, extra = connection.seconds("date"), {"inbox": connection.need("id"), "enabled": connection.flag("is_enabled")}
    return [Event(Kind.ACCOUNT_EVENT, NAME, id=update.need("update_id"), at=at, subtype="business", extra=extra)]


EVENTS: Mapping[str, Callable[[Fields, Fields], list[Event]]] = {
    "message": _message,
    "edited_message": _edited,
    "channel_post": _channel_post,
    "edited_channel_post": _edited,
    "callback_query": _callback,
    "my_chat_member": _membership,
    "message_reaction": _reaction,
    "business_message": _business_message,
    "edited_business_message": _edited,
    "deleted_business_messages": _deleted,
    "business_connection": _connection,
}


def events(body: Any) -> list[Event]:
    """The events of one update: beside its number it has one key, and that says what happened."""
    update = Fields.of(body)
    for key, handler in EVENTS.items():
        if key in update:
            return handler(update, update.sub(key))
    return [unknown(NAME, body, id=update.id("update_id"))]
