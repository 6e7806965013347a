"""What a network does with a link to a file: it fetches it, while the message is being sent."""

from hashlib import sha256

import urllib3

SECONDS = 5.0


class UnreachableError(Exception):
    """Nothing could be fetched there."""


def fetched(url: str) -> str:
    """`{media type} {SHA-256 of the bytes}`, which is what the double keeps of it."""
    try:
        answer = urllib3.request("GET", url, timeout=SECONDS, retries=False)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise UnreachableError(url) from error
    if answer.status != 200:
        raise UnreachableError(url)
    return f"{answer.headers.get('content-type', '')} {sha256(answer.data).hexdigest()}"
