"""What a secret looks like: the beginnings that issuers give theirs, and letters that nobody has chosen."""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

KNOWN = {
    "a token of Slack's": r"xox[abeoprs]-[0-9A-Za-z-]{16,}|xapp-[0-9A-Za-z-]{16,}",
    "a webhook of Slack's": r"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub's": r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40,})",
    "a token of Meta's": r"\bEAA[0-9A-Za-z]{40,}",
    "a bot's token of Telegram's": r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{32,}",
    "a key of Standard Webhooks": r"whsec_[0-9A-Za-z+/]{24,}={0,2}",
    "a bearer token of X": r"\bA{20,}[0-9A-Za-z%]{40,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a signed token": r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}",
    "a key of an API": r"\b(?:sk|rk)_live_[0-9A-Za-z]{20,}|\bAIza[0-9A-Za-z_-]{35}",
}
_KNOWN = [(what, re.compile(pattern)) for what, pattern in KNOWN.items()]
_WORD = re.compile(r"[0-9A-Za-z+_-]{24,}={0,2}")
RANDOM = 4.3
"""Bits a letter. Of 32 letters a generator gives 4.5 and more, English and code have less than 4."""
TURNS = 0.2
"""So often, by letter, what was drawn goes over to digits or signs and back; names seldom do."""


def issued(text: str) -> Iterator[str]:
    """What bears the beginning of a secret; told without saying it."""
    for what, pattern in _KNOWN:
        yield from (f"{what}: {one[0][:6]}…" for one in pattern.finditer(text) if not made_up(one[0]))


def secrets(text: str) -> Iterator[str]:
    """And what chance has made. Ids and signatures of networks look like that, too."""
    yield from issued(text)
    words = (one[0] for one in _WORD.finditer(text))
    yield from (f"drawn letters: {one[:6]}…" for one in words if drawn(one) and not made_up(one))


def made_up(text: str) -> bool:
    """By a person, for a test or a manual: it says so, or what it encodes is words."""
    if text.endswith("EXAMPLE"):
        return True
    try:
        key = base64.b64decode(text.partition("_")[2], validate=True)
    except (ValueError, binascii.Error):
        return False
    return bool(key) and key.isascii() and key.decode().isprintable()


def drawn(word: str) -> bool:
    """Whether chance has made it: many letters, of both cases and with digits, in no order."""
    kinds = ["".join(filter(kind, word)) for kind in (str.islower, str.isupper, str.isdigit)]
    if min(map(len, kinds)) < 2:
        return False
    count = Counter(word)
    bits = -sum(one / len(word) * math.log2(one / len(word)) for one in count.values())
    return bits >= RANDOM and _turns(word) >= TURNS * len(word)


def _turns(word: str) -> int:
    kinds = ["d" if one.isdigit() else "l" if one.isalpha() else "-" for one in word]
    return sum(one != other for one, other in pairwise(kinds))
