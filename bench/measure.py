"""Medians of alternating runs, and the plain tables they become. CPU time is this process's own, user and system."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count, getloadavg
from pathlib import Path
from typing import Any

PACKAGES = ("botocore", "chalice", "pynamodb", "aws-lambda-powertools", "ministack")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure. ``smoke`` only proves that everything runs; ``slow`` adds the largest sizes."""

    runs: int = 25
    seconds: float = 0.05
    smoke: bool = False
    slow: bool = False


SMOKE = Effort(runs=1, seconds=0.002, smoke=True)


@dataclass(frozen=True, slots=True)
class Timing:
    """Microseconds a call, one figure for each run."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)

    @property
    def best(self) -> float:
        return min(self.cpu)

    def cells(self, unit: float = 1.0) -> list[float]:
        """CPU median, best and worst, wall median."""
        return [_round(one / unit) for one in (self.median, self.best, max(self.cpu), statistics.median(self.wall))]


TIMED = ["CPU median", "best", "worst", "wall"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the first column names the row."""

    title: str
    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure with a target it should not exceed."""

    name: str
    value: float
    target: float

    @property
    def met(self) -> bool:
        return self.value <= self.target


@dataclass(slots=True)
class Result:
    """What one benchmark found. ``bars`` are plotted; ``notes`` say what a reader must know."""

    name: str
    title: str
    what: str
    tables: list[Table] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    bars: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Result":
        tables = [Table(**one) for one in data["tables"]]
        judged = [Judged(**one) for one in data["judged"]]
        return cls(**{**data, "tables": tables, "judged": judged})


def alternate(cases: Mapping[str, Callable[[], object]], effort: Effort) -> dict[str, Timing]:
    """Every case in turn, run after run, so that a slow moment of the machine meets all of them alike."""
    loops = {name: _loops(call, effort.seconds) for name, call in cases.items()}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(effort.runs):
        for name, call in cases.items():
            runs[name].append(_timed(call, loops[name]))
    return {name: Timing(tuple(c for c, _ in found), tuple(w for _, w in found)) for name, found in runs.items()}


def ratio(ours: Timing, floor: Timing) -> float:
    """The median of the ratios of neighbouring runs."""
    return _round(statistics.median(a / b for a, b in zip(ours.cpu, floor.cpu, strict=True)))


def _loops(call: Callable[[], object], seconds: float) -> int:
    _, wall = _timed(call, 2)
    return max(1, int(seconds * 1e6 / max(wall, 1.0)))


def _timed(call: Callable[[], object], loops: int) -> tuple[float, float]:
    """After one call that is not timed: what the case before left in the processor's caches is not its fault."""
    call()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(loops):
        call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return cpu / loops * 1e6, wall / loops * 1e6


def _round(value: float) -> float:
    return round(value, 3 if value < 10 else 1)


QUIET = 0.5
"""Load a core above which times are high and spread."""


def busy(machine: Mapping[str, Any]) -> str:
    """A warning, if others were at work before the run began."""
    load, cores = machine.get("load before", 0.0), machine.get("cores", 1)
    if load <= QUIET * cores:
        return ""
    return (
        f"This machine was busy before the run began (load {load} on {cores} cores): times are high and spread, the "
        "ratios of neighbouring runs less so. Measure again when it is quiet before anything is decided by a time."
    )


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": cpu_count(),
        "load before": round(getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()
