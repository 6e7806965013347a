"""Calendar files from beside the policy file or from an address: read when it is checked and pushed, never later."""

import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from infra.config.closures import Unusable

MAX_BYTES = 1_000_000
SECONDS = 10.0
"""A calendar that takes longer is better saved beside the file."""

_SAVE = "or save it beside the policy file and give its path"

Fetch = Callable[[str], bytes]


class _Secure(HTTPRedirectHandler):
    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if not newurl.startswith("https://"):
            raise URLError("it leads to an address without https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetched(url: str, seconds: float = SECONDS) -> bytes:
    """What stands at an address. Raises Unusable."""
    if not url.startswith("https://"):
        raise Unusable("is an address without https", f"give one that begins with https://, {_SAVE}")
    return download(url, seconds)


def download(url: str, seconds: float = SECONDS) -> bytes:
    try:
        asked = Request(url, headers={"Accept": "text/calendar"})  # noqa: S310 - only https gets here, see fetched
        with build_opener(_Secure).open(asked, timeout=seconds) as answer:
            return _read(answer, time.monotonic() + seconds, seconds)
    except HTTPError as error:
        raise Unusable(f"cannot be fetched: HTTP {error.code}", f"check that anybody can open it, {_SAVE}") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = str(getattr(error, "reason", "") or error or type(error).__name__)
        raise Unusable(f"cannot be fetched: {reason}", f"check the address, {_SAVE}") from error


def _read(answer: Any, until: float, seconds: float) -> bytes:
    """In pieces, so that neither an endless nor a very slow answer keeps anybody."""
    raw = b""
    while piece := answer.read1(65_536):
        raw += piece
        if len(raw) > MAX_BYTES:
            raise _large(f"more than {MAX_BYTES:,}")
        if time.monotonic() > until:
            raise Unusable(f"takes longer than {seconds:g} s", _SAVE.removeprefix("or "))
    return raw


def _large(size: str) -> Unusable:
    return Unusable(f"has {size} bytes", f"keep it under {MAX_BYTES:,}")


def source(named: str, beside: Path, fetch: Fetch) -> bytes:
    """The bytes of what a policy file names. Raises Unusable."""
    if "://" in named:
        return fetch(named.replace("webcal://", "https://", 1))
    try:
        raw = (beside / named).read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unusable(f"cannot be read: {reason}", "give its path as seen from the policy file") from error
    if len(raw) > MAX_BYTES:
        raise _large(f"{len(raw):,}")
    return raw
