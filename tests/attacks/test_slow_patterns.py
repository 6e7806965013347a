"""Texts made to be slow to read: every pattern there is, and every function that reads words of strangers."""

import importlib
import pkgutil
import re
import time
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

SIZE = 10_000
SLOWEST = 0.15
"""Seconds of CPU for 10,000 characters; what grows with their square takes minutes."""
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


def spent(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


def test_there_are_patterns_to_attack() -> None:
    assert len(patterns()) >= 15


@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_pattern_is_slow(name: str, figure: Any) -> None:
    pattern = patterns()[name]
    for text in texts()[::4]:
        for way in (pattern.search, pattern.fullmatch):
            took = spent(way, text)
            assert took < SLOWEST, (text[:30], way.__name__, took)
    figure("patterns", f"{name}: {len(texts()) // 4:,} texts of {SIZE:,} characters, none slow")


@pytest.mark.parametrize("name", READERS)
def test_no_reader_of_strangers_words_is_slow(name: str) -> None:
    for text in texts()[::10]:
        took = spent(READERS[name], text)
        assert took < 2 * SLOWEST, (text[:30], took)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_pattern_grows_faster_than_its_text(name: str) -> None:
    """Four times the text may take eight times as long: a square would take sixteen."""
    pattern = patterns()[name]
    for short, long in zip(texts(10_000), texts(40_000), strict=True):
        few = min(spent(pattern.search, short) for _ in range(3))
        many = min(spent(pattern.search, long) for _ in range(3))
        assert many < 0.005 or many < 10 * few, (short[:30], few, many)


def test_a_slow_pattern_is_found() -> None:
    """What grows with the cube of its text is beyond the limit long before this size."""
    cube = re.compile("a*a*b")
    assert spent(cube.search, "a" * (SIZE // 6)) > SLOWEST
