"""Slack's signature: real vectors pass, everything else is refused and nothing else is raised."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.base import Refused
from chalicelib.domain.instants import from_seconds
from chalicelib.slack.verify import verify
from infra.doubles.slack.signing import signature

FIXTURES = Path(__file__).parents[1] / "fixtures" / "slack"
VECTORS = json.loads((FIXTURES / "vectors.json").read_text())
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = from_seconds(1795165200)
BODY = b'{"type":"event_callback"}'
STAMP = "1795165200"


def headers(stamp: str = STAMP, given: str | None = None, body: bytes = BODY) -> dict[str, str]:
    signed = signature(SECRET, stamp, body) if given is None else given
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signed}


def refused(secrets: list[str], head: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as why:
        verify(secrets, head, body, now)
    assert SECRET not in str(why.value)
    return str(why.value)


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_what_slack_signed_is_accepted(name: str) -> None:
    vector = VECTORS[name]
    lower = {key.lower(): value for key, value in vector["headers"].items()}
    verify([vector["secret"]], lower, (FIXTURES / name).read_bytes(), from_seconds(vector["now"]))


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_one_changed_byte_is_refused(name: str) -> None:
    vector = VECTORS[name]
    lower = {key.lower(): value for key, value in vector["headers"].items()}
    body = bytearray((FIXTURES / name).read_bytes())
    body[len(body) // 2] ^= 1
    assert "does not match" in refused([vector["secret"]], lower, bytes(body), from_seconds(vector["now"]))


def test_the_old_secret_still_counts_while_secrets_are_rotated() -> None:
    verify(["new-secret", SECRET], headers(), BODY, NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=5), timedelta(minutes=-5), timedelta()])
def test_five_minutes_to_the_second_are_accepted(away: timedelta) -> None:
    verify([SECRET], headers(), BODY, NOW + away)


@pytest.mark.parametrize("away", [timedelta(minutes=5, milliseconds=1), timedelta(minutes=-5, milliseconds=-1)])
def test_a_moment_more_is_refused(away: timedelta) -> None:
    assert "five minutes" in refused([SECRET], headers(), now=NOW + away)


@pytest.mark.parametrize("stamp", ["", "soon", "-1795165200", "1795165200.5", "١٧٩٥١٦٥٢٠٠", "9" * 400, " 1795165200"])
def test_a_timestamp_that_is_none_is_refused(stamp: str) -> None:
    assert refused([SECRET], headers(stamp, "v0=00"))


@pytest.mark.parametrize("given", ["", "v0=", "v0=ü", "v1=00", "\udc80", "v0=" + "0" * 64])
def test_a_signature_that_is_none_is_refused(given: str) -> None:
    assert refused([SECRET], headers(given=given))


def test_without_headers_or_secrets_nothing_is_accepted() -> None:
    assert refused([SECRET], {})
    assert refused([], headers())
    assert refused([""], {"x-slack-request-timestamp": STAMP, "x-slack-signature": signature("", STAMP, BODY)})


def test_a_secret_that_cannot_be_used_refuses_instead_of_failing() -> None:
    assert "cannot be read" in refused(["\udc80"], headers())


@given(st.text(), st.text(), st.binary())
def test_hostile_input_is_refused_and_never_raises_anything_else(stamp: str, given: str, body: bytes) -> None:
    refused([SECRET], {"x-slack-request-timestamp": stamp, "x-slack-signature": given}, body)
