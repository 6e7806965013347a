"""Every benchmark runs; nobody judges how fast. The page that was written has the shape the generator gives."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import docs
from bench.__main__ import NAMES
from bench.measure import Judged, Result, Table, Timing, ratio
from bench.report import aligned, plot

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [sys.executable, "-m", "bench", "--smoke", "--json", str(file)]
    done = subprocess.run(command, cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "== Edge" in done.stdout
    return [Result.of(one) for one in json.loads(file.read_text())["results"]]


def test_every_benchmark_runs_and_says_something(results: list[Result]) -> None:
    assert [result.name for result in results] == list(NAMES)
    for result in results:
        assert result.tables
        assert result.judged
        assert all(table.rows and all(len(row) == len(table.columns) for row in table.rows) for table in result.tables)


def test_what_is_counted_and_not_timed_meets_its_targets_even_here(results: list[Result]) -> None:
    (calls,) = (result for result in results if result.name == "calls")
    assert [one.name for one in calls.judged if not one.met] == []


def test_the_page_has_the_shape_the_generator_gives(results: list[Result]) -> None:
    fresh = docs.structure(docs.page({"at": "now"}, results))
    assert docs.structure(docs.PAGE.read_text()) == fresh, "write it anew: python -m bench --docs"


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
