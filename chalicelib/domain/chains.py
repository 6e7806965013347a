"""Chains and rotations as they travel in the compiled policy file. Raises KeyError or ValueError on unchecked data."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chalicelib.domain.calendar import Calendar, load_calendar
from chalicelib.domain.escalation import Chain, Step, StepKind, Way
from chalicelib.domain.instants import instant
from chalicelib.domain.oncall import Layer, Override, Rotation


def load_chain(key: str, data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Chain:
    steps = tuple(_step(one, calendars) for one in data["steps"])
    return Chain(key, steps, timedelta(seconds=data["acknowledged_for"]), data["ends_on_answer"])


def _step(data: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Step:
    return Step(
        kind=StepKind(data["kind"]),
        way=Way(data["way"]) if data.get("way") else None,
        target=data.get("target", ""),
        span=timedelta(seconds=data["span"]) if "span" in data else None,
        count=data.get("count"),
        calendar=calendars[data["calendar"]] if data.get("calendar") else None,
    )


def load_rotation(key: str, data: Mapping[str, Any]) -> Rotation:
    return Rotation(
        key=key,
        layers=tuple(_layer(one) for one in data["layers"]),
        overrides=tuple(Override(instant(one["start"]), instant(one["end"]), one["who"]) for one in data["overrides"]),
        queue=data.get("queue"),
    )


def _layer(data: Mapping[str, Any]) -> Layer:
    return Layer(
        members=tuple(data["members"]),
        zone=data["zone"],
        start=date.fromisoformat(data["start"]),
        handover=data["handover"],
        days=data["days"],
        hours=load_calendar(data["hours"]) if data.get("hours") else None,
    )
