"""CPU of one message made true, against raw botocore making the same calls with the same rows."""

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bench import endpoint
from bench.bodies import ACCOUNT, body_of, item, queue_event
from bench.measure import TIMED, Effort, Judged, Result, Table, Timing, alternate, ratio
from bench.wire import Wire
from bench.world import on_fake, silent
from chalicelib.aws.clients import client
from chalicelib.domain.instants import iso
from chalicelib.handlers.intake import intake, take
from chalicelib.wiring import wired
from tests.build import NOON

TARGET = 1.6
BATCH = 10
WORDS = {
    "floor": "raw botocore, same calls (floor)",
    "take": "intake of the fragment",
    "handler": "whole Lambda handler",
}


def run(effort: Effort) -> Result:
    result = Result(
        "intake",
        "Intake: one message made true",
        "Microseconds of CPU for one message from the queue: one query, and one transaction that writes message, case, "
        "clocks and timeline. The floor replays the same two requests through a botocore client.",
    )
    with on_fake() as address, silent():
        for title, images in (("a new contact", []), ("a known contact", known())):
            endpoint.answer(address, "Query", {"Count": len(images), "Items": images, "ScannedCount": len(images)})
            _judge(title, alternate(_cases(), effort), result)
    result.notes.append(
        f"The handler row runs batches of {BATCH} records through Powertools' FIFO processor, per message. Both sides "
        "talk to the same fake endpoint in another process; its CPU is not counted."
    )
    return result


def fragment(mid: str = "m_bench000000000001") -> dict[str, Any]:
    return {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(NOON), "body": body_of(item(mid))}


def known() -> list[Any]:
    """The contact and the case that a first message leaves behind, as a query tells them: latest case last written."""
    calls = recorded()
    rows = [one["Put"]["Item"] for one in calls[-1]["TransactItems"]]
    return [row for kind in ("Contact", "Case") for row in rows if row["kind"]["S"] == kind]


def recorded() -> list[Any]:
    """The bodies of the calls that one message makes."""
    with closing(Wire(wired.store)) as wire:
        take(fragment())
    return [call.body for call in wire.calls if call.service == "dynamodb"]


def _cases() -> dict[str, Callable[[], object]]:
    query, transaction = recorded()
    dynamodb = client("dynamodb")
    event = queue_event("heed-bench-inbound.fifo", *[json.dumps(fragment(f"m_bench{n:012d}")) for n in range(BATCH)])

    def floor() -> None:
        dynamodb.query(**query)
        dynamodb.transact_write_items(**transaction)

    def handler() -> None:
        if intake(event, None)["batchItemFailures"]:
            raise ValueError("a record failed")

    return {"floor": floor, "take": lambda: take(fragment()), "handler": handler}


def _judge(title: str, timings: dict[str, Timing], result: Result) -> None:
    whole = timings["handler"]
    timings["handler"] = Timing(tuple(one / BATCH for one in whole.cpu), tuple(one / BATCH for one in whole.wall))
    rows = [[WORDS[name], *one.cells(), ratio(one, timings["floor"])] for name, one in timings.items()]
    result.tables.append(Table(f"{title}, us a message", ["path", *TIMED, "x floor"], rows))
    result.bars[f"{title}: us of CPU a message"] = {WORDS[name]: one.median for name, one in timings.items()}
    result.judged.append(Judged(f"intake, {title}, x floor", ratio(timings["take"], timings["floor"]), TARGET))
