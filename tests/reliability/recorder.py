"""What the last run of each test came to, kept in ``build/figures.json`` so that the page can quote it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

FIGURES = Path("build/figures.json")


class Recorder:
    """Collects outcomes and recorded properties; runs that follow one another (parallel, alone, slow) add up."""

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
    """Node id → {"outcome": "passed", "figures": {name: value}} of every test's last run; empty before the first."""
    return json.loads(path.read_text()) if path.exists() else {}
