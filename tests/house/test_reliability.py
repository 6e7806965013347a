"""docs/reliability.md is made, not written: it says what a run came to, and nothing that no run did."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import PROJECT
from tests.reliability import __main__ as command
from tests.reliability.page import Broken, Listed, Promise, Runs, Slow, alike, listed, page
from tests.reliability.recorder import Recorder, keep, kept, recorded

PAGE = PROJECT / "docs" / "reliability.md"
TEST = "tests/a.py::test_it"
PROMISE = Promise("Chapter", "It holds.", (TEST,))
LONG = Promise("", "It holds a million times.", ("tests/a.py::test_it_often",))
LISTED = Listed((PROMISE,), (LONG,), (("Something else", "See there."),))


def runs(outcome: str = "passed", name: str = f"{TEST}[1]", **figures: str) -> Runs:
    return {name: {"outcome": outcome, "figures": figures}}


def often(date: str, number: int) -> Runs:
    name = f"tests/a.py::test_it_often[{number}]"
    return {name: {"outcome": "passed", "figures": {"lost": "0"}, "date": date}}


def columns(text: str) -> list[str]:
    """The page without what was counted: what a hand may not have changed."""
    rows = [
        line.rsplit(" | ", 1)[0] if line.startswith("| ") and line.count(" | ") == 2 else line
        for line in text.splitlines()
    ]
    return [line for line in rows if not line.startswith(("Last made on", "Not made yet"))]


def test_the_page_says_what_the_list_says_and_no_word_more() -> None:
    every = {test: {"outcome": "passed", "figures": {}} for one in listed().promises for test in one.tests}
    assert columns(PAGE.read_text()) == columns(page(listed(), every, Slow())), "run `make reliability`"


def test_every_test_the_page_names_is_there() -> None:
    """One that was renamed would be found by the run; a long one only in a week."""
    for one in (*listed().promises, *listed().long):
        for test in one.tests:
            file, _, name = test.partition("::")
            text = (PROJECT / file).read_text()
            assert not name or f"def {name}(" in text, f"{test} is not there"


def test_no_long_test_is_left_out_of_the_page() -> None:
    files = {file.relative_to(PROJECT).as_posix(): file.read_text() for file in (PROJECT / "tests").rglob("test_*.py")}
    slow = {file for file, text in files.items() if f"mark.{'slow'}" in text}
    assert slow and slow == {test.partition("::")[0] for one in listed().long for test in one.tests}


def test_a_promise_whose_test_was_not_run_or_failed_makes_no_page() -> None:
    with pytest.raises(Broken, match="was not run"):
        page(LISTED, {}, Slow())
    with pytest.raises(Broken, match="1 of 1 failed"):
        page(LISTED, runs("failed"), Slow())
    with pytest.raises(Broken, match="1 of 1 skipped"):
        page(LISTED, runs("skipped"), Slow())


def test_a_test_whose_name_only_begins_alike_is_another_one() -> None:
    with pytest.raises(Broken, match="was not run"):
        page(LISTED, runs(name="tests/a.py::test_it_again"), Slow())


def test_the_page_quotes_what_was_counted() -> None:
    assert "| It holds. | `a.py::test_it` | 1 case passed; lost: 0 |" in page(LISTED, runs(lost="0"), Slow())
    assert "| 1 case passed |" in page(LISTED, runs(), Slow())


def test_a_long_run_is_quoted_with_its_day_and_machine_and_what_was_not_run_says_so() -> None:
    text = page(LISTED, runs(), Slow())
    assert "Not made yet." in text and "| It holds a million times. | `a.py::test_it_often` | not run yet |" in text
    slow = Slow("2 cores", often("2026-11-28", 5))
    text = page(LISTED, runs(), slow)
    assert "Last made on 2 cores." in text and "| 1 case passed on 2026-11-28; lost: 0 |" in text
    failed = {name: {**run, "outcome": "failed"} for name, run in often("2026-11-28", 6).items()}
    assert "| failed |" in page(LISTED, runs(), Slow("2 cores", failed))
    mixed = Slow("2 cores", {**often("2026-11-28", 5), **failed})
    assert "| 1 case passed on 2026-11-28, 1 did not; lost: 0 |" in page(LISTED, runs(), mixed)
    later = Slow("2 cores", {**often("2026-11-28", 5), **often("2026-11-30", 6), **often("2026-11-29", 7)})
    assert "| 3 cases passed on 2026-11-28 to 2026-11-30; lost: 0 |" in page(LISTED, runs(), later)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("lost: 0", "lost: 7"), True),
        (("1 case passed", "2 cases passed"), True),
        (("lost: 0", "lost: 0, 0, 0, and 2 more"), True),
        (("1 case passed; lost: 0", "1 case passed"), False),
        (("It holds.", "It holds well."), False),
        (("lost", "found"), False),
        (("lost: 0", "lost: 0; doubled: 0"), False),
        (("a.py::test_it`", "a.py::test_that`"), False),
        (("See there.", "See here."), False),
    ],
)
def test_only_how_much_was_counted_may_differ(change: tuple[str, str], same: bool) -> None:
    text = page(LISTED, runs(lost="0"), Slow())
    assert change[0] in text
    assert alike(text, text.replace(*change)) is same


def test_how_many_more_there_were_is_a_number_too() -> None:
    every = {f"{TEST}[{number}]": {"outcome": "passed", "figures": {"lost": "not one"}} for number in range(5)}
    few = {name: run for name, run in every.items() if name < f"{TEST}[3]"}
    assert ", and 2 more |" in page(LISTED, every, Slow())
    assert alike(page(LISTED, every, Slow()), page(LISTED, few, Slow()))


def test_numbers_of_many_runs_are_added_up() -> None:
    every = {f"{TEST}[{number}]": {"outcome": "passed", "figures": {"seen": "600"}} for number in range(5)}
    assert "| 5 cases passed; seen: 3,000 |" in page(LISTED, every, Slow())


def report(name: str, outcome: str = "passed") -> pytest.TestReport:
    return pytest.TestReport(name, ("a.py", 1, name), {}, outcome, None, "call", [], 0.1)  # type: ignore[arg-type]


def test_sessions_of_one_run_add_up_and_a_new_run_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "build" / "figures.json"
    for name in ("tests/gone.py::test_it", "tests/b.py::test_it"):
        recorder = Recorder(path)
        recorder.pytest_runtest_logreport(report(name))
        recorder.pytest_sessionfinish()
    assert len(recorded(path)) == 2
    path.unlink()  # as make unit does it
    recorder = Recorder(path)
    recorder.pytest_runtest_logreport(report("tests/b.py::test_it"))
    recorder.pytest_sessionfinish()
    assert list(recorded(path)) == ["tests/b.py::test_it"]


def test_only_a_run_that_is_asked_to_writes_anything_down() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    for target, file in (("unit", "build/figures.json"), ("slow", "build/slow.json")):
        steps = makefile.partition(f"\n{target}: ")[2].partition("\n\n")[0]
        assert f"rm -f {file}" in steps.splitlines()[1]
        assert steps.count("/pytest") == steps.count(f"HEED_FIGURES={file} ")


def test_what_a_long_run_came_to_is_kept_for_what_the_page_speaks_of(tmp_path: Path) -> None:
    path = tmp_path / "slow.json"
    keep(LISTED, {**runs(name="tests/a.py::test_it_often[5]"), **runs(name="tests/b.py::test_other")}, path)
    assert list(kept(path).runs) == ["tests/a.py::test_it_often[5]"]
    assert kept(path).runs["tests/a.py::test_it_often[5]"]["date"] and "Python" in kept(path).machine
    before = kept(path).runs
    keep(LISTED, runs("failed", "tests/a.py::test_it_often[6]"), path)
    assert {name: run["outcome"] for name, run in kept(path).runs.items()} == {
        **dict.fromkeys(before, "passed"),
        "tests/a.py::test_it_often[6]": "failed",
    }
    keep(replace(LISTED, long=()), {}, path)
    assert kept(path).runs == {}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    every = {test: {"outcome": "passed", "figures": {"lost": "0"}} for one in listed().promises for test in one.tests}
    (tmp_path / "figures.json").write_text(json.dumps(every))
    monkeypatch.setattr(command, "FIGURES", tmp_path / "figures.json")
    monkeypatch.setattr(command, "PAGE", tmp_path / "page.md")
    return tmp_path


def test_the_check_compares_the_page(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    text = (project / "page.md").read_text()
    (project / "page.md").write_text(text.replace("exactly one message", "one message at least"))
    assert command.main(["--check"]) == 1
    assert "make reliability" in capsys.readouterr().err


@pytest.mark.parametrize(("variable", "code"), [("", 0), ("true", 1)])
def test_a_test_that_lacks_something_fails_the_check_in_ci_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, code: int
) -> None:
    command.main([])
    every: dict[str, Any] = json.loads((project / "figures.json").read_text())
    first = f"{next(iter(every))}[of two]"
    (project / "figures.json").write_text(json.dumps({**every, first: {"outcome": "skipped", "figures": {}}}))
    monkeypatch.setenv("CI", variable)
    assert command.main(["--check"]) == code
    assert command.main([]) == 1


def test_the_check_fails_where_the_run_did(project: Path) -> None:
    every: dict[str, Any] = json.loads((project / "figures.json").read_text())
    first = next(iter(every))
    (project / "figures.json").write_text(json.dumps({**every, first: {"outcome": "failed", "figures": {}}}))
    assert command.main(["--check"]) == 1
