"""AWS calls of everything Heed does, counted at the wire on MiniStack, with their list price."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bench.counts import Count, Counted, keep
from bench.measure import Effort, Judged, Result, Table
from bench.prices import dollars, prices
from bench.story import told

COLUMNS = ["step", "reads", "writes", "sqs", "sns", "sfn", "other", "RRU", "WRU", "log bytes", "$ per million"]
PARTS = {"by itself": "direct", "its effects (publisher)": "effects", "its cards and lines (desk)": "desk"}
_READS = frozenset({"Query", "GetItem", "BatchGetItem"})


def run(effort: Effort) -> Result:
    stories = told()
    if not effort.smoke:
        keep(stories)
    return report(stories)


def report(stories: Mapping[str, Counted]) -> Result:
    first, shipped, escalated = stories.values()
    result = Result(
        "calls",
        "Calls of everything Heed does",
        "AWS calls counted as they are sent, on MiniStack, while one case is told through Lambda's own doors: the "
        "application, the queues' workers, the publisher and the schedules. Capacity units by AWS's rules from the "
        f"items' sizes; list prices as of {prices()['as_of']} ({prices()['region']}). A timer that runs out costs 3 "
        "transitions of Step Functions; one that is stopped costs 1.",
    )
    for words, part in PARTS.items():
        result.tables.append(_table(f"Under care.yaml, each step, {words}", shipped, part))
    others = {"A policy of two promises": first, "An angry message under care.yaml, which escalates": escalated}
    for name, story in others.items():
        result.tables += [
            _table(f"{name}: each step that costs otherwise, {w}", story, p, shipped) for w, p in PARTS.items()
        ]
    kinds = sorted({name: count for story in stories.values() for name, count in story.kinds.items()}.items())
    result.tables.append(Table("Each publisher effect", COLUMNS, [row(name, count) for name, count in kinds]))
    result.tables = [table for table in result.tables if table.rows]
    result.bars["$ per million, with effects and desk"] = {
        name: dollars(step.whole).total() * 1e6 for name, step in shipped.steps.items()
    }
    result.judged += judged(shipped)
    result.notes.append(
        "Not in these tables: what brings work to a function (API Gateway, Lambda, polls of queues); heed cost has it. "
        "A secret is read from SSM once in five minutes and container, which is why the first of its kind has a call "
        "more; the policy file is read twice a minute and container and is not in them."
    )
    return result


def _table(title: str, story: Counted, part: str, against: Counted | None = None) -> Table:
    """The steps that call anything; with another story to compare with, only those that call otherwise."""
    counts = {name: getattr(step, part) for name, step in story.steps.items()}
    known = {name: getattr(step, part) for name, step in against.steps.items()} if against else {}
    shown = {name: one for name, one in counts.items() if one.calls and not _alike(one, known.get(name))}
    return Table(title, COLUMNS, [row(name, count) for name, count in shown.items()])


def _alike(count: Count, known: Count | None) -> bool:
    return known is not None and (count.calls, count.rru, count.wru) == (known.calls, known.rru, known.wru)


def row(name: str, count: Count) -> list[Any]:
    calls = count.calls
    dynamo = {one.partition(".")[2]: number for one, number in calls.items() if one.startswith("dynamodb.")}
    reads = sum(number for one, number in dynamo.items() if one in _READS)
    named = [_of(calls, f"{service}.") for service in ("sqs", "sns", "sfn")]
    other = sum(calls.values()) - sum(dynamo.values()) - sum(named)
    writes = sum(dynamo.values()) - reads
    return [name, reads, writes, *named, other, count.rru, count.wru, count.log_bytes, dollars(count).total() * 1e6]


def _of(calls: Counter[str], prefix: str) -> int:
    return sum(number for name, number in calls.items() if name.startswith(prefix))


def judged(story: Counted) -> list[Judged]:
    """The promises about calls, as figures: how much more is called than promised."""
    known = story.steps["message, known contact"].direct.calls
    sends = {count: story.steps[f"webhook of {count}"].direct.calls for count in (10, 20, 100)}
    scans = sum(step.whole.calls["dynamodb.Scan"] for step in story.steps.values())
    return [
        *(Judged(f"sends of a webhook of {n}", _of(calls, "sqs."), n / 10) for n, calls in sends.items()),
        Judged("reads of a message of a known contact", known["dynamodb.Query"] + known["dynamodb.GetItem"], 1),
        Judged("all calls of a message of a known contact", known.total(), 2),
        Judged("scans", scans, 0),
    ]
