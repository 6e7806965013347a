"""What a month costs: the counted calls of every step, times how often it happens, by a dated price table.

Quantities come from the counts that ``bench.calls`` keeps; prices and what must be assumed (milliseconds a function is
billed, records that come together) from ``prices.json``. Compared with the leanest design that keeps Step Functions:
a function URL, a put and an update a message, the stream as outbox, timers stopped at the first reply, 0.3 Slack posts
a message.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.counts import Count, Step, kept
from bench.measure import Effort, Judged, Result, Table
from bench.prices import STOP_SPARES, TIMER_TRANSITIONS, prices

TARGET = 1.2
COMPARABLE = (0.1, 1.0)
"""Share of messages that open a case, and replies a case, for which the lean design was priced."""


BUYS = {
    "front": "Chalice's REST API in place of a function URL; Slack's buttons come through it too",
    "lambda": "the desk waits for Slack: two calls for every line of a case's thread, against 0.3 posts a message",
    "queues": "news by SNS to a queue for each team, polled and deleted",
    "dynamodb": "a timeline row for every fact, the case and its clocks in one transaction, each effect crossed out",
    "timers": "a second timer, for the promise to resolve; each is stopped when its promise is kept",
    "logs": "a metric line for every event",
}


@dataclass(frozen=True, slots=True)
class Month:
    """``webhook`` is how many messages come in one webhook call."""

    messages: float = 1e6
    case_share: float = 0.1
    replies: float = 1.0
    webhook: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the bill."""

    part: str
    what: str
    number: float
    dollars: float


def happenings(month: Month) -> dict[str, float]:
    """How often each step happens in a month."""
    cases = month.messages * month.case_share
    replies = cases * month.replies
    return {
        "message, new contact": cases,
        "message, known contact": month.messages - cases,
        "take": cases,
        "reply, asked": replies,
        "reply, sent": replies,
        "echo of the reply": replies,
        "receipt of the reply": replies,
        "resolve": cases,
    }


def bill(month: Month, steps: Mapping[str, Step] | None = None) -> list[Line]:
    """Every line of the month, dearest first."""
    steps = steps or kept()
    often = happenings(month)
    parts = {part: _total(steps, often, part) for part in ("direct", "effects", "desk")}
    timers = sum(count.calls["sfn.StartExecution"] - count.calls["sfn.StopExecution"] for count in parts.values())
    parts["timers"] = steps["timer, stale"].direct.times(timers)
    webhooks = month.messages / month.webhook
    parts["edge"] = steps["webhook of 10"].direct.times(max(webhooks, month.messages / 10))
    work = _work(month, parts, webhooks, timers)
    lines = [*_counted(parts), *_compute(work), *_polls(work), *_front(webhooks, work)]
    return sorted(lines, key=lambda line: -line.dollars)


def _total(steps: Mapping[str, Step], often: Mapping[str, float], part: str) -> Count:
    total = Count()
    for name, times in often.items():
        count: Count = getattr(steps[name], part)
        total += count.times(times)
    return total


def _work(month: Month, parts: Mapping[str, Count], webhooks: float, timers: float) -> dict[str, float]:
    """Records each function handles."""
    cases, news = month.messages * month.case_share, parts["effects"].calls["sns.Publish"]
    asked = prices()["assumed"]["slack_requests"]
    pressed = cases * (asked["take"] + asked["reply"] * month.replies + asked["resolve"])
    told = cases * month.replies * 2  # the echo and the receipt of each reply
    handled = {"webhook": webhooks + told, "slack": pressed, "intake": month.messages + told, "publisher": news}
    return {**handled, "inbox": pressed, "desk": news, "delivery": cases * month.replies, "clock": timers}


_WORDS = {
    "direct": "intake, commands and delivery",
    "effects": "marking effects as done",
    "desk": "what the desk reads and writes",
    "timers": "timers that find nothing to do",
}


def _counted(parts: Mapping[str, Count]) -> Iterator[Line]:
    table = prices()
    each = table["per_million"]
    for name, words in _WORDS.items():
        count = parts[name]
        yield Line("dynamodb", f"{words}: WRU", count.wru, count.wru * each["dynamodb_wru"] / 1e6)
        yield Line("dynamodb", f"{words}: RRU", count.rru, count.rru * each["dynamodb_rru"] / 1e6)
    calls = sum((count.calls for count in parts.values()), Counter[str]())
    sends, news = calls["sqs.SendMessageBatch"], calls["sns.Publish"]
    starts, stops = calls["sfn.StartExecution"], calls["sfn.StopExecution"]
    yield Line("queues", "edge to intake: SendMessageBatch", sends, sends * each["sqs_fifo"] / 1e6)
    replies = calls["sqs.SendMessage"]
    yield Line("queues", "replies to delivery: SendMessage", replies, replies * each["sqs_standard"] / 1e6)
    yield Line("queues", "news to the desk: sns Publish", news, news * each["sns_publish"] / 1e6)
    moves = starts * TIMER_TRANSITIONS - stops * STOP_SPARES
    yield Line("timers", "transitions of Step Functions", moves, moves * each["sfn_transition"] / 1e6)
    rung = starts - stops
    yield Line("queues", "timers to the clock: SendMessage", rung, rung * each["sqs_standard"] / 1e6)
    written = sum(count.log_bytes for count in parts.values())
    yield Line("logs", "metrics as log lines: bytes", written, written / 1e9 * table["logs_per_gb"])


def _invocations(work: Mapping[str, float]) -> dict[str, float]:
    together = prices()["assumed"]["records_per_invocation"]
    return {name: records / together.get(name, 1) for name, records in work.items()}


def _compute(work: Mapping[str, float]) -> Iterator[Line]:
    table = prices()
    each, assumed = table["per_million"], table["assumed"]
    calls = sum(_invocations(work).values())
    yield Line("lambda", "invocations", calls, calls * each["lambda_request"] / 1e6)
    for name, records in work.items():
        spent = records * assumed["ms"][name] / 1e3 * assumed["memory_gb"][name]
        yield Line("lambda", f"{name}: GB-seconds", spent, spent * each["lambda_gb_second"] / 1e6)
    written = calls * assumed["log_bytes_per_invocation"]
    yield Line("logs", "Lambda's own lines: bytes", written, written / 1e9 * table["logs_per_gb"])


def _polls(work: Mapping[str, float]) -> Iterator[Line]:
    """One receive and one delete for each batch."""
    each, calls = prices()["per_million"], _invocations(work)
    pressed = work["inbox"]
    yield Line("queues", "Slack's door to its worker: SendMessage", pressed, pressed * each["sqs_fifo"] / 1e6)
    for name in ("intake", "inbox", "desk", "delivery", "clock"):
        polls = 2 * calls[name]
        price = each["sqs_fifo" if name in ("intake", "inbox") else "sqs_standard"]
        yield Line("queues", f"{name}: receive and delete", polls, polls * price / 1e6)


def _front(webhooks: float, work: Mapping[str, float]) -> Iterator[Line]:
    requests = work["webhook"] + work["slack"]
    yield Line("front", "API Gateway requests", requests, requests * prices()["per_million"]["api_gateway_rest"] / 1e6)


def by_part(lines: list[Line]) -> dict[str, float]:
    parts: dict[str, float] = dict.fromkeys(prices()["design_c1"], 0.0)
    for line in lines:
        parts[line.part] += line.dollars
    return parts


def standing() -> float:
    """A month in which nothing happens: alarms and metrics."""
    table = prices()
    assumed = table["assumed"]
    return float(assumed["metric_series"] * table["metric_per_month"] + assumed["alarms"] * table["alarm_per_month"])


def run(effort: Effort) -> Result:
    month, table = Month(), prices()
    lines = bill(month)
    total = sum(line.dollars for line in lines)
    lean = table["design_c1"]
    result = Result(
        "cost",
        "Cost: dollars a month for a million messages",
        f"A tenth of the messages opens a case, each case is taken, answered once and resolved. List prices as of "
        f"{table['as_of']}, {table['region']}; standing costs ({standing():.2f} a month for metrics and alarms) apart.",
    )
    parts = [[part, spent, lean[part], BUYS[part]] for part, spent in by_part(lines).items()]
    parts.append(["total", total, sum(lean.values()), ""])
    result.tables.append(
        Table(
            "$ by part, beside the leanest design with Step Functions (C1)",
            ["part", "Heed", "C1", "what the rest buys, or could spare"],
            parts,
        )
    )
    rows = [[f"{one.part}: {one.what}", one.number, one.dollars, f"{one.dollars / total:.1%}"] for one in lines]
    result.tables.append(Table("every line", ["what", "number", "$", "share"], rows))
    result.bars["$ a month"] = by_part(lines)
    result.judged.append(Judged("cost, x design C1", round(total / sum(lean.values()), 2), TARGET))
    result.notes.append(
        f"Not checked lately: the prices of {', '.join(table['unsure'])}. Assumed, not measured: billed "
        "milliseconds and batch sizes; idle polls, S3, Slack and egress are left out."
    )
    return result
