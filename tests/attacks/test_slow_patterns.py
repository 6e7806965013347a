"""Texts made to be slow to read: every pattern there is, and every function that reads words of strangers."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

import chalicelib
from chalicelib.channels.parts.text import clean
from chalicelib.channels.parts.x_text import weighted
from chalicelib.channels.x import _bare
from chalicelib.domain.macros import unknown
from chalicelib.slack import mrkdwn, references, times
from tests.cost import beyond, square

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
}


def slow(work: Callable[[str], object], text: str, share: float) -> bool:
    """Whether it takes more than this share of what the quickest work takes that grows with the square of the text."""
    return beyond(share * square(len(text)), lambda: work(text))


def test_there_are_patterns_to_attack() -> None:
    assert len(patterns()) >= 15


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
    text = "a" * (20 if "|" in pattern else SIZE // 20)
    assert slow(re.compile(pattern).search, text, share=0.5)
