"""Counted calls, and the counts of the last run that was kept: the cost model stands on them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("counts.json")


@dataclass(slots=True)
class Count:
    """Calls by name, capacity units, and bytes of log."""

    calls: Counter[str] = field(default_factory=Counter)
    rru: float = 0.0
    wru: float = 0.0
    log_bytes: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.calls + other.calls,
            self.rru + other.rru,
            self.wru + other.wru,
            self.log_bytes + other.log_bytes,
        )

    def times(self, factor: float) -> "Count":
        calls: Counter[str] = Counter()
        calls.update({name: number * factor for name, number in self.calls.items()})
        return Count(calls, self.rru * factor, self.wru * factor, round(self.log_bytes * factor))

    def as_json(self) -> dict[str, Any]:
        return {
            "calls": dict(sorted(self.calls.items())),
            "rru": self.rru,
            "wru": self.wru,
            "log_bytes": self.log_bytes,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Count":
        return cls(Counter(data["calls"]), data["rru"], data["wru"], data["log_bytes"])


@dataclass(slots=True)
class Step:
    """What one step calls: by itself, for its effects, and to show them in Slack."""

    direct: Count = field(default_factory=Count)
    effects: Count = field(default_factory=Count)
    desk: Count = field(default_factory=Count)

    @property
    def whole(self) -> Count:
        return self.direct + self.effects + self.desk

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name).as_json() for name in ("direct", "effects", "desk")}

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Step":
        return cls(*(Count.of(data[name]) for name in ("direct", "effects", "desk")))


@dataclass(slots=True)
class Counted:
    """One story: its steps in order, each publisher effect, and the series of metrics that were written."""

    steps: dict[str, Step] = field(default_factory=dict)
    kinds: dict[str, Count] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        return {
            "steps": {name: step.as_json() for name, step in self.steps.items()},
            "effects": {name: count.as_json() for name, count in sorted(self.kinds.items())},
            "series": sorted(self.series),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Counted":
        steps = {name: Step.of(one) for name, one in data["steps"].items()}
        return cls(steps, {name: Count.of(one) for name, one in data["effects"].items()}, set(data["series"]))


def kept() -> dict[str, Counted]:
    """The stories of the last kept run."""
    return {name: Counted.of(data) for name, data in json.loads(FILE.read_text()).items()}


def keep(stories: Mapping[str, Counted]) -> None:
    FILE.write_text(json.dumps({name: one.as_json() for name, one in stories.items()}, indent=1) + "\n")
