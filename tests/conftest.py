"""Tests that watch the clock run alone: a neighbour on the same core would make them late. Every outcome is kept."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.reliability.recorder import VARIABLE, Recorder

settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

HERE = Path(__file__).parent
WATCHING = ("scenarios", "kills", "outages", "infra/test_demo.py", "infra/test_demo_command.py")
LAST = HERE / "scenarios" / "test_whole_run.py"
"""Judges what all others did, so it comes after them."""
ALONE = tuple(HERE / one for one in WATCHING)


def pytest_configure(config: pytest.Config) -> None:
    """Of parallel workers the one that gathers their reports keeps them."""
    if os.environ.get(VARIABLE) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.rootpath / os.environ[VARIABLE]), "figures")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == LAST)
    for item in items:
        if any(item.path == place or place in item.path.parents for place in ALONE):
            item.add_marker(pytest.mark.alone)
