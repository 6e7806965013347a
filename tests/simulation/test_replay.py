"""A seed is a story: told again elsewhere it is the same one, call by call, or no finding could be looked into."""

import os
import subprocess
import sys

from bench.world import PROJECT
from tests.simulation.runs import WORKERS

SEED = "134"
"""A story with faults all over, in which everybody has something to do."""
HASHES = ("1", "2")
"""In one process Python orders its sets otherwise than in the next."""
LEAST_CALLS = 1000


def played(hash: str, *more: str) -> list[str]:
    command = [sys.executable, "-m", "tests.simulation", SEED, "--calls", *more]
    environment = {**os.environ, "PYTHONHASHSEED": hash}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_story_with_faults_is_the_same_in_every_process_call_by_call() -> None:
    one, other = (played(hash) for hash in HASHES)
    assert one == other
    assert one[0].startswith(f"seed {SEED}: ")
    calls = [line for line in one[1:] if not line.endswith((" before", " after"))]
    assert len(calls) >= LEAST_CALLS and len(one) > len(calls) + 1, "there was work, and processes died"
    assert {call.partition(" ")[0] for call in calls} == WORKERS


def test_what_is_found_is_the_same_in_every_process() -> None:
    one, other = (played(hash, "--bug", "a breach counted again") for hash in HASHES)
    assert one == other
    assert not one[0].startswith("seed"), "something was found"
