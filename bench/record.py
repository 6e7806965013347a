"""What a run found, as it is kept: the last whole run, from which the page is made, and the last slow one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.measure import Result

LAST = Path(__file__).with_name("last.json")
SLOW = Path(__file__).with_name("slow.json")


@dataclass(slots=True)
class Record:
    """One run: on what, how many seconds each benchmark took, and what was found."""

    machine: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        told = {"machine": self.machine, "seconds": self.seconds}
        return {**told, "results": [result.as_json() for result in self.results]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Record":
        return cls(data["machine"], data["seconds"], [Result.of(one) for one in data["results"]])

    def recounted(self, fresh: "Record") -> "Record":
        """This run with the results of another in their places: for what is counted and the same on every machine."""
        new = {result.name: result for result in fresh.results}
        return Record(self.machine, self.seconds, [new.get(result.name, result) for result in self.results])


def read(file: Path) -> Record | None:
    return Record.of(json.loads(file.read_text())) if file.exists() else None


def write(file: Path, record: Record) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record.as_json(), indent=1) + "\n")
