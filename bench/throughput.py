"""Messages a second through the whole local pipeline: signed webhook in, case, clocks and card out."""

import json
import statistics
import subprocess
import sys
from typing import Any

from bench.measure import Effort, Result, Table
from bench.world import PROJECT

ROUNDS, MESSAGES = 7, 15

Round = dict[str, Any]


def run(effort: Effort) -> Result:
    rounds, number = (1, 3) if effort.smoke else (ROUNDS, MESSAGES)
    result = Result(
        "throughput",
        "Throughput: the whole local pipeline",
        f"{rounds} rounds of {number} signed webhooks of as many people, one after another; a round is over when the "
        "card of each is out. Heed as the demo runs it, in one process; the embedded AWS in another; all on one core, "
        "then on two. Medians of the rounds.",
    )
    found = {cores: passed(cores, rounds, number) for cores in (1, 2)}
    rows: list[list[Any]] = [[f"{cores} core(s)", *_figures(one)] for cores, one in found.items()]
    columns = ["on", "messages a second", "slowest round", "Heed: ms of CPU a message", "embedded AWS: ms of CPU"]
    result.tables.append(Table("messages through everything", columns, rows))
    result.tables.append(Table("where Heed's CPU goes, ms a message", ["part", "1 core", "2 cores"], _profile(found)))
    result.bars["ms of CPU a message on one core"] = dict(zip(("Heed", "embedded AWS"), rows[0][3:], strict=True))
    result.notes.append(
        "An emulator in Python carries every call, and event sources are polled by threads beside the functions: this "
        "bounds the demo, not what runs on AWS. A second core helps little, or even harms: Heed's threads share one "
        "interpreter lock, and what passes between two cores waits for it on both sides, while on one core the "
        "processes simply take turns."
    )
    return result


def passed(cores: int, rounds: int, number: int) -> list[Round]:
    """Raises when a card is missing."""
    command = [sys.executable, "-m", "bench.pipeline", str(cores), str(rounds), str(number)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the pipeline failed: {done.stderr[-2000:]}")
    found: list[Round] = json.loads(done.stdout.splitlines()[-1])
    return found


def _figures(rounds: list[Round]) -> list[float]:
    walls = [one["wall"] for one in rounds]
    ours = statistics.median(sum(one["parts"].values()) for one in rounds)
    return [1e3 / statistics.median(walls), 1e3 / max(walls), ours, statistics.median(one["aws"] for one in rounds)]


def _profile(found: dict[int, list[Round]]) -> list[list[Any]]:
    """Each part on one core and on two, dearest first."""
    names = {name for rounds in found.values() for one in rounds for name in one["parts"]}
    medians = {name: [_median(rounds, name) for rounds in found.values()] for name in names}
    return [[name, *each] for name, each in sorted(medians.items(), key=lambda one: -one[1][0])]


def _median(rounds: list[Round], name: str) -> float:
    each: list[float] = [one["parts"].get(name, 0.0) for one in rounds]
    return round(statistics.median(each), 2)
