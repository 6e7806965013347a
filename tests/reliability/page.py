"""``docs/reliability.md`` from the list of promises and the last run. Nothing on the page is written by hand."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROMISES = Path(__file__).with_name("promises.toml")
FEW = 3
HEAD = """# What you can rely on

Each line is a promise, the tests that hold it, and what they counted when they last ran. The page is made by
`make reliability` from `tests/reliability/promises.toml` and the last run; a promise whose test is gone, was not run
or failed stops the build.
"""


class Broken(Exception):
    """Promises that nothing holds any more. The text lists them."""


@dataclass(frozen=True, slots=True)
class Promise:
    """``tests`` are node ids; a name without parameters stands for all of them."""

    chapter: str
    words: str
    tests: tuple[str, ...]


def promises(path: Path = PROMISES) -> list[Promise]:
    chapters = tomllib.loads(path.read_text())["chapter"]
    return [Promise(one["title"], each["words"], tuple(each["tests"])) for one in chapters for each in one["promise"]]


def page(listed: list[Promise], runs: Mapping[str, Mapping[str, Any]]) -> str:
    """The page. Raises Broken when a promise's test did not run, or did not pass."""
    broken = [f"{test}: {why}" for one in listed for test in one.tests if (why := _wrong(test, runs))]
    if broken:
        raise Broken("\n".join(broken))
    return "\n".join(_lines(listed, runs)) + "\n"


def _lines(listed: list[Promise], runs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield HEAD.rstrip()
    chapter = ""
    for one in listed:
        if one.chapter != chapter:
            chapter = one.chapter
            yield from ("", f"## {chapter}", "", "| Promise | Held by | Last counted |", "|---|---|---|")
        tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in one.tests)
        yield f"| {one.words} | {tests} | {_counted(one, runs)} |"


def _counted(promise: Promise, runs: Mapping[str, Mapping[str, Any]]) -> str:
    """How many cases passed, and the figures they recorded: of each name the first few."""
    found = [run for test in promise.tests for run in _runs(test, runs)]
    figures: dict[str, list[str]] = {}
    for name, value in (figure for run in found for figure in sorted(run["figures"].items())):
        figures.setdefault(name, []).append(value)
    cases = f"{len(found)} {'case' if len(found) == 1 else 'cases'} passed"
    return "; ".join([cases, *(_told(name, values) for name, values in sorted(figures.items()))])


def _told(name: str, values: list[str]) -> str:
    more = f", and {len(values) - FEW} more" if len(values) > FEW else ""
    return f"{name.replace('_', ' ')} {', '.join(values[:FEW])}{more}"


def _wrong(test: str, runs: Mapping[str, Mapping[str, Any]]) -> str | None:
    found = _runs(test, runs)
    if not found:
        return "was not run"
    failed = [run["outcome"] for run in found if run["outcome"] != "passed"]
    return f"{len(failed)} of {len(found)} {failed[0]}" if failed else None


def _runs(test: str, runs: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [run for name, run in runs.items() if name == test or name.startswith((f"{test}[", f"{test}::"))]
