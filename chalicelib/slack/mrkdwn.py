"""Text on its way into Slack and back. What a customer wrote is data: it pings nobody and links nowhere."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = _BIDI | frozenset("\u00ad\u034f\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u2065\ufeff")
_FILLERS = re.compile("[\t\u115f\u1160\u2800\u3164\uffa0]")
"""Letters to Unicode, nothing to the eye."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_JOINER = "\u200d"
_CLUSTER = 64
"""No honest grapheme cluster is longer; a heap of accents may be cut."""
_WORD = 100
_MARKS = str.maketrans("*~`", "\u2217\u223c\u02cb")
_EDGE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_EMOJI = re.compile(r":(?=[^\s:]+:)")
_QUOTE = re.compile(r"^>+")
_TOKEN = re.compile(r"<([^<>\n]+)>")


def clean(text: str) -> str:
    """Without characters that hide or reorder a line: controls, half characters, direction overrides, unseen ones."""
    if text.isascii() and text.isprintable():
        return text
    lines = _FILLERS.sub(" ", _LINE_ENDS.sub("\n", text))
    return "".join(one for one in lines if one == "\n" or not _hides(one))


def _hides(char: str) -> bool:
    return char in _UNSEEN or unicodedata.category(char) in ("Cc", "Cs")


def blank(text: str) -> bool:
    """Whether a reader sees nothing: only spaces, and joiners and accents with nothing to sit on."""
    return all(one.isspace() or _clings(one) for one in text)


def _clings(char: str) -> bool:
    return "\U000e0000" <= char <= "\U000e0fff" or unicodedata.category(char) in ("Cf", "Mn", "Me")


def escape(text: str) -> str:
    """The three characters that mean something to Slack; it knows no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, size: int) -> str:
    """At most ``size`` characters, cut with an ellipsis and not inside what a reader sees as one character."""
    return text if len(text) <= size else text[: _cut(text, size - 1)].rstrip() + "…"


def pieces(text: str, size: int) -> Iterator[str]:
    """The whole text in pieces of at most that many characters, at the end of a word where one is near."""
    while len(text) > size:
        word = max(text.rfind(" ", 0, size), text.rfind("\n", 0, size)) + 1
        end = word if word > size - _WORD else _cut(text, size)
        yield text[:end]
        text = text[end:]
    yield text


def _cut(text: str, end: int) -> int:
    """A place for a cut, there or a little before."""
    floor = max(end - _CLUSTER, 0)
    place = end
    while place > floor and _joined(text, place):
        place -= 1
    return place if place > floor else end


def _joined(text: str, place: int) -> bool:
    """Whether a cut before ``place`` would go through one visible character."""
    after = text[place]
    if _JOINER in (after, text[place - 1]) or _modifies(after):
        return True
    return _flag(after) and _flags_before(text, place) % 2 == 1


def _modifies(char: str) -> bool:
    skin_or_tag = "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"
    return skin_or_tag or unicodedata.category(char) in ("Mn", "Me", "Mc")


def _flag(char: str) -> bool:
    """Regional indicators: two of them make one flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    start = place
    while start > max(place - _CLUSTER, 0) and _flag(text[start - 1]):
        start -= 1
    return place - start


def one_line(text: str, size: int) -> str:
    """Raw text for one line, for places that Slack takes literally. Empty when a reader would see nothing."""
    line = clip(" ".join(clean(text).split()), size)
    return "" if blank(line.removesuffix("…")) else line


def literal(text: str, size: int) -> str:
    """Somebody's text for one line of mrkdwn: cleaned, cut, made unable to format or to show an emoji, then escaped."""
    return escape(_unformatted(one_line(text, size)))


def _unformatted(text: str) -> str:
    """Slack knows no escape for its marks, so each becomes a character that only looks like it."""
    marked = _EDGE.sub("\u02cd", text.translate(_MARKS))
    return _QUOTE.sub(lambda found: "\u203a" * len(found[0]), _EMOJI.sub("\u2236", marked))


def plain(text: str, name: Callable[[str], str | None]) -> str:
    """What an agent wrote in Slack, as they meant it. ``name`` tells what a user id is called."""
    worded = _TOKEN.sub(lambda token: _word(token[1], name), text)
    return worded.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _word(token: str, name: Callable[[str], str | None]) -> str:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return name(target[1:]) or label or "somebody"
    if target.startswith("#"):
        return f"#{label or 'channel'}"
    if target.startswith("!"):
        return label.removeprefix("@") or target[1:].partition("^")[0]
    return _link(target, label)


def _link(url: str, label: str) -> str:
    if url.startswith(("mailto:", "tel:")):
        return label or url.partition(":")[2]
    return url if not label or url.removesuffix("/").endswith(label.removesuffix("/")) else f"{label} ({url})"
