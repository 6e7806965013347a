"""X, formerly Twitter: posts that name us, replies, quotes and direct messages (docs.x.com)."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.channels.base import (
    Answer,
    Capability,
    Channel,
    Credentials,
    Inbound,
    Limit,
    Refused,
    Request,
    Response,
    Unreadable,
)
from chalicelib.channels.parts import x_aaa, x_xaa
from chalicelib.channels.parts.files import Takes
from chalicelib.channels.parts.files import X as FILES
from chalicelib.channels.parts.reading import Fields, answered, pause, seconds
from chalicelib.channels.parts.signatures import any_equal, base64_sha256
from chalicelib.channels.parts.text import clean
from chalicelib.channels.parts.uploads import Uploads
from chalicelib.channels.parts.x_objects import NAME, unescaped
from chalicelib.channels.parts.x_text import URL, weighted
from chalicelib.domain import moderation
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.moderation import Act
from chalicelib.domain.reply import Failed, Later, Mode, Outcome, Outgoing, Sent, Unclear

PAUSE = timedelta(minutes=15)
"""The length of X's rate windows."""
CAPPED = timedelta(hours=1)
SKEW = timedelta(minutes=1)
_PUBLIC = frozenset({Kind.POST, Kind.MENTION, Kind.COMMENT})
_ANSWERABLE = frozenset({Capability.REPLY, Capability.PRIVATE_REPLY, Capability.LIKE})
_HIDEABLE = _ANSWERABLE | {Capability.HIDE}
_HIDDEN = {Act.HIDE: True, Act.UNHIDE: False}
_MUTE = frozenset({"encrypted", "broadcast"})


class X(Channel, Uploads):
    name = NAME
    files = FILES
    media_hosts = ("pbs.twimg.com", "video.twimg.com")
    title = "X"
    api = "https://api.x.com"

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        wanted = [f"sha256={base64_sha256(secret, request.body)}" for secret in secrets]
        return any_equal(request.headers.get("x-twitter-webhooks-signature", ""), wanted)

    def handshake(self, request: Inbound, credentials: Credentials) -> Answer | None:
        """The challenge X repeats every hour, answered with the newest consumer secret."""
        token, secrets = request.query.get("crc_token"), [secret for secret in credentials.secrets if secret]
        if not token or not secrets:
            raise Refused("no crc_token to answer" if secrets else "no consumer secret to answer with")
        answer = base64_sha256(secrets[0], token.encode("utf-8", "surrogatepass"))
        return Answer(200, json.dumps({"response_token": f"sha256={answer}"}), "application/json")

    def split(self, body: Any) -> Iterable[Any]:
        return x_xaa.split(body) if x_xaa.is_activity(body) else x_aaa.split(body)

    def parse(self, piece: Any) -> Iterable[Event]:
        return x_xaa.events(piece) if x_xaa.is_activity(piece) else x_aaa.events(piece)

    def address(self, event: Event) -> Mapping[str, str]:
        named = {"post": event.id if event.public else None, "user": event.author}
        return {key: value for key, value in named.items() if value is not None}

    def capabilities(self, event: Event) -> frozenset[Capability]:
        """There is no private reply to a post, but its author can be written to, if they let us.

        X hides replies only, and only those below what we posted; of others it says so when it is asked.
        """
        if event.subtype in _MUTE or event.author is None:
            return frozenset()
        if event.kind in _PUBLIC:
            return _HIDEABLE if event.kind is Kind.COMMENT else _ANSWERABLE
        return frozenset({Capability.REPLY}) if event.kind is Kind.MESSAGE else frozenset()

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(280, "weighted characters") if outgoing.mode is Mode.PUBLIC else Limit(10_000)

    def length(self, outgoing: Outgoing) -> int:
        return weighted(outgoing.text) if outgoing.mode is Mode.PUBLIC else len(outgoing.text)

    def takes(self, mode: Mode) -> Mapping[str, Takes]:
        return self.files

    def upload(self, outgoing: Outgoing, credentials: Credentials, body: bytes) -> Request:
        """In one call. What is for a post cannot go into a direct message, nor the other way round."""
        mime = outgoing.file.mime if outgoing.file else ""
        category = f"{'tweet' if outgoing.mode is Mode.PUBLIC else 'dm'}_{self.files[mime].kind}"
        said = {"media": b64encode(body).decode(), "media_category": category, "media_type": mime}
        return self._call(credentials, "POST", "/2/media/upload", said)

    def uploaded(self, response: Response) -> str | Failed | Later | Unclear:
        try:
            answer = answered(response)
            if response.status in (200, 201):
                return answer.sub("data").id("id") or Unclear("X names nothing that was uploaded")
            return _problem(answer, response, _UPLOADS)
        except Unreadable as error:
            return Unclear(str(error))

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        if outgoing.mode is Mode.PUBLIC:
            shown = {"media": {"media_ids": [outgoing.media]}} if outgoing.file else {"text": clean(outgoing.text)}
            reply = {"in_reply_to_tweet_id": outgoing.address["post"]}
            return self._call(credentials, "POST", "/2/tweets", {**shown, "reply": reply})
        sent = {"attachments": [{"media_id": outgoing.media}]} if outgoing.file else {"text": clean(outgoing.text)}
        return self._call(credentials, "POST", f"{_talk(outgoing)}/messages", sent)

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        try:
            return _outcome(outgoing, answered(response), response)
        except Unreadable as error:
            return Unclear(str(error))

    def lookup(self, outgoing: Outgoing, credentials: Credentials) -> Request | None:
        """Our own latest posts, or the latest of the talk."""
        if outgoing.mode is not Mode.PUBLIC:
            query = {"event_types": "MessageCreate", "dm_event.fields": "sender_id,text,created_at,attachments"}
            return self._call(credentials, "GET", f"{_talk(outgoing)}/dm_events?{urlencode(query)}")
        if credentials.account is None:
            return None
        query = {"max_results": "50", "tweet.fields": "created_at,referenced_tweets,note_tweet,attachments"}
        return self._call(credentials, "GET", f"/2/users/{_part(credentials.account)}/tweets?{urlencode(query)}")

    def found(self, outgoing: Outgoing, response: Response) -> str | None:
        try:
            listed = answered(response).each("data") if response.status == 200 else []
            return next((one.need("id") for one in listed if _is_ours(outgoing, one)), None)
        except Unreadable:
            return None

    def act(self, act: Act, native_id: str, credentials: Credentials) -> Request | None:
        if act in _HIDDEN:
            return self._call(credentials, "PUT", f"/2/tweets/{_part(native_id)}/hidden", {"hidden": _HIDDEN[act]})
        if act is not Act.LIKE or credentials.account is None:
            return None
        return self._call(credentials, "POST", f"/2/users/{_part(credentials.account)}/likes", {"tweet_id": native_id})

    def act_outcome(self, act: Act, response: Response) -> moderation.Outcome:
        try:
            answer = answered(response)
            if response.status != 200:
                return _problem(answer, response)
            said = answer.sub("data").data.get("liked" if act is Act.LIKE else "hidden")
        except Unreadable as error:
            return Unclear(str(error))
        return moderation.Done() if said is _HIDDEN.get(act, True) else Unclear("X does not say that it was done")

    def _call(self, credentials: Credentials, method: str, path: str, body: Any = None) -> Request:
        headers = {"authorization": f"Bearer {credentials.token or ''}"}
        if body is None:
            return Request(method, f"{credentials.api or self.api}{path}", headers)
        headers["content-type"] = "application/json"
        return Request(method, f"{credentials.api or self.api}{path}", headers, json.dumps(body).encode())


def _part(id: str) -> str:
    return quote(id, safe="")


def _talk(outgoing: Outgoing) -> str:
    return f"/2/dm_conversations/with/{_part(outgoing.address['user'])}"


# -- what X answers -----------------------------------------------------------------------------------------------

_CODES = {
    32: "expired_token",
    89: "expired_token",
    34: "gone",
    144: "gone",
    385: "gone",
    186: "too_long",
    150: "not_allowed",
    433: "not_allowed",
    349: "blocked",
}
_PHRASES = (
    ("not been mentioned or otherwise engaged", "not_allowed"),
    ("reply to this conversation is not allowed", "not_allowed"),
    ("cannot send messages to this user", "blocked"),
    ("deleted or not visible", "gone"),
    ("needs to be a bit shorter", "too_long"),
)
_STATUSES = {400: "refused", 401: "expired_token", 403: "refused", 404: "gone"}
_UPLOADS = {400: "not_taken", 401: "expired_token", 403: "not_allowed", 404: "refused", 413: "not_taken"}
"""Of an upload: 403 is a token without the scope ``media.write``."""


def _outcome(outgoing: Outgoing, answer: Fields, response: Response) -> Outcome:
    if response.status in (200, 201):
        id = answer.sub("data").id("id" if outgoing.mode is Mode.PUBLIC else "dm_event_id")
        return Sent(id) if id else Unclear("X names nothing that was posted")
    return _problem(answer, response)


def _problem(answer: Fields, response: Response, statuses: Mapping[int, str] = _STATUSES) -> Failed | Later | Unclear:
    codes = {one.number("code") for one in answer.each("errors")}
    words = _words(answer)
    if response.status == 429 or 88 in codes:
        return Later(_wait(answer, response))
    if response.status not in statuses:
        return Unclear(f"HTTP {response.status}")
    # Said of a text that stands there already: perhaps from an earlier try whose answer was lost.
    if 187 in codes or "duplicate content" in words.lower():
        return Unclear("X has this text already")
    known = [_CODES[code] for code in codes if code in _CODES]
    known += [reason for phrase, reason in _PHRASES if phrase in words.lower()]
    return Failed(known[0] if known else statuses[response.status], words)


def _words(answer: Fields) -> str:
    """X explains itself in problem+json or in v1.1's list, and often in both."""
    said = [one.text(key) for one in (answer, *answer.each("errors")) for key in ("title", "detail", "message")]
    return "; ".join(dict.fromkeys(one for one in said if one))


def _wait(answer: Fields, response: Response) -> timedelta:
    """Until the window ends, by X's own clock. Without that header a day's or month's allowance is used up."""
    reset = seconds(response.headers.get("x-rate-limit-reset"))
    if reset is None or (answer.text("type") or "").endswith("usage-capped"):
        return CAPPED
    try:
        now = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return PAUSE
    return pause(reset - int(now.timestamp()), PAUSE)


# -- what X shows -------------------------------------------------------------------------------------------------


def _is_ours(outgoing: Outgoing, one: Fields) -> bool:
    """Whether this is that reply: not older than the attempt, to the same post or person, and it says the same."""
    text, at = one.sub("note_tweet").text("text") or one.text("text"), one.time("created_at")
    if at is None or outgoing.attempted_at is None or at < outgoing.attempted_at - SKEW:
        return False
    if not _says(outgoing, text, bool(one.sub("attachments").ids("media_keys"))):
        return False
    if outgoing.mode is not Mode.PUBLIC:
        return one.id("sender_id") not in (None, outgoing.address["user"])
    answers = [other.id("id") for other in one.each("referenced_tweets") if other.text("type") == "replied_to"]
    return outgoing.address["post"] in answers


def _says(outgoing: Outgoing, text: str | None, media: bool) -> bool:
    """The same words; or a picture, which X shows as a link where the words would be."""
    if outgoing.file:
        return media and _bare(text) in ("", "x" * URL)
    return not media and _bare(text) == _bare(clean(outgoing.text))


def _bare(text: str | None) -> str:
    """The words without what X changes: it puts the people answered in front and replaces links."""
    words = re.sub(r"^(@\w+\s+)+", "", unescaped(text) or "")
    return " ".join(re.sub(r"https?://\S+", "x" * URL, words).split())


CHANNEL = X()
