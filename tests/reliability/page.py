"""``docs/reliability.md`` from the list of promises and the last runs. Nothing on the page is written by hand."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROMISES = Path(__file__).with_name("promises.toml")
FEW = 3
ABLE = frozenset({"passed"})
LACKING = ABLE | {"skipped"}
"""At home, where something may be missing that a test needs, a browser say; CI installs it."""
_CASES = re.compile(r"\d+ cases? passed")
HEAD = """# What you can rely on

Each line is a promise, the tests that hold it, and what they counted when they last ran. The page is made by
`make reliability` from `tests/reliability/promises.toml` and the run made just before; CI makes it again and compares.
A promise whose test is gone, was not run or failed stops the build, and so does a page that says anything else than
the run: only how much was counted may differ, as it does from run to run and from machine to machine.
"""
LONG = """
## The long runs

Too long for every build. `make slow` runs them and writes down what they counted, when, and on what kind of machine.
What was not run since keeps its day.
"""
ELSEWHERE = """
## Not promised here

What is tested in another place, or cannot be promised yet, and why.
"""

Runs = Mapping[str, Mapping[str, Any]]


class Broken(Exception):
    """Promises that nothing holds any more. The text lists them."""


@dataclass(frozen=True, slots=True)
class Promise:
    """``tests`` are node ids; a name without parameters stands for all of them."""

    chapter: str
    words: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """All that the page says: promises, those whose tests take long, and what is not promised, with why."""

    promises: tuple[Promise, ...]
    long: tuple[Promise, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Slow:
    """The last long runs: on what machine, and what each came to, with its ``date``."""

    machine: str = ""
    runs: Runs = field(default_factory=dict)


def listed(path: Path = PROMISES) -> Listed:
    data = tomllib.loads(path.read_text())
    chapters = [(one["title"], each) for one in data["chapter"] for each in one["promise"]]
    return Listed(
        promises=tuple(Promise(title, each["words"], tuple(each["tests"])) for title, each in chapters),
        long=tuple(Promise("", each["words"], tuple(each["tests"])) for each in data.get("long", ())),
        elsewhere=tuple((each["words"], each["why"]) for each in data.get("elsewhere", ())),
    )


def page(all_: Listed, runs: Runs, slow: Slow, able: frozenset[str] = ABLE) -> str:
    """The page. Raises Broken when a promise's test did not run, or did not come to what it is ``able`` to."""
    broken = [f"{test}: {why}" for one in all_.promises for test in one.tests if (why := _wrong(test, runs, able))]
    if broken:
        raise Broken("\n".join(broken))
    return "\n".join([HEAD.rstrip(), *_kept(all_.promises, runs), *_long(all_, slow), *_elsewhere(all_)]) + "\n"


def alike(one: str, other: str) -> bool:
    """Whether two pages say the same but for how much was counted, and how often."""
    return _still(one) == _still(other)


def _still(text: str) -> list[str]:
    return [_without_counts(line) if line.startswith("| ") else line for line in text.splitlines()]


def _without_counts(row: str) -> str:
    """The row with the names alone of what was counted: see ``_counted``."""
    head, told, counted = row.rpartition(" | ")
    if not _CASES.match(counted):
        return row
    return "; ".join([head + told, *(part.partition(":")[0] for part in counted.split("; ")[1:])])


def _kept(promises: Iterable[Promise], runs: Runs) -> Iterator[str]:
    chapter = ""
    for one in promises:
        if one.chapter != chapter:
            chapter = one.chapter
            yield from ("", f"## {chapter}", "", "| Promise | Held by | Last counted |", "|---|---|---|")
        yield _row(one, _counted(one, runs))


def _long(all_: Listed, slow: Slow) -> Iterator[str]:
    if all_.long:
        made = f"Last made on {slow.machine}." if slow.runs else "Not made yet."
        yield from (LONG.rstrip(), "", made, "", "| What | Held by | Counted then |", "|---|---|---|")
        yield from (_row(one, _counted(one, slow.runs)) for one in all_.long)


def _elsewhere(all_: Listed) -> Iterator[str]:
    if all_.elsewhere:
        yield from (ELSEWHERE.rstrip(), "", "| What | Where, or why not |", "|---|---|")
        yield from (f"| {words} | {why} |" for words, why in all_.elsewhere)


def _row(one: Promise, counted: str) -> str:
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in one.tests)
    return f"| {one.words} | {tests} | {counted} |"


def _counted(promise: Promise, runs: Runs) -> str:
    """How many cases passed, and the figures they recorded: numbers of one name added up, of words the first few."""
    every = [run for test in promise.tests for run in of(test, runs)]
    found = [run for run in every if run["outcome"] == "passed"]
    if not found:
        return "failed" if every else "not run yet"
    figures: dict[str, list[str]] = {}
    for name, value in (figure for run in found for figure in sorted(run["figures"].items())):
        figures.setdefault(name, []).append(value)
    days = sorted({run["date"] for run in found if "date" in run})
    when = f" on {' to '.join(dict.fromkeys((days[0], days[-1])))}" if days else ""
    cases = f"{len(found)} {'case' if len(found) == 1 else 'cases'} passed{when}"
    cases += f", {len(every) - len(found)} did not" if len(every) > len(found) else ""
    return "; ".join([cases, *(_told(name, values) for name, values in sorted(figures.items()))])


def _told(name: str, values: list[str]) -> str:
    if all(one.isdecimal() for one in values):
        return f"{name.replace('_', ' ')}: {sum(map(int, values)):,}"
    more = f", and {len(values) - FEW} more" if len(values) > FEW else ""
    told = ", ".join(values[:FEW]).replace(";", ",")
    return f"{name.replace('_', ' ')}: {told}{more}"


def _wrong(test: str, runs: Runs, able: frozenset[str]) -> str | None:
    found = of(test, runs)
    if not found:
        return "was not run"
    failed = [run["outcome"] for run in found if run["outcome"] not in able]
    return f"{len(failed)} of {len(found)} {failed[0]}" if failed else None


def of(test: str, runs: Runs) -> list[Mapping[str, Any]]:
    """The runs of one test, or of all that are below its name."""
    return [run for name, run in runs.items() if name == test or name.startswith((f"{test}[", f"{test}::"))]
