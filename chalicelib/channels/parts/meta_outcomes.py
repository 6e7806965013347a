"""What Graph's answers to a send mean, as tables. Whatever is in no table proves nothing and is unclear."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib.channels.base import Response
from chalicelib.channels.parts.reading import pause
from chalicelib.channels.parts.text import clean
from chalicelib.domain.reply import Failed, Later, Unclear

LATER = "later"
UNCLEAR = "unclear"
PAUSE = timedelta(seconds=60)

Problem = Failed | Later | Unclear

CODES: Mapping[int, str] = {
    **dict.fromkeys((1, 2), UNCLEAR),
    **dict.fromkeys((4, 17, 32, 341, 613, 80001, 80002, 80006, 80007), LATER),
    **dict.fromkeys((3, 10, *range(200, 300), 368, 10902, 10903), "not_allowed"),
    100: "refused",
    190: "expired_token",
    324: "refused",  # a photo that is none, or too large
    506: UNCLEAR,  # a duplicate post: probably our own earlier try
    551: "blocked",
    10900: "duplicate",
}
"""Graph error code -> a word of :class:`Failed`, LATER or UNCLEAR."""

SUBCODES: Mapping[int, str] = {
    **dict.fromkeys((33, 2018001, 2018292, 2534001, 2534014), "gone"),
    **dict.fromkeys((1545041, 2018278, 2534022), "outside_window"),
    **dict.fromkeys((1893063, 2018218, 2534013), "not_allowed"),
    1545133: UNCLEAR,
    1772107: UNCLEAR,  # answered AFTER the comment had been created
    2534025: "duplicate",
}
"""Subcodes say more than codes, so they are asked first."""

WHATSAPP_CODES: Mapping[int, str] = {
    **CODES,
    0: "expired_token",
    **dict.fromkeys((130429, 131056), LATER),
    **dict.fromkeys((131000, 131016, 131057, 133004), UNCLEAR),
    **dict.fromkeys((131026, 131050), "blocked"),
    **dict.fromkeys((130472, 131008, 131009, 131021, 131049, 131051, 131052, 131053), "refused"),
    **dict.fromkeys(range(132000, 132017), "refused"),
    **dict.fromkeys((131030, 131031, 131037, 131042, 131044, 131045, 131048, 131062, 131063, 131064), "not_allowed"),
    **dict.fromkeys((130497, 133016), "not_allowed"),
    131047: "outside_window",
}


def problem(response: Response, codes: Mapping[int, str]) -> Problem | None:
    """What is wrong with this answer, or None when it reports no problem."""
    if response.status >= 500:
        return Unclear(f"HTTP {response.status}")
    answer = response.json()
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return _without_words(response)
    verdict = _verdict(error, codes)
    if response.status == 429 or verdict == LATER:
        return Later(_pause(response.headers))
    if error.get("is_transient") is True or verdict == UNCLEAR:
        return Unclear(_detail(error))
    return Failed(verdict, _detail(error))


def failure(code: object) -> str:
    """The word for an error that WhatsApp reports later, when the message has failed for good."""
    word = WHATSAPP_CODES.get(_number(code), UNCLEAR)
    return "refused" if word in (LATER, UNCLEAR) else word


def _without_words(response: Response) -> Problem | None:
    if response.status == 429:
        return Later(_pause(response.headers))
    return None if 200 <= response.status < 300 else Unclear(f"HTTP {response.status} without a readable error")


def _verdict(error: Mapping[str, Any], codes: Mapping[int, str]) -> str:
    by_code = codes.get(_number(error.get("code")), UNCLEAR)
    return SUBCODES.get(_number(error.get("error_subcode")), by_code)


def _detail(error: Mapping[str, Any]) -> str:
    codes = "/".join(str(_number(error.get(key))) for key in ("code", "error_subcode") if key in error)
    return f"{codes or 'no code'}: {clean(error.get('message')) or 'no message'}"[:300]


def _number(value: object) -> int:
    """An error code, or one that no table knows."""
    return value if type(value) is int else -1


def _pause(headers: Mapping[str, str]) -> timedelta:
    """As long as the network asks for, within reason."""
    wanted = _retry_after(headers.get("retry-after", "")) or _regain(headers.get("x-business-use-case-usage", ""))
    return pause(wanted, PAUSE)


def _retry_after(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _regain(text: str) -> int | None:
    """``{asset: [{"estimated_time_to_regain_access": minutes}]}``; the longest counts."""
    try:
        usage = json.loads(text)
    except (ValueError, RecursionError):
        return None
    buckets = [bucket for asset in _values(usage) if isinstance(asset, list) for bucket in asset]
    waits = [bucket.get("estimated_time_to_regain_access") for bucket in buckets if isinstance(bucket, dict)]
    minutes = max((wait for wait in waits if type(wait) is int and 0 < wait < 100_000), default=0)
    return minutes * 60 or None


def _values(usage: object) -> list[Any]:
    return list(usage.values()) if isinstance(usage, dict) else []
