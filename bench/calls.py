"""AWS calls of everything Heed does, counted at the wire on MiniStack, with their list price."""

import json
from typing import Any

from bench.counts import FILE, Count
from bench.measure import Effort, Judged, Result, Table
from bench.prices import dollars, prices
from bench.story import Story, tell
from bench.world import on_ministack

COLUMNS = ["step", "reads", "writes", "sqs", "sns", "sfn", "other", "RRU", "WRU", "log bytes", "$ per million"]
_READS = frozenset({"Query", "GetItem", "BatchGetItem"})


def run(effort: Effort) -> Result:
    with on_ministack():
        story = tell()
    if not effort.smoke:
        FILE.write_text(json.dumps(as_json(story), indent=1) + "\n")
    return report(story)


def as_json(story: Story) -> dict[str, Any]:
    return {
        "steps": {name: step.as_json() for name, step in story.steps.items()},
        "effects": {name: count.as_json() for name, count in story.kinds.items()},
    }


def report(story: Story) -> Result:
    result = Result(
        "calls",
        "Calls of everything Heed does",
        f"AWS calls counted as they are sent, on MiniStack; capacity units by AWS's rules from the items' sizes; "
        f"list prices as of {prices()['as_of']} ({prices()['region']}). A timer that runs out costs 3 transitions of "
        "Step Functions; one that is stopped costs 1.",
    )
    parts = {"by itself": "direct", "its effects (publisher)": "effects", "its cards and lines (desk)": "desk"}
    for words, part in parts.items():
        counts = {name: getattr(step, part) for name, step in story.steps.items()}
        rows = [row(name, count) for name, count in counts.items() if count.calls]
        result.tables.append(Table(f"Each step, {words}", COLUMNS, rows))
    result.tables.append(
        Table("Each publisher effect", COLUMNS, [row(name, count) for name, count in sorted(story.kinds.items())])
    )
    result.bars["$ per million, with effects and desk"] = {
        name: dollars(step.whole).total() * 1e6 for name, step in story.steps.items()
    }
    result.judged += judged(story)
    result.notes.append(
        "Not in these tables: what brings work to a function (API Gateway, Lambda, polls of queues); heed cost has it."
    )
    return result


def row(name: str, count: Count) -> list[Any]:
    calls = count.calls
    dynamo = {one.partition(".")[2]: number for one, number in calls.items() if one.startswith("dynamodb.")}
    reads = sum(number for one, number in dynamo.items() if one in _READS)
    named = [_of(calls, f"{service}.") for service in ("sqs", "sns", "sfn")]
    other = sum(calls.values()) - sum(dynamo.values()) - sum(named)
    writes = sum(dynamo.values()) - reads
    return [name, reads, writes, *named, other, count.rru, count.wru, count.log_bytes, dollars(count).total() * 1e6]


def _of(calls: Any, prefix: str) -> int:
    return sum(number for name, number in calls.items() if name.startswith(prefix))


def judged(story: Story) -> list[Judged]:
    """The promises about calls, as figures: how much more is called than promised."""
    known = story.steps["message, known contact"].direct.calls
    sends = {count: story.steps[f"webhook of {count}"].direct.calls for count in (10, 20, 100)}
    scans = sum(call.operation == "Scan" for call in story.wire.calls)
    return [
        *(Judged(f"sends of a webhook of {n}", _of(calls, "sqs."), n / 10) for n, calls in sends.items()),
        Judged("reads of a message of a known contact", known["dynamodb.Query"] + known["dynamodb.GetItem"], 1),
        Judged("all calls of a message of a known contact", known.total(), 2),
        Judged("scans", scans, 0),
    ]
