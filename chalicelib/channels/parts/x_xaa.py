"""X's newer webhook family, the X Activity API: a body holds one event of a named type, in v2's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.channels.parts.reading import Fields, echoed, unknown
from chalicelib.channels.parts.x_objects import (
    DIRECT,
    NAME,
    RELATIONS,
    Account,
    conversation,
    described,
    language,
    media,
    relation,
    unescaped,
    visible_from,
)
from chalicelib.domain.event import Attachment, Event, Kind


@dataclass(frozen=True, slots=True)
class Told:
    """One event: ``uuid`` names its delivery, ``type`` what happened, ``account`` whose subscription it came by."""

    uuid: str
    type: str
    account: Account
    payload: Fields
    includes: Fields
    inbound: bool

    @property
    def verb(self) -> str:
        return self.type.rpartition(".")[2]


def is_activity(body: Any) -> bool:
    """The older family has no ``data``; the filtered stream, which may share our URL, has it without a type."""
    return isinstance(body, Mapping) and isinstance(body.get("data"), Mapping)


def split(body: Any) -> list[Any]:
    """One event a body, except that direct messages are a list as in the older family."""
    payload = body["data"].get("payload")
    lists = {key: payload[key] for key in DIRECT if isinstance(payload, Mapping) and isinstance(payload.get(key), list)}
    if sum(map(len, lists.values())) < 2:
        return [body]
    rest = {key: value for key, value in payload.items() if key not in lists}
    pieces = [{**rest, key: [one]} for key, many in lists.items() for one in many]
    return [{**body, "data": {**body["data"], "payload": piece}} for piece in pieces]


def events(body: Any) -> list[Event]:
    data = Fields.of(body).sub("data")
    type, payload, matched = data.text("event_type") or "", data.data.get("payload"), data.sub("filter")
    handler = EVENTS.get(type) or FAMILIES.get(type.partition(".")[0])
    if handler is None or not isinstance(payload, Mapping):
        return [unknown(NAME, body, matched.id("user_id"), data.id("event_uuid"))]
    content = Fields(payload, "data.payload")
    users = Fields({**_users(data.sub("includes")), **content.sub("users").data}, "users")
    told = Told(
        uuid=data.need("event_uuid"),
        type=type,
        account=Account(matched.id("user_id"), users),
        payload=content,
        includes=data.sub("includes"),
        inbound=matched.text("direction") != "outbound",
    )
    return handler(told)


def _users(includes: Fields) -> dict[str, Any]:
    """The people of a post, by id. They come bare or wrapped, and often not at all."""
    known = {described(user)["author"]: user.data for user in includes.each("users")}
    return {id: user for id, user in known.items() if id}


# -- posts --------------------------------------------------------------------------------------------------------


def _post(kind: Kind, subtype: str | None = None) -> Callable[[Told], list[Event]]:
    def read(told: Told) -> list[Event]:
        said = _said(told)
        versions = told.payload.ids("edit_history_tweet_ids")
        if len(versions) > 1:
            # Every edit is a post of its own with a greater number.
            return [replace(said, kind=Kind.EDIT, of=versions[0], version=said.id)]
        if said.author == told.account.id:
            return [_own(told, said)]
        if kind is Kind.REPOST:
            return [replace(said, kind=kind, of=_referenced(told.payload, "retweeted"), text=None)]
        return [replace(said, kind=kind, subtype=subtype)]

    return read


def _said(told: Told) -> Event:
    post = told.payload
    root, quoted = post.id("conversation_id"), _referenced(post, "quoted")
    return Event(
        kind=Kind.POST,
        channel=NAME,
        account=told.account.id,
        id=post.need("id"),
        at=post.time("created_at"),
        text=unescaped(post.sub("note_tweet").text("text") or post.text("text")),
        attachments=_attachments(told),
        parent=post.id("in_reply_to_tweet_id") or _referenced(post, "replied_to"),
        root=root,
        conversation=root or post.id("id"),
        public=True,
        language=language(post),
        extra={**visible_from(post), **({"quoted": quoted} if quoted else {})},
        **told.account.person(post.need("author_id")),
    )


def _own(told: Told, said: Event) -> Event:
    answered = told.payload.id("in_reply_to_user_id")
    return echoed(said, None if answered == told.account.id else answered)


def _referenced(post: Fields, type: str) -> str | None:
    found = [one.id("id") for one in post.each("referenced_tweets") if one.text("type") == type]
    return found[0] if found else None


def _attachments(told: Told) -> tuple[Attachment, ...]:
    """A post names its media by key; what they are stands beside it, if anywhere."""
    known = {one.id("media_key"): one for one in told.includes.each("media")}
    keys = told.payload.sub("attachments").ids("media_keys")
    return tuple(
        media(known[key], known[key].text("type") or "media") if key in known else Attachment("media", id=key)
        for key in keys
    )


def _deleted(told: Told) -> list[Event]:
    author = told.payload.id("author_id")
    own = {"self": True} if author == told.account.id else {}
    post = told.payload.need("id")
    return [Event(Kind.DELETE, NAME, told.account.id, of=post, author=author, public=True, extra=own)]


def _comment_on_air(told: Told) -> list[Event]:
    """A comment under a live broadcast; X has no call that answers one."""
    said = Event(
        kind=Kind.COMMENT,
        channel=NAME,
        account=told.account.id,
        id=told.payload.need("message_id"),
        text=unescaped(told.payload.text("message")),
        root=told.payload.id("broadcast_id"),
        conversation=told.payload.id("broadcast_id"),
        public=True,
        subtype="broadcast",
        **described(told.payload.sub("author")),
    )
    return [said if said.author != told.account.id else echoed(said)]


# -- people -------------------------------------------------------------------------------------------------------


def _liked(told: Told) -> list[Event]:
    """``created_at`` is the time of the post. Who liked it is told only by being described beside it."""
    others = [user for user in told.account.users.data if user != told.account.id]
    return [
        Event(
            kind=Kind.LIKE if told.inbound else Kind.IGNORE,
            channel=NAME,
            account=told.account.id,
            id=told.payload.need("id"),
            of=told.payload.need("liked_tweet_id"),
            at=told.payload.millis("timestamp_ms"),
            public=True,
            **told.account.person(others[0] if len(others) == 1 else None),
        )
    ]


def _relation(told: Told) -> list[Event]:
    if told.verb not in RELATIONS:
        return [unknown(NAME, None, told.account.id, told.uuid)]
    return [relation(told.account, told.verb, told.payload, None, id=told.uuid)]


def _direct(told: Told) -> list[Event]:
    lists = [key for key in DIRECT if key in told.payload]
    if not lists:
        return [unknown(NAME, None, told.account.id, told.uuid)]
    return [DIRECT[key](told.account, one) for key in lists for one in told.payload.each(key)]


def _encrypted(told: Told) -> list[Event]:
    """An XChat message: only the people talking have its key, so all we learn is who and when."""
    sender = told.payload.need("sender_id")
    talk = (told.payload.id("conversation_id") or "").split(":")
    others = [user for user in talk if user != told.account.id]
    said = Event(
        kind=Kind.MESSAGE,
        channel=NAME,
        account=told.account.id,
        id=told.payload.need("id"),
        at=told.payload.millis("created_at_msec"),
        conversation=conversation(*talk) if len(talk) == 2 else None,
        subtype="encrypted",
        **told.account.person(sender),
    )
    return [said if sender != told.account.id else echoed(said, next(iter(others), None))]


# -- our account --------------------------------------------------------------------------------------------------


def _profile(told: Told) -> list[Event]:
    changed = told.verb
    handle = told.payload.text("after") if changed == "handle" else None
    subtype = "rename" if changed == "handle" else f"profile_{changed}"
    return [Event(Kind.ACCOUNT_EVENT, NAME, told.account.id, id=told.uuid, subtype=subtype, handle=handle)]


def _revoked(told: Told) -> list[Event]:
    return [Event(Kind.REVOKED, NAME, told.payload.need("user_id"), at=told.payload.time("date_time"))]


def _ignored(told: Told) -> list[Event]:
    return [Event(Kind.IGNORE, NAME, told.account.id, id=told.uuid, subtype=told.type)]


EVENTS: Mapping[str, Callable[[Told], list[Event]]] = {
    "post.create": _post(Kind.POST),
    "post.delete": _deleted,
    "post.mention.create": _post(Kind.MENTION),
    "post.reply.create": _post(Kind.COMMENT),
    "post.quote.create": _post(Kind.MENTION, "quote"),
    "post.repost.create": _post(Kind.REPOST),
    "like.create": _liked,
    "chat.received": _encrypted,
    "chat.sent": _encrypted,
    "chat.conversation_join": _ignored,
    "broadcast.chat": _comment_on_air,
    "oauth.revoke": _revoked,
}

FAMILIES: Mapping[str, Callable[[Told], list[Event]]] = {
    "follow": _relation,
    "mute": _relation,
    "block": _relation,
    "dm": _direct,
    "profile": _profile,
    "broadcast": _ignored,
    "spaces": _ignored,
    "news": _ignored,
}
