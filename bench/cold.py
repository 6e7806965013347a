"""Cold starts: CPU and modules of each function, out of the deployed zip, to its first event handled."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.deployed import unpacked
from bench.firsts import first_events
from bench.measure import Effort, Judged, Result, Table, Timing, ratio
from bench.world import on_fake, silent

STARTS = Path(__file__).with_name("starts.py")
TARGET = 1.3
RUNS = 7
DOORS = "chalicelib.handlers"
HANDLERS = {
    "webhook": "app.app",
    "slack": "app.app",
    **{name: f"{DOORS}.{name}.{name}" for name in ("inbox", "intake", "publisher", "clock", "delivery", "desk")},
    **{name: f"{DOORS}.sweeps.{name}" for name in ("sweeper", "herald", "auditor")},
    "eraser": f"{DOORS}.privacy.eraser",
}
FLOOR, WITH_A_SECRET, WORKER = "floor: chalice + sqs", "floor: chalice + ssm + sqs", "floor: chalice + dynamodb"
FLOORS = {FLOOR: "floors.webhook", WITH_A_SECRET: "floors.webhook_with_a_secret", WORKER: "floors.worker"}
SMOKE = {FLOOR, WORKER, "webhook", "desk"}


@dataclass(frozen=True, slots=True)
class Start:
    """Where the function lies, its name there, and what it is handed first."""

    directory: Path
    handler: str
    event: Any


def run(effort: Effort) -> Result:
    result = Result(
        "cold",
        "Cold starts: from a fresh interpreter to the first event handled",
        "Milliseconds of CPU of a whole process: imports, clients, the first event against a fake endpoint. The "
        "functions run from the unpacked zip of heed package and see nothing else; each module comes from the bytecode "
        "in it, which is asserted. The floors are the least a Chalice function with one client of stock botocore does, "
        "compiled alike.",
    )
    with unpacked() as (task, floor), on_fake() as address:
        with silent():
            events = first_events(address)
        starts = {name: Start(floor, handler, events["webhook"]) for name, handler in FLOORS.items()}
        starts |= {name: Start(task, handler, events[name]) for name, handler in HANDLERS.items()}
        if effort.smoke:
            starts = {name: one for name, one in starts.items() if name in SMOKE}
        _tabulate(_measured(starts, effort), result)
        _explain(starts["webhook"], starts[FLOOR], effort, result)
    result.notes.append(
        "No network, no fetching of the zip, no microVM: what AWS adds is not here. What runs before the first event "
        "(init) has a whole core on Lambda, what comes after it the share that goes with the memory."
    )
    return result


@dataclass(slots=True)
class Measured:
    """Of one start: its CPU and wall time, and how much of the CPU was before the event and with it."""

    timing: Timing
    init: float
    first: float
    modules: int
    megabytes: float


def _measured(starts: Mapping[str, Start], effort: Effort) -> dict[str, Measured]:
    """Every start in turn, run after run; the first round only puts files at hand."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in starts}
    for round_ in range(min(effort.runs, RUNS) + 1):
        for name, start in starts.items():
            found = once(start)
            if round_:
                runs[name].append(found)
    return {name: _summed(one) for name, one in runs.items()}


def _summed(runs: list[dict[str, Any]]) -> Measured:
    of = {name: [one[name] for one in runs] for name in runs[0]}
    timing = Timing(tuple(of["cpu"]), tuple(of["wall"]))
    return Measured(
        timing, statistics.median(of["init"]), statistics.median(of["first"]), of["modules"][0], max(of["megabytes"])
    )


def once(start: Start) -> dict[str, Any]:
    """CPU and wall milliseconds of one start, and what it says of itself. Raises when it was not from bytecode."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile() as log:
        json.dump(start.event, given)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(_command(start), stdin=given, stdout=told, stderr=log, env=_environment(start))
        _, status, used = os.wait4(process.pid, 0)
        wall = (time.perf_counter() - began) * 1e3
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        log.seek(0)
        if process.returncode:
            raise RuntimeError(f"{start.handler} failed with {process.returncode}: {log.read().decode()[-2000:]}")
        found: dict[str, Any] = json.load(told)
    if not found["compiled"]:
        raise RuntimeError(f"{start.handler} was compiled as it started: its bytecode is missing or not taken")
    return {**found, "cpu": (used.ru_utime + used.ru_stime) * 1e3, "wall": wall, "megabytes": used.ru_maxrss / 1024}


def _command(start: Start, *options: str) -> list[str]:
    return [sys.executable, "-I", "-S", *options, str(STARTS), str(start.directory), start.handler]


def _environment(start: Start) -> dict[str, str]:
    return {**os.environ, "_HANDLER": start.handler}


def _tabulate(found: dict[str, Measured], result: Result) -> None:
    rows = []
    for name, one in found.items():
        floor = FLOOR if name == "webhook" else WORKER
        against: Any = "" if name in FLOORS else ratio(one.timing, found[floor].timing)
        rows.append([name, one.modules, *one.timing.cells(), one.init, one.first, one.megabytes, against])
    columns = ["function", "modules", "CPU median", "best", "worst", "wall", "in init", "first event", "MiB", "x floor"]
    result.tables.append(Table("ms from a fresh process to the first event handled", columns, rows))
    result.bars["ms of CPU"] = {name: one.timing.median for name, one in found.items()}
    least = found[FLOOR].timing
    result.judged.append(Judged("cold webhook, x floor", ratio(found["webhook"].timing, least), TARGET))


def _explain(ours: Start, floor: Start, effort: Effort, result: Result) -> None:
    """Where the webhook's imports go, by package, against the floor's."""
    runs = min(effort.runs, RUNS)
    mine, theirs = import_times(ours, floor, runs=runs)
    names = [name for name, _ in (mine - theirs).most_common(12)]
    rows = [[name, mine[name] / 1e3, theirs[name] / 1e3] for name in names]
    rows.append(["all imports", mine.total() / 1e3, theirs.total() / 1e3])
    title = "ms of imports by package (-X importtime, medians): what the webhook adds"
    result.tables.append(Table(title, ["package", "ours", "floor"], rows))


def import_times(*starts: Start, runs: int) -> list[Counter[str]]:
    """Microseconds of importing by package, as the interpreter says: medians of starts made in turns."""
    told = [[_import_times(start) for start in starts] for _ in range(runs)]
    return [_medians(list(of_one)) for of_one in zip(*told, strict=True)]


def _medians(runs: list[Counter[str]]) -> Counter[str]:
    names = {name for one in runs for name in one}
    return Counter({name: round(statistics.median(one[name] for one in runs)) for name in names})


def _import_times(start: Start) -> Counter[str]:
    command = _command(start, "-X", "importtime")
    event = json.dumps(start.event)
    done = subprocess.run(command, input=event, capture_output=True, text=True, env=_environment(start), check=True)
    found: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            found[_package(parts[2].strip())] += int(parts[0])
    return found


def _package(module: str) -> str:
    top = module.split(".")[0]
    return f"(stdlib) {top}" if top in sys.stdlib_module_names else top
