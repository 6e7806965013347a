"""The arithmetic of webhook signatures, shared by the channels. Comparisons take the same time for every input."""

import hashlib
import hmac
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def hex_sha256(secret: str, message: bytes) -> str:
    return hmac_sha256(secret.encode(), message).hex()


def base64_sha256(secret: str, message: bytes) -> str:
    return b64encode(hmac_sha256(secret.encode(), message)).decode()


def any_equal(given: str, wanted: Iterable[str]) -> bool:
    """Whether one of the wanted texts was given. All are compared, so that time tells nothing."""
    presented = given.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(presented, one.encode()) for one in wanted]
    return any(matches)


def decode_secret(secret: str, prefix: str) -> bytes:
    """A secret written as prefix + base64, as Standard Webhooks do. Raises ValueError for anything else."""
    return b64decode(secret.removeprefix(prefix), validate=True)


def signed_payload(signed: str, secrets: Iterable[str]) -> bytes:
    """The payload of Meta's ``signed_request``. Raises ValueError unless one of the secrets signed it.

    The signature is over the payload as it came, before any padding is put back.
    """
    given, _, payload = signed.partition(".")
    digests = [hmac_sha256(secret.encode(), payload.encode()) for secret in secrets if secret]
    if not any_equal(given.rstrip("="), [urlsafe_b64encode(one).rstrip(b"=").decode() for one in digests]):
        raise ValueError("the signature does not match")
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
