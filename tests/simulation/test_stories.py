"""Nothing lost, nothing doubled, nothing stuck: thousands of seeded stories."""

from typing import Any

import pytest

from tests.simulation.runs import FIRST, stories, told

SLICE = 500
SLICES = 10
SLOW_SLICES = 400


@pytest.mark.parametrize("slice", range(SLICES))
def test_what_goes_in_comes_out(slice: int, record_property: Any) -> None:
    record_property(f"{SLICE} stories", told(stories(FIRST + slice * SLICE, SLICE)))


@pytest.mark.slow
@pytest.mark.parametrize("slice", range(SLOW_SLICES))
def test_two_hundred_thousand_stories(slice: int, record_property: Any) -> None:
    record_property(f"{SLICE} stories", told(stories(FIRST + slice * SLICE, SLICE)))
