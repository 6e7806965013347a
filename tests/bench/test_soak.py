"""A warm container does not grow, however long it lives and whatever fails meanwhile."""

import json
import subprocess
import sys
from typing import Any

import pytest

from bench.world import PROJECT

MEGABYTE = 1024 * 1024
SPARE = 4
"""Connections that break are made anew: so many files more may be open at times, of the hundreds that broke."""


def soaked(events: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.soak", str(events)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    failed = sum(found["failed"].values())
    assert events / 100 < failed < events / 10, "calls fail, and most are tried again in time"
    return found


def assert_files_stay(files: list[int]) -> None:
    assert len(files) >= 20
    assert max(files) <= files[0] + SPARE, files


def test_two_thousand_events_leave_nothing_behind() -> None:
    """So few that the allocator's own steps show, but an object kept for each event would be two thousand."""
    found = soaked(2_000)
    before, after = found["before"], found["after"]
    assert_files_stay(found["files"])
    assert after["blocks"] - before["blocks"] < 1_000
    assert after["rss"] - before["rss"] < 4 * MEGABYTE


@pytest.mark.slow
def test_two_hundred_thousand_events_keep_memory_level(record_property: pytest.FixtureRequest) -> None:
    found = soaked(200_000)
    before, after = found["before"], found["after"]
    slope = (after["rss"] - before["rss"]) / 20 / MEGABYTE
    record_property("memory", f"{slope:.2f} MB for each ten thousand events of 200,000")  # type: ignore[operator]
    assert_files_stay(found["files"])
    assert slope < 1
