"""The audit trail of every case is whole, and whatever changed a case says who did it and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chalicelib.domain.audit import Record
from chalicelib.domain.case import Case
from chalicelib.domain.retention import Retention
from chalicelib.service.audit import judged, trail
from tests.build import BRAND

if TYPE_CHECKING:
    from tests.simulation.world import World

WHY = frozenset(
    {
        *("command", "reason", "reasons", "note", "why", "code"),
        *("message_id", "reply_id", "action_id", "metric", "chain", "version"),
    }
)
"""One of these says why: who asked and what they said, what came, which promise ran out, which chain or policy."""


def findings(world: "World") -> Iterator[str]:
    for case in world.truth.cases:
        yield from of_case(world.truth, case, world.now())


def of_case(store: Any, case: Case, now: Any) -> Iterator[str]:
    for one in judged(store, BRAND, case.id, Retention(), now).findings:
        yield f"the trail of {one.case_id} at {one.seq}: {one.what}"
    for told in trail(store, BRAND, case.id)[2]:
        if told.get("changed") and not because(told):
            yield f"the trail of {case.id} at {told['seq']}: {told['fact']} by {told['actor']!r} says no why"


def because(told: Record) -> bool:
    return bool(told["actor"]) and bool(WHY & told.get("data", {}).keys())
