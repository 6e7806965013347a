"""How late a broken promise is noticed: many checkpoints on the state machine that is deployed, in real time."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bench.bodies import queue_event
from bench.measure import Effort, Judged, Result, Table
from bench.world import on_ministack, silent
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import start
from chalicelib.domain.effects import Arm, Disarm, timer_name
from chalicelib.domain.ids import digest
from chalicelib.domain.target import AlwaysOpen
from chalicelib.handlers.clock import clock
from chalicelib.service.outbox import publish
from chalicelib.wiring import now, wired
from infra.local.clients import clients
from tests.build import FIRST_RESPONSE
from tests.build import case as new_case

TARGET = 2.0
CHECKPOINTS, PER_SECOND, KEPT = 500, 25, 250
PATIENCE = timedelta(seconds=60)
SWEEP = 300.0
"""Seconds between two looks of the usual help desk: see Chatwoot and Zammad."""
NAMES = ("p50", "p99", "max")


def run(effort: Effort) -> Result:
    broken, kept = (8, 4) if effort.smoke else (CHECKPOINTS, KEPT)
    result = Result(
        "timers",
        "Timers: how late a broken promise is noticed",
        f"{broken} promises break, {PER_SECOND} a second, and {kept} more are kept in time. Seconds from due to "
        "published: the state machine of the template in MiniStack, its queue, the clock's handler and the publisher's "
        "effects, in real time; and the same checkpoints looked at every five minutes, over all phases.",
    )
    with on_ministack() as stack, silent():
        wired.now = now
        late, rung = noticed(stack.physical_id("Timers"), broken, kept)
    rows: list[list[Any]] = [
        ["Heed, one timer a checkpoint", *figures(late)],
        ["a sweep every five minutes", *figures(swept(late))],
    ]
    result.tables.append(Table("seconds late", ["how", *NAMES], rows))
    result.bars["p99, seconds late"] = {row[0]: row[2] for row in rows}
    result.judged += [
        Judged("lateness of a checkpoint, p99, seconds", rows[0][2], TARGET),
        Judged("checkpoints that nobody noticed", broken - len(late), 0),
        Judged("timers that rang though they were stopped", rung - broken, 0),
    ]
    result.notes.append(
        "The stream between clock and publisher is not in it; the auditor, which finds what timers miss, did not run."
    )
    return result


def noticed(queue: str, broken: int, kept: int) -> tuple[list[float], int]:
    """Seconds by which each breach was late, and how many timers rang."""
    lead = timedelta(seconds=2 + (broken + kept) / 30)
    begun = now()
    cases = [_promise(number, begun + lead + timedelta(seconds=number / PER_SECOND)) for number in range(broken)]
    for case in cases:
        _open(case)
    for number in range(kept):
        _keep(_promise(broken + number, begun + lead + timedelta(seconds=number / PER_SECOND)))
    last = max(case.due_at or begun for case in cases)
    return _listen(queue, broken, last + PATIENCE)


def _promise(number: int, due: datetime) -> Case:
    """A case that breaks one promise at that moment, and warns of nothing before."""
    target = replace(FIRST_RESPONSE, warn_before=timedelta())
    running = start(target, due - target.within, 0, AlwaysOpen())
    contact = digest("timers", str(number))
    return new_case(id=f"{contact}-1", contact_id=contact, clocks=(running,))


def _open(case: Case) -> None:
    wired.store.commit(case)
    assert case.due_at
    wired.effects.arm(Arm(timer_name(case.id, 1), case.brand, case.id, case.revision, case.due_at))


def _keep(case: Case) -> None:
    _open(case)
    wired.store.commit(replace(case, status=Status.SOLVED, version=1))
    wired.effects.disarm(Disarm(timer_name(case.id, 1)))


def _listen(queue: str, wanted: int, until: datetime) -> tuple[list[float], int]:
    """Hand what comes to the clock, as Lambda does, until every timer has rung and a second has passed in silence."""
    sqs, rung = clients()("sqs"), 0
    late: list[float] = []
    while now() < until:
        got: list[Any] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages", []
        )
        if not got and rung >= wanted:
            break
        rung += len(got)
        if got:
            answer = clock(queue_event(queue.rpartition("/")[2], *(one["Body"] for one in got)), None)
            assert not answer["batchItemFailures"]
            late += [one for one in (_published(json.loads(message["Body"])) for message in got) if one is not None]
            handles = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(got)]
            sqs.delete_message_batch(QueueUrl=queue, Entries=handles)
        else:
            time.sleep(0.01)
    return late, rung


def _published(timer: dict[str, Any]) -> float | None:
    """Seconds from due until the breach stands on its topics; None when the timer found nothing to do."""
    event = wired.store.event(timer["brand"], timer["case_id"], 1)
    if event is None:
        return None
    publish(event, wired.store, wired.effects, now())
    return (now() - event.at).total_seconds()


def swept(late: Sequence[float]) -> list[float]:
    """As late as checkpoints at these moments would be found by a sweep, whatever second it begins at."""
    spacing = [number / PER_SECOND for number in range(len(late))]
    return [(phase - due) % SWEEP for due in spacing for phase in range(int(SWEEP))]


def figures(late: Sequence[float]) -> list[float]:
    ordered = sorted(late)
    return [round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) for share in (0.5, 0.99, 1.0)]
