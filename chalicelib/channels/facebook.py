"""Facebook Pages: Messenger, comments, visitor posts, mentions and recommendations."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from chalicelib.channels.base import Capability, Credentials, Limit, Request, Response
from chalicelib.channels.parts.files import FACEBOOK as FILES
from chalicelib.channels.parts.files import FACEBOOK_COMMENTS, Takes
from chalicelib.channels.parts.meta import GraphChannel, Handler, Place, moment, said
from chalicelib.channels.parts.meta_lookup import own_photo, own_words, rows
from chalicelib.channels.parts.meta_messaging import MESSAGING, WRAPPED, content, late, said_privately, window, words
from chalicelib.channels.parts.meta_plain import FACEBOOK
from chalicelib.channels.parts.reading import Fields
from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.moderation import Act
from chalicelib.domain.reply import Mode, Outgoing

_REMOVED = ("remove", "delete")
_EDITED = ("edit", "edited")


def feed(place: Place, value: Fields) -> Iterable[Event]:
    """Something happened on the Page: the thing decides who reads it."""
    return FEED.get(value.text("item") or "", _unheard)(place, value)


def comment(place: Place, value: Fields) -> Iterable[Event]:
    native_id, post_id = value.need("comment_id"), _post_id(value)
    facts = {**_common(place, value), "post": post_id, "parent": _parent(value, post_id)}
    facts["conversation"] = facts["parent"] or native_id
    if value.text("verb") == "add":
        if _ours(place, value):
            facts["parent"] = value.id("parent_id")  # the post too: that is what our answer to a visitor's post answers
            return [place.event(Kind.ECHO, id=native_id, **facts, **_content(value))]
        return [place.event(Kind.COMMENT, id=native_id, **facts, **_content(value))]
    return _changed(place, value, native_id, facts)


def post(place: Place, value: Fields) -> Iterable[Event]:
    """A visitor's post, or one of our own, which nobody has to answer."""
    native_id = value.need("post_id")
    facts = {**_common(place, value), "post": native_id, "conversation": native_id}
    if value.text("verb") != "add":
        return _changed(place, value, native_id, facts)
    if _ours(place, value):
        return [place.event(Kind.IGNORE, id=native_id, reason="own post")]
    return [place.event(Kind.POST, id=native_id, **facts, **_content(value))]


def _changed(place: Place, value: Fields, of: str, facts: dict[str, Any]) -> Iterable[Event]:
    verb = value.text("verb")
    if verb in _EDITED:
        return [place.event(Kind.EDIT, of=of, **facts, **_content(value))]
    if verb in _REMOVED:
        return [place.event(Kind.DELETE, of=of, **facts)]
    if verb == "hide":
        return [place.event(Kind.HIDDEN, of=of, **facts)]
    return _unheard(place, value)


def reaction(place: Place, value: Fields) -> Iterable[Event]:
    """A reaction to a comment or post. Choosing another one is an edit; a like of the Page itself has no post."""
    of, removed = value.id("comment_id") or _post_id(value), value.text("verb") in _REMOVED
    if of is None:
        return [place.event(Kind.UNFOLLOW if removed else Kind.FOLLOW, **_common(place, value))]
    kind = Kind.REACTION_REMOVED if removed else Kind.REACTION
    emoji = None if removed else value.text("reaction_type") or "like"
    return [place.event(kind, of=of, emoji=emoji, post=_post_id(value), **_common(place, value))]


def mention(place: Place, value: Fields) -> Iterable[Event]:
    native_id = value.id("comment_id") or value.need("post_id")
    facts = {**_common(place, value), "post": value.id("post_id"), "conversation": native_id}
    if value.text("verb") != "add":
        return _changed(place, value, native_id, facts)
    if _ours(place, value):
        return [place.event(Kind.IGNORE, id=native_id, reason="own post")]
    return [place.event(Kind.MENTION, id=native_id, **facts, **_content(value))]


def ratings(place: Place, value: Fields) -> Iterable[Event]:
    """A recommendation, or what people do beneath one."""
    return (review if value.text("item") == "rating" else feed)(place, value)


def review(place: Place, value: Fields) -> Iterable[Event]:
    native_id, sentiment = value.need("open_graph_story_id"), value.text("recommendation_type")
    extra = said(sentiment=sentiment.lower() if sentiment else None, rating=value.id("rating"))
    facts = {
        "author": value.id("reviewer_id"),
        "name": value.text("reviewer_name"),
        "at": moment(value, "created_time"),
        "public": True,
        "conversation": native_id,
    }
    if value.text("verb") == "add":
        return [place.event(Kind.REVIEW, id=native_id, text=value.text("review_text"), extra=extra, **facts)]
    if value.text("verb") in _EDITED:
        return [place.event(Kind.EDIT, of=native_id, text=value.text("review_text"), extra=extra, **facts)]
    return _changed(place, value, native_id, facts)


def _unheard(place: Place, value: Fields) -> Iterable[Event]:
    return [place.unknown(f"{value.text('item')}/{value.text('verb')}", value.data)]


def _author(value: Fields) -> str | None:
    return value.sub("from").id("id") or value.id("sender_id")


def _ours(place: Place, value: Fields) -> bool:
    author = _author(value)
    return author is not None and author == place.account


def _common(place: Place, value: Fields) -> dict[str, Any]:
    """Who and when. ``from`` is missing without the permission or where the person does not allow it."""
    ours = _ours(place, value)
    return {
        "author": None if ours else _author(value),
        "name": None if ours else value.sub("from").text("name") or value.text("sender_name"),
        "at": moment(value, "created_time"),
        "public": True,
    }


def _content(value: Fields) -> dict[str, Any]:
    link = value.text("permalink_url") or value.sub("post").text("permalink_url")
    return {"text": value.text("message"), "attachments": _attachments(value), "extra": said(permalink=link)}


def _attachments(value: Fields) -> tuple[Attachment, ...]:
    photos: list[str | None] = [*value.ids("photos")] or [value.text("photo")]
    found = [("image", url) for url in photos] + [(kind, value.text(kind)) for kind in ("video", "link")]
    return tuple(Attachment(kind, url) for kind, url in found if url)


def _post_id(value: Fields) -> str | None:
    return value.id("post_id") or value.id("open_graph_story_id")


def _parent(value: Fields, post_id: str | None) -> str | None:
    """The comment replied to; a comment on the post itself names the post."""
    parent = value.id("parent_id")
    return None if parent == post_id else parent


FEED: Mapping[str, Handler] = {
    "comment": comment,
    "reaction": reaction,
    "like": reaction,
    **dict.fromkeys(("post", "status", "photo", "video", "album", "share", "link"), post),
}

_CAN: Mapping[Kind, frozenset[Capability]] = {
    Kind.MESSAGE: frozenset({Capability.REPLY}),
    Kind.COMMENT: frozenset(Capability) - {Capability.EDIT},
    Kind.POST: frozenset(Capability) - {Capability.EDIT},
    Kind.MENTION: frozenset({Capability.REPLY, Capability.LIKE}),
    Kind.REVIEW: frozenset({Capability.REPLY}),
}


class Facebook(GraphChannel):
    name = "facebook"
    files = FILES
    media_hosts = ("fbcdn.net", "cdn.fbsbx.com")
    title = "Facebook"
    api = "https://graph.facebook.com"
    topic = "page"
    fields: ClassVar[Mapping[str, Handler]] = {**WRAPPED, "feed": feed, "mention": mention, "ratings": ratings}
    messaging = MESSAGING
    plain = FACEBOOK
    acts: ClassVar[Mapping[Act, tuple[str, str, Mapping[str, str]]]] = {
        Act.HIDE: ("POST", "", {"is_hidden": "true"}),
        Act.UNHIDE: ("POST", "", {"is_hidden": "false"}),
        Act.DELETE: ("DELETE", "", {}),
        Act.LIKE: ("POST", "likes", {}),
    }

    def address(self, event: Event) -> Mapping[str, str]:
        if event.kind is Kind.MESSAGE:
            return said(psid=event.author, account=event.account)
        if event.kind not in _CAN:
            return {}
        if event.kind is Kind.REVIEW or event.id == event.post:
            return said(post=event.id, account=event.account)
        return said(comment=event.id, thread=event.parent, account=event.account)

    def capabilities(self, event: Event) -> frozenset[Capability]:
        return _CAN.get(event.kind, frozenset())

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(8000) if outgoing.mode is Mode.PUBLIC else Limit(2000)

    def takes(self, mode: Mode) -> Mapping[str, Takes]:
        return FACEBOOK_COMMENTS if mode is Mode.PUBLIC else super().takes(mode)

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        return window(mode, options)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        if outgoing.mode is Mode.PUBLIC:
            said = {"attachment_url": outgoing.link} if outgoing.file else {"message": words(outgoing)}
            return self.call("POST", [_answered(outgoing), "comments"], credentials, said)
        kind = {"messaging_type": "RESPONSE", **late(outgoing, credentials)}
        message = {**content(outgoing, self.files), "metadata": outgoing.id}
        body = said_privately(outgoing, "psid", message, **kind)
        return self.call("POST", [self.sender(outgoing, credentials), "messages"], credentials, body)

    def native_id(self, outgoing: Outgoing, answer: Fields) -> str:
        return answer.need("id" if outgoing.mode is Mode.PUBLIC else "message_id")

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request | None:
        if outgoing.mode is Mode.PUBLIC:
            fields = "id,message,from,created_time" + (",attachment{type}" if outgoing.file else "")
            query = {"fields": fields, "order": "reverse_chronological", "limit": "100"}
            thread = outgoing.address.get("thread") or _answered(outgoing)
            return self.call("GET", [thread, "comments"], credentials, **query)
        if outgoing.mode is Mode.PRIVATE_REPLY or outgoing.file:
            return None
        query = {"user_id": outgoing.address["psid"], "fields": "messages{id,message,from,created_time}"}
        return self.call("GET", [self.sender(outgoing, credentials), "conversations"], credentials, **query)

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        data = rows(response.json())
        if outgoing.mode is not Mode.PUBLIC:
            data = [row for thread in data for row in rows(thread.data.get("messages"))]
        return own_photo(data, outgoing) if outgoing.file else own_words(data, outgoing, "message", "created_time")


def _answered(outgoing: Outgoing) -> str:
    """The comment or post to answer beneath. An answer to an answer lands in the thread of the top-level comment."""
    return outgoing.address.get("comment") or outgoing.address["post"]


CHANNEL = Facebook()
