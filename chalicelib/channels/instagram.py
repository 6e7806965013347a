"""Instagram: direct messages, story replies and mentions, comments and live comments. Both login flavours.

By default the Instagram Login host is spoken to. For accounts behind a Facebook Page set ``api`` to Graph's Facebook
host and the option ``page_id``, which is the asset that sends there.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from chalicelib.channels.base import Capability, Credentials, Limit, Malformed, Request, Response
from chalicelib.channels.parts.files import INSTAGRAM as FILES
from chalicelib.channels.parts.meta import GraphChannel, Handler, Place, said
from chalicelib.channels.parts.meta_lookup import own_words, rows
from chalicelib.channels.parts.meta_messaging import MESSAGING, WRAPPED, content, late, said_privately, window, words
from chalicelib.channels.parts.meta_plain import INSTAGRAM
from chalicelib.channels.parts.reading import Fields
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.moderation import Act
from chalicelib.domain.reply import Mode, Outgoing


def comments(place: Place, value: Fields) -> Iterable[Event]:
    return [_comment(place, value, None)]


def live_comments(place: Place, value: Fields) -> Iterable[Event]:
    return [_comment(place, value, "live")]


def _comment(place: Place, value: Fields, subtype: str | None) -> Event:
    """A comment. It carries no time of its own, so it has the time at which it was told."""
    native_id = value.id("id") or value.need("comment_id")
    author, media, parent = value.sub("from"), value.sub("media"), value.id("parent_id")
    ours = "self_ig_scoped_id" in author or ("id" in author and author.id("id") == place.account)
    return place.event(
        Kind.ECHO if ours else Kind.COMMENT,
        id=native_id,
        at=place.sent,
        author=None if ours else author.id("id"),
        handle=None if ours else author.text("username"),
        text=value.text("text"),
        subtype=subtype,
        parent=parent,
        post=media.id("id"),
        conversation=parent or native_id,
        public=True,
        extra=said(campaign=media.id("ad_id"), original_post=media.id("original_media_id")),
    )


def mentions(place: Place, value: Fields) -> Iterable[Event]:
    """Somebody named us elsewhere. Only ids are told; author and words have to be fetched."""
    post = value.need("media_id")
    native_id = value.id("comment_id") or post
    facts = {"post": post, "conversation": native_id, "public": True, "at": place.sent}
    return [place.event(Kind.MENTION, id=native_id, **facts)]


def story_insights(place: Place, value: Fields) -> Iterable[Event]:
    return [place.event(Kind.IGNORE, reason="metrics")]


_CAN: Mapping[Kind, frozenset[Capability]] = {
    Kind.MESSAGE: frozenset({Capability.REPLY}),
    Kind.COMMENT: frozenset({Capability.REPLY, Capability.PRIVATE_REPLY, Capability.HIDE, Capability.DELETE}),
    Kind.MENTION: frozenset({Capability.REPLY}),
}


class Instagram(GraphChannel):
    name = "instagram"
    files = FILES
    media_hosts = ("cdninstagram.com", "fbcdn.net", "lookaside.fbsbx.com")
    title = "Instagram"
    api = "https://graph.instagram.com"
    topic = "instagram"
    fields: ClassVar[Mapping[str, Handler]] = {
        **WRAPPED,
        "comments": comments,
        "live_comments": live_comments,
        "mentions": mentions,
        "story_insights": story_insights,
    }
    messaging = MESSAGING
    plain = INSTAGRAM
    acts: ClassVar[Mapping[Act, tuple[str, str, Mapping[str, str]]]] = {
        Act.HIDE: ("POST", "", {"hide": "true"}),
        Act.UNHIDE: ("POST", "", {"hide": "false"}),
        Act.DELETE: ("DELETE", "", {}),
    }

    def decode(self, raw: bytes) -> Any:
        """Some of Instagram's samples are an array of envelopes; it becomes one envelope."""
        try:
            return super().decode(raw)
        except Malformed:
            envelopes = Response(200, body=raw).json()
            if not (isinstance(envelopes, list) and envelopes and all(map(_is_envelope, envelopes))):
                raise
        return {"object": envelopes[0].get("object"), "entry": [entry for one in envelopes for entry in one["entry"]]}

    def address(self, event: Event) -> Mapping[str, str]:
        if event.kind is Kind.MESSAGE:
            return said(igsid=event.author, account=event.account)
        if event.kind is Kind.COMMENT:
            return said(comment=event.id, thread=event.parent, account=event.account)
        if event.kind is Kind.MENTION:
            comment = event.id if event.id != event.post else None
            return said(media=event.post, comment=comment, account=event.account)
        return {}

    def capabilities(self, event: Event) -> frozenset[Capability]:
        """A live comment can be answered in private only, and only while the broadcast lasts."""
        if event.kind is Kind.COMMENT and event.subtype == "live":
            return frozenset({Capability.PRIVATE_REPLY})
        return _CAN.get(event.kind, frozenset())

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(2200) if outgoing.mode is Mode.PUBLIC else Limit(1000, "bytes")

    def length(self, outgoing: Outgoing) -> int:
        """Direct messages are measured in UTF-8 bytes, comments in characters."""
        return len(outgoing.text) if outgoing.mode is Mode.PUBLIC else len(words(outgoing).encode())

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        return window(mode, options)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """No ``fields`` on a POST: Instagram has answered that with an error after it had created the comment."""
        sender, address = self.sender(outgoing, credentials), outgoing.address
        if outgoing.mode is not Mode.PUBLIC:
            message = content(outgoing, self.files)
            body = said_privately(outgoing, "igsid", message, **late(outgoing, credentials))
            return self.call("POST", [credentials.options.get("page_id", sender), "messages"], credentials, body)
        if "media" in address:
            body = said(media_id=address["media"], comment_id=address.get("comment"), message=words(outgoing))
            return self.call("POST", [sender, "mentions"], credentials, body)
        return self.call("POST", [address["comment"], "replies"], credentials, {"message": words(outgoing)})

    def native_id(self, outgoing: Outgoing, answer: Fields) -> str:
        return answer.need("id" if outgoing.mode is Mode.PUBLIC else "message_id")

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request | None:
        """Only replies beneath our own media can be read back; the rest is settled by its echo or by a person."""
        if outgoing.mode is not Mode.PUBLIC or "media" in outgoing.address:
            return None
        thread = outgoing.address.get("thread") or outgoing.address["comment"]
        return self.call("GET", [thread, "replies"], credentials, fields="id,text,from,timestamp", limit="100")

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        return own_words(rows(response.json()), outgoing, "text", "timestamp")


def _is_envelope(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("entry"), list)


CHANNEL = Instagram()
