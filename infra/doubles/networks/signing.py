"""How each network signs what it sends.

Meta: `X-Hub-Signature-256: sha256=<hex>` over the raw body, key = app secret. X: `x-twitter-webhooks-signature:
sha256=<base64>`, key = consumer secret, which also answers the CRC. Standard Webhooks: `v1,<base64>` over
`id.timestamp.body`, key = the base64 behind `whsec_`. Telegram signs nothing and shows a token.
"""

import base64
import hashlib
import hmac

TOLERANCE_SECONDS = 300


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def meta_signature(secret: str, body: bytes) -> str:
    return "sha256=" + _mac(secret.encode(), body).hex()


def x_signature(secret: str, body: bytes) -> str:
    return "sha256=" + base64.b64encode(_mac(secret.encode(), body)).decode()


def standard_signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = _mac(key, f"{message_id}.{timestamp}.".encode() + body)
    return "v1," + base64.b64encode(signed).decode()


def standard_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_signature(secret, message_id, timestamp, body),
    }


def standard_accepts(secret: str, listed: str, message_id: str, timestamp: int, body: bytes) -> bool:
    """Any signature of the space-separated list may match, as two keys are in use while one is being replaced."""
    expected = standard_signature(secret, message_id, timestamp, body)
    return any(hmac.compare_digest(one.encode(), expected.encode()) for one in listed.split(" "))
