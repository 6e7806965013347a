"""How long X thinks a text is: twitter-text's weighted count, version 3 (github.com/twitter/twitter-text)."""

import re
import unicodedata

URL = 23
HEAVY = 2
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

_DOMAINS = "com|net|org|info|biz|app|dev|shop|store|online|site|blog|news|email|support|coffee|xyz|[a-z]{2}"
_LINK = re.compile(
    r"https?://[^\s<>\"]+[^\s<>\".,;:!?)'\]]"
    rf"|(?<![\w@#$./-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_DOMAINS})(?![\w@-])(?:/[^\s<>\"]*[\w/=#&-])?",
    re.IGNORECASE | re.ASCII,
)
_PICTURE = "[\u203c-\u303d\u3297\u3299\U0001f000-\U0001faff]"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|[\xa9\xae]\ufe0f"
    "|\U0001f3f4[\U000e0020-\U000e007f]+"
    f"|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)


def weighted(text: str) -> int:
    """Every link weighs 23 and every emoji 2, however many code points it takes; so does each ideograph."""
    rest, links = _LINK.subn("", unicodedata.normalize("NFC", text))
    rest, emoji = _EMOJI.subn("", rest)
    return links * URL + emoji * HEAVY + sum(_weight(ord(char)) for char in rest)


def _weight(code: int) -> int:
    return 1 if any(low <= code <= high for low, high in _LIGHT) else HEAVY
