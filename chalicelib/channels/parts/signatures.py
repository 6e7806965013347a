"""The arithmetic of webhook signatures, shared by the channels. Comparisons take the same time for every input."""

import hashlib
import hmac
from base64 import b64decode, b64encode
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
