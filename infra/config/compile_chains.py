"""Chains and rotations as the JSON that ``chalicelib.domain.chains`` reads."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.calendar import DAYS
from chalicelib.domain.escalation import StepKind, Way
from infra.config.chains import Chain, Rotation, Step, Turns

_WAYS = {
    Way.ON_CALL: "on_call",
    Way.USER_GROUP: "user_group",
    Way.EMAIL: "email",
    Way.SMS: "sms",
    Way.WEBHOOK: "webhook",
}


def chain_data(chain: Chain) -> dict[str, Any]:
    return {
        "steps": [_step(one) for one in chain.steps],
        "acknowledged_for": int(chain.acknowledged_for.total_seconds()),
        "ends_on_answer": chain.ends_on_answer,
    }


def _step(step: Step) -> dict[str, Any]:
    if step.notify:
        return {"kind": StepKind.NOTIFY.value, "way": step.notify}
    for way, name in _WAYS.items():
        if target := getattr(step, name):
            return {"kind": StepKind.NOTIFY.value, "way": way.value, "target": target}
    if step.wait:
        return {"kind": StepKind.WAIT.value, "span": int(step.wait.total_seconds())}
    if step.priority or step.queue:
        kind = StepKind.RAISE if step.priority else StepKind.MOVE
        return {"kind": kind.value, "target": step.priority.value if step.priority else step.queue}
    if step.only_within:
        return {"kind": StepKind.HOURS.value, "calendar": step.only_within}
    if step.more_than and step.within:
        return {"kind": StepKind.FLOOD.value, "count": step.more_than, "span": int(step.within.total_seconds())}
    return {"kind": StepKind.REPEAT.value, "count": step.repeat}


def rotation_data(rotation: Rotation) -> dict[str, Any]:
    """Overrides are moments of the rotation's own time zone, or else of its first layer's."""
    zone = ZoneInfo(rotation.timezone or rotation.turns[0].timezone or "UTC")
    overrides = [
        {"start": _instant(one.start, zone), "end": _instant(one.end, zone), "who": one.who}
        for one in rotation.overrides
    ]
    layers = [_layer(one, rotation) for one in rotation.turns]
    return {"layers": layers, "overrides": overrides, "queue": rotation.queue}


def _instant(wall: datetime, zone: ZoneInfo) -> str:
    return wall.replace(tzinfo=zone).astimezone(UTC).isoformat()


def _layer(turns: Turns, rotation: Rotation) -> dict[str, Any]:
    zone = turns.timezone or rotation.timezone or "UTC"
    week = dict.fromkeys(DAYS, " ".join(sorted(turns.hours)))
    return {
        "members": turns.members,
        "zone": zone,
        "start": turns.begins.isoformat(),
        "handover": turns.handover[1],
        "days": turns.every,
        "hours": {"name": "on call", "zone": zone, "week": week, "dates": {}} if turns.hours else None,
    }
