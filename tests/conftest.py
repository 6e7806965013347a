"""Tests that watch the clock run alone: a neighbour on the same core would make them late."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ALONE = (HERE / "scenarios", HERE / "infra" / "test_demo.py", HERE / "infra" / "test_demo_command.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path == place or place in item.path.parents for place in ALONE):
            item.add_marker(pytest.mark.alone)
