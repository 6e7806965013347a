"""The second half of the stories, in a file of its own: each file is run by one worker, and there are two of them."""

from typing import Any

import pytest

from tests.simulation.runs import FIRST, stories, told
from tests.simulation.test_stories import HALF, SLICE


@pytest.mark.parametrize("slice", range(HALF, 2 * HALF))
def test_what_goes_in_comes_out_too(slice: int, record_property: Any) -> None:
    record_property(f"{SLICE} stories", told(stories(FIRST + slice * SLICE, SLICE)))
