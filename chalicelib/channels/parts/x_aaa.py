"""X's older webhook family, the Account Activity API: a body names our account and lists v1.1 objects."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.channels.base import Unreadable
from chalicelib.channels.parts.reading import Fields, echoed, unknown
from chalicelib.channels.parts.x_objects import (
    DIRECT,
    NAME,
    RELATIONS,
    Account,
    described,
    language,
    media,
    relation,
    unescaped,
    visible_from,
)
from chalicelib.domain.event import Attachment, Event, Kind

_BESIDE = frozenset({"for_user_id", "user_has_blocked", "users", "apps"})
_FEW = 10
_CLOCK = "%a %b %d %H:%M:%S %z %Y"


def split(body: Any) -> list[Any]:
    """Every element of every list by itself, with what stands beside the lists: of the people, those it names."""
    said = Fields.of(body).data
    beside = {key: value for key, value in said.items() if key in _BESIDE}
    told = [(key, piece) for key, value in said.items() if key not in _BESIDE for piece in _pieces(value)]
    return [{**_named(beside, piece), key: piece} for key, piece in told] if told else [body]


def _named(beside: Mapping[str, Any], piece: Any) -> Mapping[str, Any]:
    """Were everybody sent along with every piece, a body of many would grow to the square of its size."""
    users = beside.get("users")
    if not isinstance(users, dict) or len(users) <= _FEW:
        return beside
    return {**beside, "users": {one: users[one] for one in _texts(piece) if one in users}}


def _texts(node: Any) -> list[str]:
    found, level = [], [node]
    while level:
        one = level.pop()
        if isinstance(one, dict | list):
            level += one.values() if isinstance(one, dict) else one
        elif isinstance(one, str):
            found.append(one)
    return found


def _pieces(value: Any) -> list[Any]:
    return [[one] for one in value] if isinstance(value, list) else [value]


def events(body: Any) -> list[Event]:
    said = Fields.of(body)
    account = Account(said.id("for_user_id"), said.sub("users"))
    told = [key for key in said.data if key not in _BESIDE]
    return [event for key in told for event in _events(said, account, key)] or ([] if told else [unknown(NAME, body)])


def _events(said: Fields, account: Account, key: str) -> list[Event]:
    if key in DIRECT:
        return [DIRECT[key](account, one) for one in said.each(key)]
    if key in LISTS:
        return [LISTS[key](account, one) for one in said.each(key)]
    if key in SINGLES:
        return [SINGLES[key](said.sub(key))]
    return [unknown(NAME, {key: said.data[key]}, account.id)]


# -- posts --------------------------------------------------------------------------------------------------------


def _post(account: Account, tweet: Fields) -> Event:
    said = _said(account, tweet)
    versions = tweet.sub("edit_history").ids("edit_tweet_ids")
    if len(versions) > 1:
        # Every edit is a post of its own with a greater number.
        return replace(said, kind=Kind.EDIT, of=versions[0], version=said.id)
    if said.author == account.id:
        return echoed(said, _answered(account, tweet))
    if "retweeted_status" in tweet:
        return replace(said, kind=Kind.REPOST, of=tweet.sub("retweeted_status").need("id_str"), text=None)
    return replace(said, **_addressed(account, tweet))


def _said(account: Account, tweet: Fields) -> Event:
    long = tweet.sub("extended_tweet")
    parent, id = tweet.id("in_reply_to_status_id_str"), tweet.need("id_str")
    quoted = tweet.id("quoted_status_id_str")
    return Event(
        kind=Kind.MENTION,
        channel=NAME,
        account=account.id,
        id=id,
        at=tweet.millis("timestamp_ms") or _time(tweet, "created_at"),
        text=unescaped(long.text("full_text") or tweet.text("text")),
        attachments=_attachments(long if "full_text" in long else tweet),
        parent=parent,
        conversation=parent or id,
        public=True,
        language=language(tweet),
        extra={**visible_from(long if "full_text" in long else tweet), **({"quoted": quoted} if quoted else {})},
        **described(tweet.sub("user")),
    )


def _addressed(account: Account, tweet: Fields) -> dict[str, Any]:
    """How the post concerns us: it answers us, quotes us, or names us."""
    if tweet.id("in_reply_to_user_id_str") == account.id:
        return {"kind": Kind.COMMENT}
    if tweet.sub("quoted_status").sub("user").id("id_str") == account.id:
        return {"kind": Kind.MENTION, "subtype": "quote"}
    unnamed = account.id not in _mentioned(tweet)
    return {"kind": Kind.COMMENT if unnamed and "in_reply_to_status_id_str" in tweet else Kind.MENTION}


def _mentioned(tweet: Fields) -> set[str | None]:
    """Accounts that vanished are mentioned without an id."""
    whole = tweet.sub("extended_tweet") if "extended_tweet" in tweet else tweet
    return {one.id("id_str") for one in whole.sub("entities").each("user_mentions")}


def _answered(account: Account, tweet: Fields) -> str | None:
    """Whom our own post answers; nobody when it continues a thread of ours."""
    user = tweet.id("in_reply_to_user_id_str")
    return None if user == account.id else user


def _attachments(tweet: Fields) -> tuple[Attachment, ...]:
    return tuple(media(one, one.text("type") or "media") for one in tweet.sub("extended_entities").each("media"))


def _time(tweet: Fields, key: str) -> datetime | None:
    written = tweet.text(key)
    try:
        return datetime.strptime(written, _CLOCK).astimezone(UTC) if written else None
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{tweet.where(key)} is not a time") from error


# -- everything else ----------------------------------------------------------------------------------------------


def _favorite(account: Account, event: Fields) -> Event:
    who = described(event.sub("user"))
    return Event(
        kind=Kind.IGNORE if who["author"] == account.id else Kind.LIKE,
        channel=NAME,
        account=account.id,
        id=event.need("id"),
        of=event.sub("favorited_status").need("id_str"),
        at=event.millis("timestamp_ms"),
        public=True,
        **who,
    )


def _relation(account: Account, event: Fields) -> Event:
    """An unfollow comes in the list of follows, and so do their likes."""
    verb = event.text("type")
    if verb not in RELATIONS:
        return unknown(NAME, dict(event.data), account.id)
    return relation(account, verb, event, event.millis("created_timestamp"))


def _deleted(account: Account, event: Fields) -> Event:
    """X asks to forget the text, whoever wrote it."""
    status = event.sub("status")
    author, at = status.id("user_id"), event.millis("timestamp_ms")
    own = {"self": True} if author == account.id else {}
    return Event(Kind.DELETE, NAME, account.id, of=status.need("id"), at=at, author=author, public=True, extra=own)


LISTS: Mapping[str, Callable[[Account, Fields], Event]] = {
    "tweet_create_events": _post,
    "tweet_delete_events": _deleted,
    "favorite_events": _favorite,
    "follow_events": _relation,
    "unfollow_events": _relation,
    "block_events": _relation,
    "unblock_events": _relation,
    "mute_events": _relation,
    "unmute_events": _relation,
}


def _revoked(event: Fields) -> Event:
    """The only event that does not name our account at the top: it has just left."""
    if "revoke" not in event:
        return unknown(NAME, dict(event.data))
    revoke = event.sub("revoke")
    return Event(Kind.REVOKED, NAME, revoke.sub("source").need("user_id"), at=revoke.time("date_time"))


def _replayed(status: Fields) -> Event:
    state = {"state": status.text("job_state"), "description": status.text("job_state_description")}
    return Event(Kind.REPLAY_STATUS, NAME, id=status.need("job_id"), extra=state)


SINGLES: Mapping[str, Callable[[Fields], Event]] = {"user_event": _revoked, "replay_job_status": _replayed}
