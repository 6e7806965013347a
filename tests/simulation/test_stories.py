"""Nothing lost, nothing doubled, nothing stuck: thousands of seeded stories."""

from typing import Any

import pytest

from tests.simulation.runs import FIRST, stories

SLICE = 500
SLICES = 10
SLOW_SLICES = 400
LEAST = 3
"""So often each kind of fault strikes in every slice; the seldomest ten times and more, as a rule."""
COUNTED = ("stories", "accepted", "recovered", "lost", "doubled", "crashes")


def told(slice: int, record_property: Any) -> None:
    figures, struck = stories(FIRST + slice * SLICE, SLICE)
    for name in COUNTED:
        record_property(name, figures[name])
    assert {kind: times for kind, times in struck.items() if times < LEAST} == {}, "these have hardly been tried"


@pytest.mark.parametrize("slice", range(SLICES))
def test_what_goes_in_comes_out(slice: int, record_property: Any) -> None:
    told(slice, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("slice", range(SLOW_SLICES))
def test_two_hundred_thousand_stories(slice: int, record_property: Any) -> None:
    told(slice, record_property)
