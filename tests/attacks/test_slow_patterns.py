"""Texts made to be slow to read: every pattern there is, and every function that reads words of strangers."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import pytest

import chalicelib
from chalicelib.channels.parts.text import clean
from chalicelib.channels.parts.x_text import weighted
from chalicelib.channels.x import _bare
from chalicelib.domain.errors import Refusal
from chalicelib.domain.macros import unknown
from chalicelib.domain.routing import _pattern
from chalicelib.slack import mrkdwn, references, times, verbs
from tests.build import NOON
from tests.cost import beyond, square
from tests.house.source import functions, shipped

SIZE = 10_000
SEEDS = (
    *(
        "a",
        " ",
        "<",
        ">",
        "@",
        "@a ",
        "#",
        ".",
        "a.",
        "a-",
        "-",
        "0",
        "0.",
        "/",
        "//",
        "http://",
        "https://a",
        "h",
        "\n",
    ),
    *(
        "<@U0",
        "<!",
        "&lt;",
        "{",
        "{{",
        "{a",
        "}",
        "`",
        "*",
        "_",
        "~",
        "\\",
        "%",
        "%0",
        "+",
        "(",
        "[",
        '"',
        "'",
        ":",
        ";",
    ),
    *(
        "é",
        "e\u0301",
        "\u0301",
        "\u200d",
        "\U0001f468\u200d",
        "\U0001f1e6",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067",
        "日",
    ),
    *(
        "p1234567890",
        "to ",
        "1h",
        "1h ",
        "in 1 ",
        "2 days ",
        "2026-",
        "https://a.slack.com/archives/C0/p",
        "=",
        "==",
        "A=",
    ),
)
ENDS = ("", "!", "\x00", "x", " ", "@", ".", ">", "\n!", "\ud800")


def texts(size: int = SIZE) -> list[str]:
    return [(seed * (size // len(seed) + 1))[:size] + end for seed in SEEDS for end in ENDS]


@lru_cache(maxsize=1)
def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of Heed keeps."""
    found = {}
    for info in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        module = importlib.import_module(info.name)
        for name, one in vars(module).items():
            if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                found[f"{info.name}.{name}"] = one
    return found


def ordered(text: str) -> object:
    """What somebody wrote below a card, read as an order."""
    order = verbs.Order("id", "harbor", "case", "ana", text, text, NOON, lambda user: None, {"care": "Care " * 20})
    with suppress(Refusal):
        return verbs.understood(order)
    return None


KEYWORDS = ("refund", "a a", "a.b", "0 0 0", "@a", "good  morning", "\u65e5", "%", "((((", "a" * 60)
READERS: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "mrkdwn.clean": mrkdwn.clean,
    "mrkdwn.literal": lambda text: mrkdwn.literal(text, 3000),
    "mrkdwn.clip": lambda text: mrkdwn.clip(text, 150),
    "mrkdwn.plain": lambda text: mrkdwn.plain(text, lambda user: None),
    "x weighted": weighted,
    "x bare": _bare,
    "placeholders": lambda text: list(unknown(text)),
    "case number": references.case_number,
    "link": references.spot,
    "span": times.read_span,
    "orders": lambda text: [ordered(f"{verb} {text}") for verb in verbs.ORDERS] and verbs.hint(text),
    "keywords": _pattern(KEYWORDS).search,
}
WITHIN = {
    "chalicelib/channels/x.py": 2,
    "chalicelib/channels/parts/reading.py": 1,
    "chalicelib/slack/references.py": 1,
    "chalicelib/slack/verbs.py": 2,
    "chalicelib/domain/routing.py": 1,
}
"""Patterns that stand within a function; what they read is read by one of the readers, or too short to matter."""


def slow(work: Callable[[str], object], text: str, share: float) -> bool:
    """Whether it takes more than this share of what the quickest work takes that grows with the square of the text."""
    return beyond(share * square(len(text)), lambda: work(text))


def test_there_are_patterns_to_attack() -> None:
    assert len(patterns()) >= 15


def test_no_pattern_hides_in_a_function() -> None:
    found: Counter[str] = Counter()
    for file, tree in shipped().items():
        for node in (inner for one in functions(tree) for inner in ast.walk(one)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            found[str(file)] += re.fullmatch(r"re\.(?!escape)\w+", called) is not None
    assert {file: count for file, count in found.items() if count} == WITHIN


@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_pattern_is_slow(name: str, figure: Any) -> None:
    pattern = patterns()[name]
    for text in texts()[::4]:
        for way in (pattern.search, pattern.fullmatch):
            assert not slow(way, text, share=0.5), (text[:30], way.__name__)
    figure("patterns", f"{name}: {len(texts()) // 4:,} texts of {SIZE:,} characters, none slow")


@pytest.mark.parametrize("name", READERS)
def test_no_reader_of_strangers_words_is_slow(name: str) -> None:
    for text in texts()[::10]:
        assert not slow(READERS[name], text, share=5), text[:30]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_pattern_grows_faster_than_its_text(name: str) -> None:
    pattern = patterns()[name]
    for text in texts(4 * SIZE):
        assert not slow(pattern.search, text, share=0.1), text[:30]


@pytest.mark.parametrize("pattern", [r"(?:a|a)*b$", r"a+[a-z]*b", r"\s*a*$b"])
def test_a_slow_pattern_is_found(pattern: str) -> None:
    """What grows with the square of its text or faster, at a size where that does not take for ever."""
    text = "a" * (20 if "|" in pattern else SIZE // 4)
    assert slow(re.compile(pattern).search, text, share=0.5)
