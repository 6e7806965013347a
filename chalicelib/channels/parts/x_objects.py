"""What both webhook families of X have in common: people, times, texts, direct messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Unreadable
from chalicelib.channels.parts.reading import Fields
from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.instants import iso

NAME = "x"

_MEDIA = {"photo": "image", "animated_gif": "video"}
_NO_LANGUAGE = frozenset({"und", "zxx", "art"})


@dataclass(frozen=True, slots=True)
class Account:
    """Ours that was told, and the people described beside what happened."""

    id: str | None
    users: Fields = field(default_factory=lambda: Fields({}))

    def person(self, user: str | None) -> dict[str, Any]:
        """What is known of a person; the newer family wraps them, the older does not, and either may leave them out."""
        known = self.users.sub(user) if user else Fields({})
        return {**described(known), "author": user}


def described(user: Fields) -> dict[str, Any]:
    """A person in v1.1's words or in v2's."""
    user = user.sub("data") if "data" in user else user
    followers = user.number("followers_count")
    return {
        "author": user.id("id_str") or user.id("id"),
        "name": user.text("name"),
        "handle": user.text("screen_name") or user.text("username"),
        "followers": user.sub("public_metrics").number("followers_count") if followers is None else followers,
    }


def unescaped(text: str | None) -> str | None:
    """X escapes these three and nothing else, once."""
    return text and text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def language(post: Fields) -> str | None:
    """X has codes of its own for posts without words, like qme for media only."""
    code = post.text("lang")
    return None if code is None or code in _NO_LANGUAGE or (len(code) == 3 and code.startswith("q")) else code


def visible_from(post: Fields) -> dict[str, int]:
    """Where the words begin, in code points: the people answered stand before."""
    shown = post.items("display_text_range")
    start = shown[0] if shown else None
    return {"visible_from": start} if isinstance(start, int) and start > 0 else {}


def media(one: Fields, kind: str) -> Attachment:
    url = one.text("media_url_https") or one.text("url") or one.text("preview_image_url")
    return Attachment(_MEDIA.get(kind, kind), url=url, id=one.id("id_str") or one.id("media_key"))


def conversation(one: str, other: str) -> str:
    """X's own name of a talk between two: both numbers, the smaller first."""
    if not (one.isdecimal() and other.isdecimal()):
        raise Unreadable("a participant of a direct message has no number")
    return "-".join(sorted((one, other), key=lambda number: (len(number), number)))


def relation(account: Account, verb: str, event: Fields, at: datetime | None, id: str | None = None) -> Event:
    """Somebody follows, blocks or mutes somebody; one of them is us. Such events have no id of their own."""
    source, target = described(event.sub("source")), described(event.sub("target"))
    ours = source["author"] == account.id
    stamp = iso(at) if at else ""
    kind, word = _RELATIONS[verb]
    return Event(
        kind=Kind.IGNORE if ours and word is None else kind,
        channel=NAME,
        account=account.id,
        id=id or f"{verb}:{source['author']}:{target['author']}:{stamp}",
        at=at,
        subtype=f"{word}_by_us" if ours and word else word,
        **(target if ours else source),
    )


_RELATIONS = {
    "follow": (Kind.FOLLOW, None),
    "unfollow": (Kind.UNFOLLOW, None),
    "block": (Kind.CONTACT_UPDATE, "blocked"),
    "unblock": (Kind.CONTACT_UPDATE, "unblocked"),
    "mute": (Kind.CONTACT_UPDATE, "muted"),
    "unmute": (Kind.CONTACT_UPDATE, "unmuted"),
}
RELATIONS = frozenset(_RELATIONS)


# -- direct messages ----------------------------------------------------------------------------------------------


def _between(account: Account, place: Fields, kinds: tuple[Kind, Kind]) -> Event:
    """Who spoke to whom: the first kind when it was the customer, the second when it was us."""
    sender, recipient = place.need("sender_id"), place.sub("target").need("recipient_id")
    thread = conversation(sender, recipient)
    if sender == account.id:
        return Event(kinds[1], NAME, account.id, recipient=recipient, conversation=thread)
    return Event(kinds[0], NAME, account.id, conversation=thread, **account.person(sender))


def _message(account: Account, event: Fields) -> Event:
    created = event.sub("message_create")
    data, app = created.sub("message_data"), created.id("source_app_id")
    answer = data.sub("quick_reply_response").text("metadata")
    extra = {key: value for key, value in (("app", app), ("payload", answer)) if value is not None}
    return replace(
        _between(account, created, (Kind.MESSAGE, Kind.ECHO)),
        id=event.need("id"),
        at=event.millis("created_timestamp"),
        text=_words(data),
        attachments=_attachments(data.sub("attachment")),
        extra=extra,
    )


def _words(data: Fields) -> str | None:
    """With a file, the text ends in a link to that file."""
    link = data.sub("attachment").sub("media").text("url")
    text = data.text("text")
    if text and link:
        text = text.removesuffix(link).rstrip()
    return unescaped(text) or None


def _attachments(attachment: Fields) -> tuple[Attachment, ...]:
    kind = attachment.text("type")
    if kind is None:
        return ()
    if kind != "media":
        return (Attachment(kind),)
    one = attachment.sub("media")
    return (media(one, one.text("type") or "media"),)


def _typing(account: Account, event: Fields) -> Event:
    return replace(_between(account, event, (Kind.TYPING, Kind.IGNORE)), at=event.millis("created_timestamp"))


def _read(account: Account, event: Fields) -> Event:
    at = event.millis("created_timestamp")
    talk = _between(account, event, (Kind.READ, Kind.IGNORE))
    return replace(talk, of=event.need("last_read_event_id"), at=at, up_to=at)


DIRECT: Mapping[str, Callable[[Account, Fields], Event]] = {
    "direct_message_events": _message,
    "direct_message_indicate_typing_events": _typing,
    "direct_message_mark_read_events": _read,
}
