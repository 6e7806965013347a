"""What Facebook, Instagram and WhatsApp share: one signature, one handshake, one envelope, one way to call Graph."""

import json
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from chalicelib.channels.base import Answer, Channel, Credentials, Inbound, Refused, Request, Response, Unreadable
from chalicelib.channels.parts.meta_outcomes import CODES, problem
from chalicelib.channels.parts.plain import Plain, glimpsed
from chalicelib.channels.parts.reading import Fields, answered
from chalicelib.channels.parts.signatures import any_equal, hex_sha256
from chalicelib.channels.parts.text import clean
from chalicelib.domain import moderation
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import from_millis, from_seconds
from chalicelib.domain.moderation import Act
from chalicelib.domain.reply import Outcome, Outgoing, Sent, Unclear

VERSION = "v26.0"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_LISTS = ("changes", "messaging", "standby")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a happening was told: on which account, when it was sent, and whether another app owns the thread."""

    channel: str
    account: str | None
    sent: datetime | None = None
    standby: bool = False

    def event(self, kind: Kind, **facts: Any) -> Event:
        return Event(kind=kind, channel=self.channel, account=self.account, **facts)

    def unknown(self, field: object, raw: object) -> Event:
        """Something new. Its version tells it from every other unknown thing, whose time nobody can read."""
        return self.event(Kind.UNKNOWN, version=fingerprint(raw), extra={"field": clean(field) or "?"})


Handler = Callable[[Place, Fields], Iterable[Event]]


def moment(node: Fields, key: str) -> datetime | None:
    """An instant in seconds or in milliseconds: Meta mixes both, and 12 digits of seconds are the year 5138."""
    return node.time(key, lambda text: from_millis(text) if len(text) >= 12 else from_seconds(text))


def said(**facts: object) -> dict[str, Any]:
    """The facts that are there, for ``Event.extra``."""
    return {name: fact for name, fact in facts.items() if fact is not None and fact is not False}


def fingerprint(raw: object) -> str:
    """What tells two things apart that have neither id nor time."""
    try:
        return digest(json.dumps(raw, sort_keys=True))
    except RecursionError as error:
        raise Unreadable("the body is nested too deeply") from error


class GraphChannel(Channel):
    """A network behind Meta's Graph API. A subclass brings its tables: field -> function, error code -> word."""

    topic: ClassVar[str]
    """What the envelope's ``object`` must say."""
    fields: ClassVar[Mapping[str, Handler]]
    messaging: ClassVar[Mapping[str, Handler]] = {}
    plain: ClassVar[tuple[Plain, ...]] = ()
    """What most of its webhooks hold."""
    codes: ClassVar[Mapping[int, str]] = CODES
    acts: ClassVar[Mapping[Act, tuple[str, str, Mapping[str, str]]]] = {}
    """How this network does what can be done to a message: the method, what stands behind its id, the query."""

    # -- listening ------------------------------------------------------------------------------------------------

    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        """Meta signs no time, so there is no window; a replay is caught by its identity."""
        given = request.headers.get("x-hub-signature-256")
        if not given:
            raise Refused("the header X-Hub-Signature-256 is missing")
        return any_equal(given, [f"sha256={hex_sha256(secret, request.body)}" for secret in secrets])

    def handshake(self, request: Inbound, credentials: Credentials) -> Answer | None:
        if request.method != "GET":
            return None
        wanted = credentials.verify_token
        given = request.query.get("hub.verify_token", "")
        challenge = request.query.get("hub.challenge", "")
        if request.query.get("hub.mode") != "subscribe" or not wanted or not any_equal(given, [wanted]):
            raise Refused("this is not a subscription with our verify token; check the token in the App Dashboard")
        if not _CHALLENGE.fullmatch(challenge):  # it is reflected, so nothing that a browser could run
            raise Refused("the challenge holds other characters than letters, digits, - and _")
        return Answer(200, challenge)

    def split(self, body: Any) -> Iterator[Any]:
        entries = body.get("entry") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            yield body
            return
        head = {"object": body.get("object")}
        for entry in entries:
            for part in self._parts(entry):
                yield {**head, "entry": [part]}

    def _parts(self, entry: Any) -> Iterator[Any]:
        """The entry cut into entries of one thing each; Instagram's flat form becomes the common one."""
        if not isinstance(entry, dict):
            yield entry
            return
        head = {key: entry[key] for key in ("id", "time") if key in entry}
        lists = {key: entry[key] for key in _LISTS if key in entry}
        if "field" in entry:
            lists["changes"] = [{"field": entry["field"], "value": entry.get("value")}, *_listed(lists.get("changes"))]
        for key, items in lists.items():
            for item in _listed(items):
                yield from ({**head, key: [piece]} for piece in self.pieces(key, item))
        if not lists:
            yield entry

    def pieces(self, key: str, item: Any) -> Iterable[Any]:
        """One thing of an entry cut further, where it holds several happenings."""
        return [item]

    def glimpse(self, piece: Any) -> tuple[str, str] | None:
        return glimpsed(self.plain, self.name, piece)

    def parse(self, piece: Any) -> Iterator[Event]:
        if not isinstance(piece, dict) or not isinstance(piece.get("entry"), list):
            yield Place(self.name, None).unknown("entry", piece)
        elif piece.get("object") != self.topic:
            yield Place(self.name, None).unknown(piece.get("object"), piece["entry"])
        else:
            for entry in Fields(piece).each("entry"):
                yield from self._entry(entry)

    def _entry(self, entry: Fields) -> Iterator[Event]:
        if entry.id("id") == "0":
            yield Place(self.name, None).event(Kind.IGNORE, reason="dashboard test, entry.id 0")
            return
        place = Place(self.name, entry.id("id"))
        if not any(key in entry for key in _LISTS):
            yield place.unknown(next((key for key in entry.data if key not in ("id", "time")), None), entry.data)
        for change in entry.each("changes"):
            yield from self._change(replace(place, sent=moment(entry, "time")), change)
        for key in ("messaging", "standby"):
            for item in entry.each(key):
                yield from heard(self.messaging, replace(place, standby=True) if key == "standby" else place, item)

    def _change(self, place: Place, change: Fields) -> Iterable[Event]:
        field = change.text("field")
        handler = self.fields.get(field or "")
        return handler(place, change.sub("value")) if handler else [place.unknown(field, change.data)]

    # -- speaking -------------------------------------------------------------------------------------------------

    def call(
        self, method: str, path: Sequence[str], credentials: Credentials, body: Any = None, **query: str
    ) -> Request:
        """A Graph call. The token travels in a header and never in the URL, where logs would keep it."""
        token = credentials.token or ""
        base = (credentials.api or self.api).rstrip("/")
        steps = [credentials.options.get("graph_version", VERSION), *path]
        if credentials.options.get("appsecret_proof") == "yes" and credentials.secrets:
            query["appsecret_proof"] = hex_sha256(credentials.secrets[0], token.encode())
        url = "/".join([base, *(quote(step, safe="") for step in steps)]) + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {token}"}
        if body is None:
            return Request(method, url, headers)
        return Request(method, url, {**headers, "Content-Type": "application/json"}, _dumped(body))

    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        wrong = problem(response, self.codes)
        if wrong is not None:
            return wrong
        try:
            return Sent(self.native_id(outgoing, answered(response)))
        except Unreadable:
            return Unclear("the answer names no id")

    def act(self, act: Act, native_id: str, credentials: Credentials) -> Request | None:
        if act not in self.acts:
            return None
        method, edge, query = self.acts[act]
        return self.call(method, [native_id, edge] if edge else [native_id], credentials, **query)

    def act_outcome(self, act: Act, response: Response) -> moderation.Outcome:
        wrong = problem(response, self.codes)
        if wrong is not None:
            return wrong
        answer = response.json()
        done = answer is True or (isinstance(answer, dict) and answer.get("success") is True)
        return moderation.Done() if done else Unclear("the answer does not say that it was done")

    def sender(self, outgoing: Outgoing, credentials: Credentials) -> str:
        """The asset that speaks: the one the customer wrote to."""
        return outgoing.address.get("account") or credentials.account or outgoing.account

    @abstractmethod
    def native_id(self, outgoing: Outgoing, answer: Fields) -> str:
        """The id of what was just posted. Raises Unreadable when the answer does not say."""


def _listed(items: Any) -> list[Any]:
    """A list even where something else stands in its place, so that the poison is named when it is read."""
    return items if isinstance(items, list) else [] if items is None else [items]


def _dumped(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def heard(table: Mapping[str, Handler], place: Place, item: Fields) -> Iterable[Event]:
    """What one messaging item says, by the first key of the table that it carries."""
    key = next((key for key in table if key in item), None)
    if key is not None:
        return table[key](place, item)
    other = next((key for key in item.data if key not in ("sender", "recipient", "timestamp")), None)
    return [place.unknown(other, item.data)]
