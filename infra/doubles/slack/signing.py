"""Slack's request signature v0: HMAC-SHA256 over `v0:<timestamp>:<raw body>` (docs.slack.dev, "Verifying requests")."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    basis = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), basis, hashlib.sha256).hexdigest()


def signed_headers(secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    stamp = str(timestamp)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(secret, stamp, body)}
