"""The page about adding a channel cannot lie: its example is built from the page and judged like every channel."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import channels
from chalicelib.channels.parts.signatures import hex_sha256
from tests.channels.conformance import CHECKS, Check
from tests.house.source import PROJECT

SECRET = "murmur-secret"
NOTE = {"type": "reply", "id": "n1", "at": 1780300000, "by": "ana", "text": "Where is it? 👋", "to": "n0"}
BODIES = {
    "reply.json": {"account": "harbor", "notes": [NOTE]},
    "two.json": {"account": "harbor", "notes": [{**NOTE, "id": "n2"}, {**NOTE, "id": "n3", "by": "bo"}]},
    "unknown.json": {"account": "harbor", "notes": [{"type": "poll"}]},
}
EXPECTED = {
    "reply.json": [{"kind": "comment", "id": "n1", "author": "ana", "at": "2026-06-01T07:46:40Z", "parent": "n0"}],
    "two.json": [{"kind": "comment", "id": "n2"}, {"kind": "comment", "id": "n3", "author": "bo"}],
    "unknown.json": [{"kind": "unknown"}],
}


@pytest.fixture(scope="module")
def murmur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One file beside the other channels, one folder of fixtures."""
    page = (PROJECT / "docs" / "adding-a-channel.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    room, folder = tmp_path_factory.mktemp("room"), tmp_path_factory.mktemp("murmur")
    (room / "murmur.py").write_text(code)
    vectors = []
    for name, body in BODIES.items():
        raw = json.dumps(body).encode()
        (folder / name).write_bytes(raw)
        headers = {"X-Murmur-Signature": hex_sha256(SECRET, raw)}
        vectors.append({"file": name, "headers": headers, "secret": SECRET, "now": 1780300000, "expect": "accept"})
    (folder / "expected.json").write_text(json.dumps(EXPECTED))
    (folder / "vectors.json").write_text(json.dumps(vectors))
    channels.__path__.append(str(room))
    yield folder
    channels.__path__.remove(str(room))


def test_the_file_alone_makes_the_channel_known(murmur: Path) -> None:
    assert "murmur" in channels.names()
    assert channels.load("murmur").title == "Murmur"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_conforms_like_every_other(murmur: Path, check: Check) -> None:
    check(channels.load("murmur"), murmur)
