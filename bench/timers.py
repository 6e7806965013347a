"""How late a broken promise is told: many checkpoints on the state machine that is deployed, in real time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bench.endpoint import started
from bench.measure import Effort, Judged, Result, Table
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import start
from chalicelib.domain.effects import SLA_BREACHES, Arm, Deliver, Disarm, Publish, Pursue, event_name
from chalicelib.domain.ids import digest
from chalicelib.domain.target import AlwaysOpen
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import Effects
from chalicelib.wiring import now, wired
from infra.local.heed import LocalHeed
from tests.build import FIRST_RESPONSE, config_data
from tests.build import case as new_case

TARGET = 2.0
CHECKPOINTS, PER_SECOND, KEPT = 500, 10, 250
PATIENCE = timedelta(seconds=60)
SWEEP = 300.0
"""Seconds between two looks of the usual help desk: see Chatwoot and Zammad."""
NAMES = ("p50", "p99", "max")
ELSEWHERE = ("desk", "auditor", "sweeper", "herald")
"""Functions that stand still: who shows it in Slack, and who would find what the timers miss."""


def run(effort: Effort) -> Result:
    broken, kept = (8, 4) if effort.smoke else (CHECKPOINTS, KEPT)
    result = Result(
        "timers",
        "Timers: how late a broken promise is told",
        f"{broken} promises break, {PER_SECOND} a second, and {kept} more are kept in time. Seconds from due to told "
        "on the topic, in real time and all the way: the state machine of the template in MiniStack, its queue, the "
        "clock's function, the table, its stream, the publisher. One run; the figures are over its promises.",
    )
    late, stale = noticed(broken, kept)
    rows: list[list[Any]] = [
        ["Heed, a timer for each case", *figures(late)],
        ["a sweep every five minutes (computed, not run)", *figures(swept(broken))],
    ]
    result.tables.append(Table("seconds late", ["how", *NAMES], rows))
    result.bars["p99, seconds late"] = {row[0]: row[2] for row in rows}
    result.judged += [
        Judged("lateness of a checkpoint, p99, seconds", rows[0][2], TARGET),
        Judged("checkpoints that nobody told of", broken - len(late), 0),
        Judged("timers that rang though they were stopped", stale, 0),
    ]
    result.notes.append(
        "The auditor, which finds what timers miss, did not run, nor did the desk. The sweep is arithmetic over the "
        "same due times and every second at which it may begin: what it finds is told at once and costs nothing."
    )
    return result


@dataclass(slots=True)
class Stamped:
    """The effects, and how late each breach was once it had been told."""

    inner: Effects
    late: list[float] = field(default_factory=list)

    def publish(self, effect: Publish) -> None:
        self.inner.publish(effect)
        if effect.topic == SLA_BREACHES and effect.event.fact is Fact.CLOCK_BREACHED:
            self.late.append((now() - effect.event.at).total_seconds())

    def arm(self, effect: Arm) -> None:
        self.inner.arm(effect)

    def disarm(self, effect: Disarm) -> None:
        self.inner.disarm(effect)

    def deliver(self, effect: Deliver, at: datetime) -> None:
        self.inner.deliver(effect, at)

    def pursue(self, effect: Pursue) -> None:
        self.inner.pursue(effect)


def noticed(broken: int, kept: int) -> tuple[list[float], int]:
    """Seconds by which each breach was late, and how many timers rang for nothing."""
    with started("-m", "infra.local.emulator") as aws:
        policy = config_data()
        with LocalHeed(policy, {}, slack_api="http://127.0.0.1:9/", endpoint=aws) as heed:
            for name in ELSEWHERE:
                heed.runtime.pause(name)
            stamped = wired.effects = Stamped(wired.effects)
            last = _promised(broken, kept)
            while len(stamped.late) < broken and now() < last + PATIENCE:
                time.sleep(0.1)
            time.sleep(2.0)  # one that rings though it was stopped would by now
            return stamped.late, heed.meter.counts["stale_timers"]


def _promised(broken: int, kept: int) -> datetime:
    """Open all cases, keep the promises of some; returns when the last one breaks."""
    first = now() + timedelta(seconds=3 + (broken + kept) / 20)
    due = [first + timedelta(seconds=number / PER_SECOND) for number in range(max(broken, kept))]
    for number in range(broken):
        _open(_promise(number, due[number]))
    for number in range(kept):
        _keep(_promise(broken + number, due[number]))
    if now() > first:
        raise RuntimeError("this machine is too slow: promises broke before all cases were open")
    return due[broken - 1]


def _promise(number: int, due: datetime) -> Case:
    """A case that breaks one promise at that moment, and warns of nothing before."""
    target = replace(FIRST_RESPONSE, warn_before=timedelta())
    running = start(target, due - target.within, 0, AlwaysOpen())
    contact = digest("timers", str(number))
    return new_case(id=f"{contact}-1", contact_id=contact, clocks=(running,))


def _open(case: Case) -> None:
    wired.store.commit(case)
    assert case.due_at
    wired.effects.arm(Arm(event_name(case.id, 1), case.brand, case.id, case.revision, case.due_at))


def _keep(case: Case) -> None:
    _open(case)
    wired.store.commit(replace(case, status=Status.SOLVED, version=1))
    wired.effects.disarm(Disarm(event_name(case.id, 1)))


def swept(checkpoints: int) -> list[float]:
    """As late as checkpoints at these moments would be found by a sweep, whatever second it begins at."""
    spacing = [number / PER_SECOND for number in range(checkpoints)]
    return [(phase - due) % SWEEP for due in spacing for phase in range(int(SWEEP))]


def figures(late: Sequence[float]) -> list[float]:
    ordered = sorted(late)
    return [round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) for share in (0.5, 0.99, 1.0)]
