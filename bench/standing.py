"""What the template itself says about the bill: memory, batches, and all that is paid though nothing happens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bench.world import PROJECT
from infra.config import compiled
from infra.local.functions import with_globals
from infra.template.render import render
from infra.template.resources import resources

MINUTES = 30 * 24 * 60
FUNCTIONS = dict.fromkeys(("webhook", "slack", "letters"), "APIHandler")
"""Doors of one function; the others are called as they are."""


@dataclass(frozen=True, slots=True)
class Function:
    """``runs`` is how often a month its schedule runs it, ``queues`` how many queues feed it, ``batch`` of how many."""

    memory: float
    batch: int
    queues: int
    runs: float


@cache
def template() -> Mapping[str, Any]:
    """As ``heed package`` deploys it, with the teams of care.yaml."""
    found: Mapping[str, Any] = render("dev", PROJECT, resources("dev", compiled(PROJECT / "care.yaml")["queues"]))
    return found


@cache
def functions() -> Mapping[str, Function]:
    """By the names that the model has for them."""
    named = {name.lower(): one for name, one in _of("AWS::Serverless::Function")}
    doors = {door: named[function.lower()] for door, function in FUNCTIONS.items()}
    return {name: _function(properties) for name, properties in {**named, **doors}.items()}


def alarms() -> int:
    return len(list(_of("AWS::CloudWatch::Alarm")))


def _of(kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, one in template()["Resources"].items():
        if one["Type"] == kind:
            yield name, one["Properties"]


def _function(given: Mapping[str, Any]) -> Function:
    properties = with_globals(given, template().get("Globals", {}).get("Function", {}))
    events = [(one["Type"], one.get("Properties", {})) for one in properties.get("Events", {}).values()]
    polled = [one for kind, one in events if kind == "SQS"]
    return Function(
        memory=properties["MemorySize"] / 1024,
        batch=max((int(one["BatchSize"]) for kind, one in events if "BatchSize" in one), default=1),
        queues=len(polled),
        runs=sum(_runs(one["Schedule"]) for kind, one in events if kind == "Schedule"),
    )


def _runs(rate: str) -> float:
    """Of ``rate(1 minute)`` and the like, in a month."""
    number, unit = rate.removeprefix("rate(").removesuffix(")").split()
    return MINUTES / (int(number) * {"minute": 1, "hour": 60, "day": 1440}[unit.rstrip("s")])
