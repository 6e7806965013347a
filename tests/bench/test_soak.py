"""A warm container does not grow, however long it lives."""

import json
import subprocess
import sys

import pytest

from bench.world import PROJECT

MEGABYTE = 1024 * 1024


def soaked(events: int) -> dict[str, dict[str, int]]:
    command = [sys.executable, "-m", "bench.soak", str(events)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, int]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_two_thousand_events_leave_nothing_behind() -> None:
    """So few that the allocator's own steps show, but an object kept for each event would be two thousand."""
    found = soaked(2_000)
    before, after = found["before"], found["after"]
    assert after["files"] == before["files"]
    assert after["blocks"] - before["blocks"] < 1_000
    assert after["rss"] - before["rss"] < 4 * MEGABYTE


@pytest.mark.slow
def test_two_hundred_thousand_events_keep_memory_level(record_property: pytest.FixtureRequest) -> None:
    found = soaked(200_000)
    before, after = found["before"], found["after"]
    slope = (after["rss"] - before["rss"]) / 20 / MEGABYTE
    record_property("memory", f"{slope:.2f} MB for each ten thousand events of 200,000")  # type: ignore[operator]
    assert after["files"] == before["files"]
    assert slope < 1
