"""Nothing lost, nothing doubled, nothing stuck: thousands of seeded stories, and bugs planted to prove the checker."""

import os
from collections import Counter
from typing import Any

import pytest

from tests.simulation.planted import HELPLESS, PLANTED
from tests.simulation.run import CORRECT, Outcome, simulate
from tests.simulation.world import NO_BLOW, Blow, Parts

FIRST = int(os.environ.get("HEED_SEED", "0"))
PART = 1250
PARTS = 4
SLOW_PARTS = 160
CAUGHT_WITHIN = 500
CRASH_STORIES = (1, 2, 3)
LEAST_KINDS = 40


def judged(outcome: Outcome) -> Outcome:
    """The outcome, if the checker has nothing against it; else the line that replays it."""
    assert not outcome.findings, f"python -m tests.simulation {outcome.seed}  # {'; '.join(outcome.findings[:3])}"
    return outcome


def stories(first: int, number: int) -> Counter[str]:
    figures: Counter[str] = Counter()
    for seed in range(first, first + number):
        figures.update(judged(simulate(seed)).figures)
    print(f"seeds {first}-{first + number - 1}: {dict(figures)}")  # noqa: T201
    assert figures["accepted"] == figures["attempted"] > number
    assert figures["recovered"] > 0
    assert figures["lost"] == figures["unexpected"] == figures["doubled"] == 0
    return figures


def told(figures: Counter[str]) -> str:
    return ", ".join(f"{name} {figures[name]}" for name in ("accepted", "recovered", "lost", "doubled", "crashes"))


@pytest.mark.parametrize("part", range(PARTS))
def test_what_goes_in_comes_out(part: int, record_property: Any) -> None:
    record_property(f"{PART} stories", told(stories(FIRST + part * PART, PART)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLOW_PARTS))
def test_two_hundred_thousand_stories(part: int, record_property: Any) -> None:
    record_property(f"{PART} stories", told(stories(FIRST + part * PART, PART)))


@pytest.mark.parametrize("parts", [CORRECT, HELPLESS], ids=["stream and timers", "sweeper and auditor"])
def test_a_crash_at_every_port_call_loses_and_doubles_nothing(parts: Parts) -> None:
    """The calls of one quiet run are the boundaries; each gets one run that dies before it, and one after it."""
    kinds = [kind for seed in CRASH_STORIES for kind in crash_everywhere(seed, parts)]
    print(f"{len(kinds)} crashes at {len(set(kinds))} kinds of boundary")  # noqa: T201
    assert len(set(kinds)) >= LEAST_KINDS


@pytest.mark.slow
@pytest.mark.parametrize("parts", [CORRECT, HELPLESS], ids=["stream and timers", "sweeper and auditor"])
@pytest.mark.parametrize("seed", range(100, 350))
def test_crashes_at_every_port_call_of_many_stories(seed: int, parts: Parts) -> None:
    crash_everywhere(seed, parts)


def crash_everywhere(seed: int, parts: Parts) -> list[str]:
    """The kinds of boundary at which runs of this story died, each time without harm."""
    calls = judged(simulate(seed, parts, NO_BLOW, calm=True)).world.tally.calls
    died = []
    for number, kind in enumerate(calls, start=1):
        for after in (False, True):
            outcome = simulate(seed, parts, Blow(number, after), calm=True)
            assert not outcome.findings, (
                f"simulate({seed}, blow=Blow({number}, {after}), calm=True): {outcome.findings}"
            )
            assert outcome.world.tally.crashes == 1
            died.append(f"{kind} {'after' if after else 'before'}")
    return died


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(bug: str) -> None:
    for seed in range(CAUGHT_WITHIN):
        findings = simulate(seed, PLANTED[bug]).findings
        if findings:
            print(f"{bug}: caught at seed {seed}: {findings[0]}")  # noqa: T201
            return
    pytest.fail(f"{bug}: not caught within {CAUGHT_WITHIN} seeds")


def test_there_are_fifteen_planted_bugs_at_least() -> None:
    assert len(PLANTED) >= 15
