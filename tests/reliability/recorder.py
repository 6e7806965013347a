"""What each test came to, so that the page can quote it. Only runs that are asked to, by ``HEED_FIGURES``, keep it.

``make unit`` and ``make slow`` begin a new file each: what another run said, or a test that is gone, is in neither.
"""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.page import Listed, Slow, of

FIGURES = Path("build/figures.json")
LONG_RUN = Path("build/slow.json")
KEPT = Path(__file__).with_name("slow.json")
VARIABLE = "HEED_FIGURES"


class Recorder:
    """Collects outcomes and recorded properties; the sessions of one run (parallel, alone) add up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        figures = {name: str(value) for name, value in report.user_properties}
        self.seen[report.nodeid] = {"outcome": report.outcome, "figures": figures}

    def pytest_sessionfinish(self) -> None:
        if self.seen:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps({**recorded(self.path), **self.seen}, indent=1, sort_keys=True))


def recorded(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Node id → {"outcome": "passed", "figures": {name: value}} of every test of a run; empty before the first."""
    return json.loads(path.read_text()) if path.exists() else {}


def keep(all_: Listed, runs: Mapping[str, Mapping[str, Any]], path: Path = KEPT) -> Slow:
    """Write down what long runs came to, for those tests that the page speaks of, beside what others came to before."""
    wanted = [test for one in all_.long for test in one.tests]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    every = {**kept(path).runs, **{name: {**run, "date": today} for name, run in runs.items()}}
    found = {name: run for name, run in every.items() if any(of(test, {name: run}) for test in wanted)}
    cores = f"{os.cpu_count()} cores of {platform.machine()}"
    slow = Slow(f"{cores}, Python {platform.python_version()}", found)
    path.write_text(json.dumps(asdict(slow), indent=1, sort_keys=True) + "\n")
    return slow


def kept(path: Path = KEPT) -> Slow:
    return Slow(**json.loads(path.read_text())) if path.exists() else Slow()
