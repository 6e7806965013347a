"""Addresses in what customers send: Heed fetches none of them, and no id of theirs bends the way of an answer."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from chalicelib import channels
from chalicelib.channels.base import NEEDED, Channel, Credentials, Request
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Outgoing
from chalicelib.net.http import Urllib3Http
from chalicelib.service.ports import NoAnswer, NotSent
from tests.attacks.kit import HARBOR, NETWORKS, Stand, accounts, message
from tests.attacks.test_sizes import signed_by
from tests.build import NOON

INSIDE = (
    *("169.254.169.254", "127.0.0.1", "localhost", "0.0.0.0", "10.0.0.1", "192.168.0.1", "172.16.0.1", "[::1]"),
    *("[::ffff:169.254.169.254]", "[fd00:ec2::254]", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "127.1"),
    *("169.254.169.254.nip.io", "metadata.google.internal", "①②⑦.⓪.⓪.①", "127。0。0。1", "user:pass@127.0.0.1"),
    *("example.com@127.0.0.1", "127.0.0.1#example.com", "127.0.0.1\\@example.com", "localhost:8080", "127.0.0.1:22"),
)
ADDRESSES = (
    *(f"http://{host}/latest/meta-data/" for host in INSIDE),
    *(f"https://{host}/" for host in INSIDE),
    *(
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "dict://127.0.0.1:11211/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
    ),
    *("javascript:fetch('//x')", "data:text/html,x", "jar:http://127.0.0.1!/", "ldap://127.0.0.1/", "unix:/run/x.sock"),
    *("http:/127.0.0.1", "http:127.0.0.1", "hTtP://127.0.0.1", " http://127.0.0.1", "http://127.0.0.1/%0d%0aX:%20y"),
)


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever this process tries to look up or to reach from now on."""
    tried: list[Any] = []

    def refuse(*where: Any, **more: Any) -> None:
        tried.append(where)
        raise OSError("nothing may be reached from here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


def as_its_network_has_it(node: dict[str, Any], address: str) -> dict[str, Any]:
    """The file of a message where a network has a shape of its own for it; Telegram and WhatsApp know it by its id."""
    if "chat" in node:
        file = {"file_id": address, "file_unique_id": address, "file_name": address}
        preview = {"link_preview_options": {"url": address}}
        return {"photo": [{**file, "thumbnail": file, "width": 1, "height": 1}], "document": file, **preview}
    if node.get("type") == "text":
        return {"type": "image", "image": {"id": address, "link": address, "url": address, "caption": address}}
    media = {"id": 1, "type": "photo", "media_url": address, "media_url_https": address}
    return {"attachment": {"type": "media", "media": media}} if "entities" in node else {}


def with_addresses(node: Any, address: str) -> Any:
    """The body with that address wherever an address could stand."""
    if isinstance(node, list):
        return [with_addresses(one, address) for one in node]
    if not isinstance(node, dict):
        return node
    changed = {key: with_addresses(one, address) for key, one in node.items()}
    if "text" in changed or "message" in changed:
        payload = {"url": address, "media_url_https": address, "link": address}
        changed["attachments"] = [{"type": "image", "payload": payload, **payload}]
        changed |= {"permalink_url": address, "photo": address, "link": address, "profile_image_url_https": address}
        changed |= as_its_network_has_it(changed, address)
        changed |= {"avatar_url": address, "response_url": address, "callback_url": address, "reply_url": address}
    return changed


@pytest.mark.parametrize("network", NETWORKS)
def test_no_address_of_a_customers_is_ever_reached(heed: Stand, network: str, reached: list[Any], figure: Any) -> None:
    for number, address in enumerate(ADDRESSES):
        body = json.loads(message(network, address, id=f"{7100 + number}").body)
        told = json.dumps(with_addresses(body, address)).encode()
        assert heed.tell(signed_by(network, told)).status_code == 200
        assert heed.take_in() == 1
    heed.show()
    assert reached == []
    rows = heed.parts.store._rows.values()
    said = {(row.text or "").strip() for row in rows if isinstance(row, Message) and row.attachments}
    assert len(heed.cases()) == 1 and said == {address.strip() for address in ADDRESSES}
    shown = json.dumps(heed.slack.calls, default=str)
    assert not any(f'"{key}"' in shown for key in ("image_url", "slack_file", "thumb_url", "external"))
    assert '"unfurl_links": true' not in shown and '"unfurl_media": true' not in shown
    figure("reached", f"{network}: {len(ADDRESSES)} addresses in every field, 0 connections")


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/meta-data/", "https://evil.example/x.png"])
def test_whoever_fetched_one_would_be_seen(reached: list[Any], address: str) -> None:
    """Were it not, the test above could not fail."""
    with pytest.raises((NotSent, NoAnswer)):
        Urllib3Http().send(Request("GET", address, {}), timedelta(seconds=1))
    with pytest.raises(URLError):
        urlopen(address, timeout=1)
    assert len(reached) == 2 and all(urlsplit(address).netloc in str(where) for where in reached)


IDS = (*ADDRESSES, "../../me", "..%2fme", "1/../../2", "?x=1", "#x", "1?token=x", "@127.0.0.1/", "\\\\127.0.0.1")
PLACES = (
    "chat",
    "comment",
    "post",
    "psid",
    "igsid",
    "media",
    "user",
    "to",
    "thread",
    "message",
    "conversation",
    "topic",
)
KINDS = ((Kind.MESSAGE, False), (Kind.COMMENT, True), (Kind.MENTION, True), (Kind.POST, True))


@pytest.mark.parametrize("network", NETWORKS)
def test_no_id_bends_the_way_of_an_answer(network: str, figure: Any) -> None:
    """Ids come from bodies; what is asked of a network goes to that network, with one more step for each id."""
    base = f"https://api.example.test/{network}"
    secret, options = accounts(HARBOR)[network].secret, {"reply_url": f"{base}/replies"}
    known = Credentials(token="1:t", secrets=(secret,), account="77", api=base, options=options)
    urls = [request for id in IDS for request in requests(channels.load(network), id, known)]
    for request in urls:
        _straight(request.url, base)
        assert not set("\r\n") & set("".join(request.headers.values()))
    assert len(urls) >= len(IDS)
    figure("reached", f"{network}: {len(urls):,} requests with hostile ids, 0 left their way")


def requests(channel: Channel, id: str, known: Credentials) -> Iterator[Request]:
    """All that can be asked about something that calls itself so."""
    for kind, public in KINDS:
        facts: dict[str, Any] = {"id": id, "author": id, "conversation": id, "post": id, "parent": id, "public": public}
        event = Event(kind, channel.name, account="77", **facts)
        modes = {"reply": Mode.PUBLIC if public else Mode.PRIVATE, "private_reply": Mode.PRIVATE_REPLY}
        address = {**dict.fromkeys(PLACES, id), **channel.address(event)} if channel.address(event) else {}
        address = address or {"chat": id}
        for mode in [modes[one.value] for one in channel.capabilities(event) if one.value in modes]:
            outgoing = Outgoing("r1", channel.name, "main", mode, "Hi", address, NOON, NOON)
            yield channel.render(outgoing, known)
            if looked := channel.lookup(outgoing, known):
                yield looked
    yield from filter(None, [channel.act(act, id, known) for act in NEEDED])


def _straight(url: str, base: str) -> None:
    parts = urlsplit(url)
    assert url == base or url.startswith(f"{base}/"), url
    assert parts.netloc == "api.example.test" and not parts.fragment, url
    assert url.isascii() and not set(url) & set(" \r\n\t\\"), url
    assert ".." not in parts.path.split("/"), url
