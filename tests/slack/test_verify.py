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
from tests.channels.test_published_vectors import flipped

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


DOCUMENTED = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
"""The request that Slack works through in "Verifying requests from Slack"."""
SAID_THERE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
THEN = "1531420618"


def test_slacks_documented_example_is_accepted() -> None:
    verify([SECRET], headers(THEN, SAID_THERE), DOCUMENTED, from_seconds(THEN))


def test_slacks_documented_example_is_refused_with_any_one_bit_changed() -> None:
    at = from_seconds(THEN)
    for body in flipped(DOCUMENTED):
        assert "does not match" in refused([SECRET], headers(THEN, SAID_THERE), body, at)
    for one in flipped(SAID_THERE.encode()):
        assert "does not match" in refused([SECRET], headers(THEN, one.decode("latin-1")), DOCUMENTED, at)
    for one in flipped(THEN.encode()):
        assert refused([SECRET], headers(one.decode("latin-1"), SAID_THERE), DOCUMENTED, at)


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
