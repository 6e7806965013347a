"""Many runs: stories by seed, and crashes aimed at every point where a process can die."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.simulation.faults import KINDS, kind
from tests.simulation.planted import HELPLESS
from tests.simulation.run import CORRECT, Outcome, simulate
from tests.simulation.world import DOORS, Blow, Parts, Tally

FIRST = int(os.environ.get("HEED_SEED", "0"))
UNASKED = frozenset({"eraser"})
"""Nobody asks to be forgotten in these stories; see test_forgotten."""
WORKERS = DOORS.keys() - UNASKED | {"edge", "door", "agent"}
"""Whoever works in them: every function, the app where networks and Slack knock, and agents' commands."""
BOTH = {"stream and timers": CORRECT, "sweeper and auditor": HELPLESS}


def judged(outcome: Outcome, *more: str) -> Outcome:
    """The outcome, if the checker has nothing against it; else the line for a shell that replays it."""
    words = " ".join(("python -m tests.simulation", str(outcome.seed), *more))
    assert not outcome.findings, f"{words}  # {'; '.join(outcome.findings[:3])}"
    return outcome


def stories(first: int, number: int) -> tuple[Counter[str], Counter[str]]:
    """So many runs from that seed on. Returns what happened in them, and how often each kind of fault struck."""
    figures: Counter[str] = Counter()
    points: Counter[str] = Counter()
    struck = Counter(dict.fromkeys(KINDS, 0))
    for seed in range(first, first + number):
        outcome = judged(simulate(seed))
        figures.update(outcome.figures)
        points.update(outcome.world.tally.crashes)
        for site, times in outcome.world.faults.fired.items():
            struck[kind(site)] += times
    figures["stories"], figures["points of crashes"] = number, len(points)
    seldom = struck.most_common()[-1]
    print(f"seeds {first}-{first + number - 1}: {dict(figures)}, least of all {seldom}")  # noqa: T201
    assert figures["accepted"] == figures["attempted"] > number
    assert figures["recovered"] > 0
    assert figures["lost"] == figures["unexpected"] == figures["doubled"] == 0
    return figures, struck


@dataclass(frozen=True)
class Crashes:
    """By point: how often stories died there, and how many stories came by."""

    hits: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)


def crashes(first: int, seeds: int, wanted: int, parts: Parts = CORRECT) -> Crashes:
    """Let stories die once at each point they come by, which was not hit so often yet.

    The points are not listed anywhere: they are the port calls of the stories themselves, before and after each.
    """
    found = Crashes()
    helpless = ("--helpless",) if parts is HELPLESS else ()
    for seed in range(first, first + seeds):
        for point, blow in _aims(seed, judged(simulate(seed, parts), *helpless).world.tally):
            found.met[point] += 1
            if found.hits[point] < wanted:
                line = (*helpless, "--blow", str(blow.call), *(["--after"] if blow.after else []))
                outcome = judged(simulate(seed, parts, blow), *line)
                assert outcome.world.tally.crashes[point], f"{point} of seed {seed} is not where it was"
                found.hits[point] += 1
    for point, times in sorted(found.hits.items()):
        print(f"{times:6d} of {found.met[point]:6d}  {point}")  # noqa: T201
    return found


def _aims(seed: int, tally: Tally) -> Iterator[tuple[str, Blow]]:
    """One call of each kind in this story, drawn by the seed; after it only where it had an answer."""
    kinds: dict[str, list[Blow]] = {}
    for number, site in enumerate(tally.calls, 1):
        kinds.setdefault(f"{site} before", []).append(Blow(number, after=False))
        if number not in tally.unanswered:
            kinds.setdefault(f"{site} after", []).append(Blow(number, after=True))
    random = Random(seed)
    yield from ((point, random.choice(blows)) for point, blows in kinds.items())
