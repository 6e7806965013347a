"""Every benchmark runs; nobody judges how fast. The page that was written has the shape the generator gives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import docs, record
from bench.__main__ import NAMES, main
from bench.measure import Judged, Result, Table, Timing, busy, ratio
from bench.record import Record
from bench.report import aligned, plot

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def smoked(tmp_path_factory: pytest.TempPathFactory) -> Record:
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [sys.executable, "-m", "bench", "--smoke", "--json", str(file)]
    done = subprocess.run(command, cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "== Edge" in done.stdout
    found = record.read(file)
    assert found is not None
    return found


def kept() -> Record:
    found = record.read(record.LAST)
    assert found is not None
    return found


def test_every_benchmark_runs_and_says_something(smoked: Record) -> None:
    assert [result.name for result in smoked.results] == list(NAMES)
    assert list(smoked.seconds) == list(NAMES)
    for result in smoked.results:
        assert result.tables
        assert result.judged or result.name == "throughput"
        assert all(table.rows and all(len(row) == len(table.columns) for row in table.rows) for table in result.tables)


def test_what_is_counted_and_not_timed_meets_its_targets_even_here(smoked: Record) -> None:
    (calls,) = (result for result in smoked.results if result.name == "calls")
    assert [one.name for one in calls.judged if not one.met] == []


def test_the_page_is_made_of_what_is_kept() -> None:
    assert docs.PAGE.read_text() == docs.page(kept(), record.read(record.SLOW)), "nobody edits it by hand"


def test_what_is_kept_is_what_the_benchmarks_find_now(smoked: Record) -> None:
    """But for the figures."""
    assert structure(docs.page(kept(), None)) == structure(docs.page(smoked, None)), "python -m bench --docs"


def structure(text: str) -> list[str]:
    """Headings, table titles and column heads: what stays when figures change."""
    lines = text.splitlines()
    heads = [line for line, after in zip(lines, [*lines[1:], ""], strict=True) if after.startswith("|---")]
    titles = [line for line in lines if line.startswith(("#", "**")) and not line.startswith("**This machine was busy")]
    return [*titles, *heads]


def test_the_last_whole_run_took_less_than_ten_minutes_or_says_why() -> None:
    last = kept()
    assert sum(last.seconds.values()) <= 600 or busy(last.machine)


def test_a_machine_at_work_is_told_of() -> None:
    assert busy({"load before": 0.9, "cores": 2}) == ""
    assert "load 1.1 on 2 cores" in busy({"load before": 1.1, "cores": 2})


def test_what_is_counted_can_be_told_anew_by_itself() -> None:
    old = Record({"at": "then"}, {"edge": 1.0}, [Result("edge", "E", "old"), Result("cost", "C", "old")])
    new = Record({"at": "now"}, {"cost": 2.0}, [Result("cost", "C", "new")])
    assert [one.what for one in old.recounted(new).results] == ["old", "new"]
    assert old.recounted(new).machine == {"at": "then"}


@pytest.mark.parametrize("wrong", ["edge --docs", "--smoke --docs", "--slow", "nothing"])
def test_a_page_of_half_a_run_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong.split())
    assert "bench: error" in capsys.readouterr().err


def test_a_ratio_is_the_median_of_neighbours() -> None:
    ours, floor = Timing((2.0, 30.0, 4.0), (1.0,)), Timing((1.0, 10.0, 4.0), (1.0,))
    assert ratio(ours, floor) == 2.0
    assert not Judged("ours", ratio(ours, floor), 1.5).met


def test_text_lines_up() -> None:
    assert aligned(Table("", ["path", "us"], [["a", 1], ["long", 1000.4]])) == [
        "  path     us",
        "  a         1",
        "  long  1,000",
    ]
    assert plot({"a": 1.0, "b": 2.0}) == [f"  a {'#' * 20} 1", f"  b {'#' * 40} 2"]
