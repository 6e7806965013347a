"""How people name a case: by its number, or by the link of its card (Slack's "Copy link")."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_NUMBER = re.compile(r"`?([a-z2-7]{20}-\d{1,8})`?")
_LINK = re.compile(r"/archives/([CG][A-Z0-9]+)/p(\d{10})(\d{6})/?")


@dataclass(frozen=True, slots=True)
class Spot:
    """A message in Slack, or the thread it stands in."""

    channel: str
    ts: str


def naming(text: str) -> str | None:
    """What names a case, in its one spelling: its number, or the link of its card as it is."""
    return case_number(text) or (text.strip() if spot(text) else None)


def case_number(text: str) -> str | None:
    found = _NUMBER.fullmatch(text.strip())
    return found[1] if found else None


def spot(text: str) -> Spot | None:
    """Where a Slack link leads; of a line in a thread, the thread's card."""
    address = text.strip().strip("<>").partition("|")[0].replace("&amp;", "&")
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query)
    except ValueError:
        return None
    found = _LINK.fullmatch(parts.path) if parts.scheme == "https" or parts.scheme == "http" else None
    if found is None:
        return None
    thread = asked.get("thread_ts", [""])[0]
    ts = thread if re.fullmatch(r"\d{10}\.\d{6}", thread) else f"{found[2]}.{found[3]}"
    return Spot(found[1], ts)
