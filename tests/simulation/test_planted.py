"""Bugs are planted to prove the checker: each is found by what it does, not by some accident of its making."""

import re

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.run import simulate

CAUGHT_WITHIN = 500


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(bug: str) -> None:
    planted = PLANTED[bug]
    for seed in range(CAUGHT_WITHIN):
        found = [one for one in simulate(seed, planted.parts).findings if re.search(planted.finding, one)]
        if found:
            print(f"{bug}: caught at seed {seed}: {found[0]}")  # noqa: T201
            return
    pytest.fail(f"{bug}: not caught within {CAUGHT_WITHIN} seeds")


def test_there_are_fifteen_planted_bugs_at_least() -> None:
    assert len(PLANTED) >= 15
