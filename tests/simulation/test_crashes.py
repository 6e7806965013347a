"""A process may die at every call of a port, before or after it: nothing is lost or doubled by that."""

from collections import Counter
from typing import Any

import pytest

from tests.simulation.runs import BOTH, FIRST, crashes

LEAST_POINTS = 40
SLICES = 10
"""Each hits every point ten times, so all of them a hundred times; a slice needs nothing of the others."""


def told(hits: Counter[str], record_property: Any) -> None:
    record_property("crashes", hits.total())
    record_property("points", f"{len(hits)}, each hit {min(hits.values())} times at least")


@pytest.mark.parametrize("parts", BOTH)
def test_a_crash_at_every_port_call_loses_and_doubles_nothing(parts: str, record_property: Any) -> None:
    hits = crashes(FIRST, 3, 1, BOTH[parts])
    told(hits, record_property)
    assert len(hits) >= LEAST_POINTS


@pytest.mark.slow
@pytest.mark.parametrize("parts", BOTH)
@pytest.mark.parametrize("slice", range(SLICES))
def test_every_point_of_a_crash_is_hit_often(slice: int, parts: str, record_property: Any) -> None:
    hits = crashes(FIRST + 10_000 * (slice + 1), 250, 10, BOTH[parts])
    told(hits, record_property)
    assert len(hits) >= LEAST_POINTS
