"""Bytes made by chance, and real webhooks with some bytes changed, all truly signed: each is taken or refused by name.

No parser fails, and neither does what works on it later: what cannot be read there is kept as such, with its reason.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

from chalicelib.channels.base import Unreadable
from chalicelib.handlers import intake
from tests.attacks.kit import NETWORKS, Stand
from tests.attacks.test_sizes import signed_by

FEW, MANY = 150, 3_000
SEED = int(os.environ.get("HEED_SEED", "1"))
"""Of the long run, which is another one for every seed."""
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
FIXTURES = Path("tests/fixtures")
ODDITIES = sorted((FIXTURES / "oddities").iterdir())
NOTHING_ELSE = {"expected.json", "vectors.json"}
DEEDS = ("flip", "cut", "copy", "drop", "put", "number")
PUT = (
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b"1e999",
    b"-0",
    b"NaN",
    b"\\ud800",
    b"9" * 40,
    b'":"',
    b"\\",
)


def bodies(network: str) -> list[bytes]:
    folder = FIXTURES / "channels" / network
    return [one.read_bytes() for one in sorted(folder.glob("*.json")) if one.name not in NOTHING_ELSE]


@st.composite
def mutated(draw: st.DrawFn, genuine: list[bytes]) -> bytes:
    """A real body to which a few things were done."""
    body = draw(st.sampled_from(genuine))
    for deed in draw(st.lists(st.sampled_from(DEEDS), min_size=1, max_size=2)):
        at, size = draw(st.integers(0, len(body))), draw(st.integers(1, 40))
        piece = {
            "flip": bytes(one ^ draw(st.integers(1, 255)) for one in body[at : at + 1]),
            "cut": b"",
            "copy": body[at : at + size] * 2,
            "drop": b"",
            "put": draw(st.sampled_from(PUT)) + body[at : at + size],
            "number": draw(st.integers(-(10**20), 10**20)).__str__().encode(),
        }[deed]
        body = body[:at] + piece + (b"" if deed == "cut" else body[at + (1 if deed == "flip" else size) :])
    return body


def judge(heed: Stand, network: str, body: bytes) -> int:
    """Told at the door, and then worked on; what raises fails the test."""
    status = int(heed.tell(signed_by(network, body)).status_code)
    assert status in (200, 400, 413), body
    queued = [json.loads(text) for _, _, text in heed.parts.fragments.sent]
    heed.parts.fragments.sent.clear()
    for fragment in queued:
        with suppress(Unreadable):
            intake.take(fragment)
    return status


def _fuzz(heed: Stand, network: str, count: int, figure: Any, chance: int | None = None) -> None:
    """Without a chance the bodies are the same in every run."""
    told: dict[int, int] = {}
    genuine = bodies(network)

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(mutated(genuine) | mutated(genuine) | st.binary(max_size=200))
    def check(body: bytes) -> None:
        if chance is not None:
            note(f"HEED_SEED={chance}")
        status = judge(heed, network, body)
        told[status] = told.get(status, 0) + 1

    (check if chance is None else seed(chance)(check))()
    assert told[200] and told[400], "some are read, and some are not"
    figure("fuzzed", f"{network}: {sum(told.values()):,} bodies, {told[200]:,} read, 0 failures")


@pytest.mark.parametrize("network", NETWORKS)
def test_no_body_makes_us_fail(heed: Stand, network: str, figure: Any) -> None:
    _fuzz(heed, network, FEW, figure)


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_none_of_thousands_of_bodies_makes_us_fail(heed: Stand, network: str, figure: Any) -> None:
    _fuzz(heed, network, MANY, figure, SEED)


@pytest.mark.parametrize("file", ODDITIES, ids=lambda file: file.name)
@pytest.mark.parametrize("network", NETWORKS)
def test_oddities_met_before_are_read_or_refused(heed: Stand, network: str, file: Path) -> None:
    judge(heed, network, file.read_bytes())
