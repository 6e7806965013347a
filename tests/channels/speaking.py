"""Conformance of answering: what is offered can be rendered, and only proof makes a reply sent."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.channels.base import Capability, Channel, Credentials, Request, Response
from chalicelib.channels.parts.files import LARGEST
from chalicelib.channels.parts.uploads import Uploads
from chalicelib.domain.event import INBOUND, Event
from chalicelib.domain.privacy import leaves
from chalicelib.domain.reply import Enclosure, Failed, Later, Mode, Outcome, Outgoing, Sent, Unclear
from tests.channels import kit

API = "https://api.example.test"
TOKEN = "7000:canary-token"
MEDIA = "1790001"
NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
HOSTILE = 'So sorry \x00\ud83d "Ana" <b>&\n\u2028 \U0001f33b'
MODES = {Capability.REPLY: (Mode.PUBLIC, Mode.PRIVATE), Capability.PRIVATE_REPLY: (Mode.PRIVATE_REPLY,) * 2}

GARBAGE = b"<html>Bad gateway</html>"
ANSWERS: Mapping[str, tuple[Response, str]] = {
    "garbage": (Response(200, {}, GARBAGE), "unknown"),
    "empty": (Response(200), "unknown"),
    "null": (Response(200, {}, b"null"), "unknown"),
    "an empty object": (Response(200, {}, b"{}"), "unknown"),
    "server error": (Response(500, {}, GARBAGE), "unknown"),
    "bad gateway": (Response(502), "unknown"),
    "rate limited": (Response(429), "queued"),
    "redirect": (Response(302, {"location": "https://elsewhere.example"}), "unknown"),
}
"""Answers any network may give, and the state they leave a reply in unless quirks.json says why not."""


def credentials(folder: Path) -> Credentials:
    return Credentials(
        secrets=(kit.genuine(folder)[0].secret,),
        token=TOKEN,
        app_id="app-1",
        account="1455001122334455667",
        api=API,
        options={"reply_url": f"{API}/replies"},
    )


def replies(channel: Channel, folder: Path) -> Iterator[Outgoing]:
    """A reply of every kind that is offered for a fixture."""
    for body in kit.bodies(channel, folder).values():
        for event in channel.read(body):
            for capability, modes in MODES.items():
                if capability in channel.capabilities(event):
                    yield outgoing(channel, event, modes[0] if event.public else modes[1])


def outgoing(channel: Channel, event: Event, mode: Mode, text: str = "We look into it.") -> Outgoing:
    address = channel.address(event)
    return Outgoing("rep1", channel.name, "main", mode, text, address, event.at, NOW)


def offers_answers_to_customers_only(channel: Channel, folder: Path) -> None:
    offered = False
    for body in kit.bodies(channel, folder).values():
        for event in channel.read(body):
            capable = channel.capabilities(event)
            assert not capable or event.kind in INBOUND, event
            assert all(isinstance(part, str) and part for part in channel.address(event).values()), event
            offered = offered or Capability.REPLY in capable
    assert offered, "nothing in the fixtures can be answered"


def renders_every_answer_it_offers(channel: Channel, folder: Path) -> None:
    for reply in replies(channel, folder):
        for text in ("We look into it.", HOSTILE, "x" * channel.limit(reply).size):
            judge_request(channel, folder, channel.render(replace(reply, text=text), credentials(folder)), "POST")


def renders_every_file_it_takes(channel: Channel, folder: Path) -> None:
    """By its link, or as what it was handed over before; without any words, and none larger than Heed can fetch."""
    link = "https://archive.example/files/1/bill.pdf?signature=a%2Fb"
    for reply in replies(channel, folder):
        for mime, takes in channel.takes(reply.mode).items():
            assert 0 < takes.size <= LARGEST, mime
            file = Enclosure("files/1/bill.pdf", "bill.pdf", mime, 9)
            enclosed = replace(reply, text="", file=file, link=link, media=MEDIA)
            request = channel.render(enclosed, credentials(folder))
            judge_request(channel, folder, request, "POST")
            said = list(leaves(json.loads(request.body or b"")))
            uploads = isinstance(channel, Uploads)
            assert (said.count(link), said.count(MEDIA)) == ((0, 1) if uploads else (1, 0)), mime
            assert "text" not in said or "" in said, mime


def hands_over_every_file_it_takes(channel: Channel, folder: Path) -> None:
    """Where the network wants that: every byte of it, and an id only from an answer that names one."""
    if not isinstance(channel, Uploads):
        return
    body = bytes(range(256))
    for reply in replies(channel, folder):
        for mime in channel.takes(reply.mode):
            enclosed = replace(reply, text="", file=Enclosure("files/1/label.png", "label.png", mime, len(body)))
            request = channel.upload(enclosed, credentials(folder), body)
            judge_request(channel, folder, request, "POST")
            assert b64encode(body) in (request.body or b""), mime
    for response, _ in ANSWERS.values():
        assert not isinstance(channel.uploaded(response), str)
    for status in (200, 201, 400, 403, 413, 500):
        for answer in odd_answers():
            assert not isinstance(channel.uploaded(Response(status, {}, json.dumps(answer).encode())), str)


def judge_request(channel: Channel, folder: Path, request: Request, method: str) -> None:
    assert request.method == method
    assert urlsplit(request.url).scheme == "https"
    assert request.url.startswith(API), "the account's own base URL is not used"
    assert request.url.isascii() and not set(request.url) & set(" \r\n\t\\")
    assert all(value.isascii() and "\n" not in value for value in request.headers.values())
    secret = kit.genuine(folder)[0].secret
    sent = request.url + json.dumps(dict(request.headers)) + repr(request.body)
    assert secret not in sent
    assert (TOKEN in request.url) == ("token_in_url" in kit.quirks(folder))
    assert TOKEN.encode() not in (request.body or b"")
    if request.body is not None:
        judge_body(request.body)


def judge_body(body: bytes) -> None:
    said = json.dumps(json.loads(body), ensure_ascii=False)
    said.encode()
    assert "\\u0000" not in said


def calls_its_own_base_url_by_default(channel: Channel, folder: Path) -> None:
    if channel.api:
        for reply in replies(channel, folder):
            request = channel.render(reply, replace(credentials(folder), api=None))
            assert request.url.startswith(channel.api) and channel.api.startswith("https://")


def measures_texts(channel: Channel, folder: Path) -> None:
    for reply in replies(channel, folder):
        limit = channel.limit(reply)
        assert limit.size > 0 and limit.unit
        lengths = [channel.length(replace(reply, text="x" * count)) for count in (1, 10, limit.size + 1)]
        assert lengths == sorted(lengths) and lengths[-1] > limit.size
        assert channel.length(replace(reply, text=HOSTILE)) > 0


def calls_sent_only_what_is_proven(channel: Channel, folder: Path) -> None:
    documented = kit.quirks(folder).get("outcomes", {})
    assert documented.keys() <= ANSWERS.keys()
    for reply in replies(channel, folder):
        for name, (response, state) in ANSWERS.items():
            wanted = documented[name]["state"] if name in documented else state
            outcome = channel.outcome(reply, response)
            if name == "redirect" and name not in documented:
                assert outcome.state.value in ("unknown", "failed")
            else:
                assert outcome.state.value == wanted, name
            judge_outcome(outcome)


def judge_outcome(outcome: Outcome) -> None:
    if isinstance(outcome, Sent):
        assert isinstance(outcome.native_id, str) and outcome.native_id
    elif isinstance(outcome, Later):
        assert 1 <= outcome.after.total_seconds() <= 86_400
    elif isinstance(outcome, Failed):
        assert outcome.reason
    else:
        assert isinstance(outcome, Unclear)


def looks_up_only_what_it_can_find(channel: Channel, folder: Path) -> None:
    """A reply of unknown fate is not found in answers that do not show it."""
    documented = kit.quirks(folder).get("outcomes", {})
    for reply in replies(channel, folder):
        request = channel.lookup(reply, credentials(folder))
        if request is not None:
            judge_request(channel, folder, request, request.method)
        for name, (response, _) in ANSWERS.items():
            if documented.get(name, {}).get("state") != "sent":
                assert channel.found(reply, response) is None, name


def odd_answers() -> list[Any]:
    return [{"data": None}, {"data": []}, {"result": "x"}, {"error": 1}, {"errors": {}}, {"messages": [None]}, [1], 7]


def survives_odd_answers(channel: Channel, folder: Path) -> None:
    for reply in replies(channel, folder):
        for status in (200, 201, 204, 301, 400, 401, 403, 404, 408, 409, 413, 418, 429, 500, 503):
            for answer in odd_answers():
                response = Response(status, {"retry-after": "soon", "date": "?"}, json.dumps(answer).encode())
                judge_outcome(channel.outcome(reply, response))
                channel.found(reply, response)


CHECKS = (
    offers_answers_to_customers_only,
    renders_every_answer_it_offers,
    renders_every_file_it_takes,
    hands_over_every_file_it_takes,
    calls_its_own_base_url_by_default,
    measures_texts,
    calls_sent_only_what_is_proven,
    looks_up_only_what_it_can_find,
    survives_odd_answers,
)
