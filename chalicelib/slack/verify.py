"""Slack's request signature v0, over the raw bytes as they came (docs.slack.dev, "Verifying requests from Slack")."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.channels.base import Refused
from chalicelib.channels.parts.signatures import any_equal, hmac_sha256
from chalicelib.domain.instants import from_seconds

TOLERANCE = timedelta(minutes=5)


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise Refused unless Slack signed these bytes within five minutes of now. Fails closed, whatever comes."""
    try:
        genuine = _signed([secret for secret in secrets if secret], headers, body, now)
    except Refused:
        raise
    except Exception as error:  # hostile headers raise anything; every one of them means no
        raise Refused(f"the signature cannot be read ({type(error).__name__})") from error
    if not genuine:
        raise Refused("the signature does not match")


def _signed(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    stamp, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdigit()):
        raise Refused("the timestamp is missing or not a number")
    if abs(now - from_seconds(stamp)) > TOLERANCE:
        raise Refused("the timestamp is more than five minutes away")
    basis = b"v0:" + stamp.encode() + b":" + body
    return any_equal(given, ["v0=" + hmac_sha256(secret.encode(), basis).hex() for secret in secrets])
