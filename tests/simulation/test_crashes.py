"""A process may die at every call of a port, before or after it: nothing is lost or doubled by that."""

from typing import Any

import pytest

from tests.simulation.runs import BOTH, FIRST, WORKERS, Crashes, crashes

STORIES = 24
"""So many that everybody works in one of them: only every eighth has words or a button in Slack."""
LEAST_POINTS = 150
OFTEN = 10
SLICES = 10
"""Each hits every point ten times that ten of its stories meet; a slice needs nothing of the others."""
LEAST_OFTEN = 170
"""So many points of a slice have all ten; the others are met by fewer than ten of its stories."""


def told(found: Crashes, record_property: Any) -> None:
    record_property("crashes", found.hits.total())
    record_property("points", f"{len(found.hits)}, each hit {min(found.hits.values())} times at least")


def workers(found: Crashes) -> set[str]:
    return {point.partition(" ")[0] for point in found.hits}


@pytest.mark.parametrize("parts", BOTH)
def test_a_crash_at_every_port_call_loses_and_doubles_nothing(parts: str, record_property: Any) -> None:
    found = crashes(FIRST, STORIES, 1, BOTH[parts])
    told(found, record_property)
    assert found.hits == dict.fromkeys(found.met, 1)
    assert len(found.hits) >= LEAST_POINTS
    assert workers(found) == WORKERS


@pytest.mark.slow
@pytest.mark.parametrize("parts", BOTH)
@pytest.mark.parametrize("slice", range(SLICES))
def test_every_point_of_a_crash_is_hit_often(slice: int, parts: str, record_property: Any) -> None:
    found = crashes(FIRST + 10_000 * (slice + 1), 250, OFTEN, BOTH[parts])
    told(found, record_property)
    often = [point for point, times in found.hits.items() if times == OFTEN]
    print(f"{len(often)} of {len(found.hits)} points were hit {OFTEN} times")  # noqa: T201
    assert found.hits == {point: min(times, OFTEN) for point, times in found.met.items()}
    assert len(often) >= LEAST_OFTEN
    assert workers(found) == WORKERS
