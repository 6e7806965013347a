"""Messages a second through the whole local pipeline: signed webhook in, case, clocks and card out."""

import json
import subprocess
import sys
from typing import Any

from bench.measure import Effort, Judged, Result, Table
from bench.world import PROJECT

MESSAGES = 60
TARGET = 150.0
"""Milliseconds of Heed's CPU for everything a message brings about, on a machine like the page's."""


def run(effort: Effort) -> Result:
    number = 3 if effort.smoke else MESSAGES
    result = Result(
        "throughput",
        "Throughput: the whole local pipeline",
        f"{number} signed webhooks of as many people, one after another; done when the card of each "
        "is out. Heed as the demo runs it, in one process; the embedded AWS in another; all on one core, then on two.",
    )
    found = {cores: passed(cores, number) for cores in (1, 2)}
    rows: list[list[Any]] = [
        [f"{cores} core(s)", number / one["wall"], one["heed"] / number * 1e3, one["aws"] / number * 1e3]
        for cores, one in found.items()
    ]
    columns = ["on", "messages a second", "Heed: ms of CPU a message", "embedded AWS: ms of CPU a message"]
    result.tables.append(Table("messages through everything", columns, rows))
    result.bars["ms of CPU a message on one core"] = {"Heed": rows[0][2], "embedded AWS": rows[0][3]}
    result.judged.append(Judged("whole pipeline: ms of CPU a message, one core", round(rows[0][2], 1), TARGET))
    result.notes.append(
        "An emulator in Python carries every call, and event sources are polled by threads beside the functions: this "
        "bounds the demo, not what runs on AWS. Heed's share is the functions, the front and those threads."
    )
    return result


def passed(cores: int, number: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.pipeline", str(cores), str(number)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the pipeline failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
