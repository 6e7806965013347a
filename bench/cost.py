"""What a month costs: the counted calls of every step, times how often it happens, by a dated price table.

Quantities come from the counts that ``bench.calls`` keeps and from the template; prices, and how many milliseconds a
function is billed, which nothing here can measure, from ``prices.json``. Compared with the leanest design that keeps
Step Functions: a function URL, a put and an update a message, the stream as outbox, timers stopped at the first reply,
0.3 Slack posts a message, nobody pressing anything.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench import standing
from bench.counts import Count, Counted, kept
from bench.measure import Effort, Judged, Result, Table
from bench.prices import STOP_SPARES, TIMER_TRANSITIONS, prices

TARGET = 1.2
COMPARABLE = (0.1, 1.0)
"""Share of messages that open a case, and replies a case, for which the lean design was priced."""
STORY = "care.yaml"
"""Whose counts the bill stands on: what we ship."""
SECONDS = standing.MINUTES * 60.0

BUYS = {
    "front": "a REST API, which Chalice makes (ADR 0015); every press and letter in Slack is a request",
    "lambda": "the door for each letter typed; two calls to Slack, and the waiting, for every line of a case's thread",
    "queues": "news by SNS to a queue for each team; receive and delete of single messages",
    "dynamodb": "a timeline row for every fact, case and clocks in one transaction, drafts, effects crossed out",
    "timers": "one timer for the promise that breaks next; it is stopped when that is kept",
    "logs": "a metric line for every event, Lambda's own for every invocation",
}


@dataclass(frozen=True, slots=True)
class Month:
    """``webhook`` is how many messages come in one webhook call, ``letters`` how often Slack tells of an answer being
    typed: each time it does is a request."""

    messages: float = 1e6
    case_share: float = 0.1
    replies: float = 1.0
    webhook: float = 1.0
    letters: float = 30.0

    @property
    def cases(self) -> float:
        return self.messages * self.case_share


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the bill."""

    part: str
    what: str
    number: float
    dollars: float


LETTER = "reply, a letter typed"


def presses(month: Month) -> dict[str, float]:
    """How often each thing is done in Slack; each is a request to the API."""
    replies = month.cases * month.replies
    opened, typed = {"reply, window opened": replies}, {LETTER: replies * month.letters}
    return {"take": month.cases, **opened, **typed, "reply, asked": replies, "resolve": month.cases}


def happenings(month: Month) -> dict[str, float]:
    """How often each step happens in a month."""
    replies = month.cases * month.replies
    return {
        "message, new contact": month.cases,
        "message, known contact": month.messages - month.cases,
        **presses(month),
        "reply, sent": replies,
        "echo of the reply": replies,
        "receipt of the reply": replies,
    }


def bill(month: Month, story: Counted | None = None) -> list[Line]:
    """Every line of the month, dearest first."""
    steps = (story or kept()[STORY]).steps
    often = happenings(month)
    parts = {part: _total(steps, often, part) for part in ("direct", "effects", "desk")}
    timers = sum(count.calls["sfn.StartExecution"] - count.calls["sfn.StopExecution"] for count in parts.values())
    parts["timers"] = steps["timer, stale"].direct.times(timers)
    webhooks = month.messages / month.webhook
    told = often["echo of the reply"] + often["receipt of the reply"]
    parts["edge"] = steps["webhook of 10"].direct.times(max(webhooks, month.messages / 10) + told)
    work = {
        "webhook": webhooks + told,
        "slack": sum(presses(month).values()) - often[LETTER],
        "letters": often[LETTER],
        "inbox": sum(presses(month).values()),
        "intake": month.messages + told,
        "publisher": parts["effects"].calls["dynamodb.UpdateItem"],
        "desk": parts["effects"].calls["sns.Publish"],
        "delivery": month.cases * month.replies,
        "clock": timers,
    }
    lines = [*_counted(parts), *_compute(work), *_polls(work), *_front(work)]
    return sorted(lines, key=lambda line: -line.dollars)


def _total(steps: Mapping[str, Any], often: Mapping[str, float], part: str) -> Count:
    total = Count()
    for name, times in often.items():
        count: Count = getattr(steps[name], part)
        total += count.times(times)
    return total


_WORDS = {
    "direct": "intake, commands, drafts and delivery",
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
    done = calls["sqs.SendMessageToFifo"]
    yield Line("queues", "what is done in Slack to its worker: SendMessage", done, done * each["sqs_fifo"] / 1e6)
    sent = calls["sqs.SendMessage"]
    yield Line("queues", "replies and the like to their workers: SendMessage", sent, sent * each["sqs_standard"] / 1e6)
    yield Line("queues", "news to the desk: sns Publish", news, news * each["sns_publish"] / 1e6)
    moves = starts * TIMER_TRANSITIONS - stops * STOP_SPARES
    yield Line("timers", "transitions of Step Functions", moves, moves * each["sfn_transition"] / 1e6)
    rung = starts - stops
    yield Line("queues", "timers to the clock: SendMessage", rung, rung * each["sqs_standard"] / 1e6)
    written = sum(count.log_bytes for count in parts.values())
    yield Line("logs", "metrics as log lines: bytes", written, written / 1e9 * table["logs_per_gb"])


def together(name: str, records: float) -> float:
    """How many come in one invocation: one, and those that come while it works, up to the template's batch."""
    seconds: float = prices()["assumed"]["ms"][name] / 1e3
    return min(float(standing.functions()[name].batch), 1 + records / SECONDS * seconds)


def _invocations(work: Mapping[str, float]) -> dict[str, float]:
    return {name: records / together(name, records) for name, records in work.items()}


def _compute(work: Mapping[str, float]) -> Iterator[Line]:
    table = prices()
    each, ms = table["per_million"], table["assumed"]["ms"]
    calls = sum(_invocations(work).values())
    yield Line("lambda", "invocations", calls, calls * each["lambda_request"] / 1e6)
    for name, records in work.items():
        spent = records * ms[name] / 1e3 * standing.functions()[name].memory
        yield Line("lambda", f"{name}: GB-seconds", spent, spent * each["lambda_gb_second_arm"] / 1e6)
    written = calls * table["assumed"]["log_bytes_per_invocation"]
    yield Line("logs", "Lambda's own lines: bytes", written, written / 1e9 * table["logs_per_gb"])


def _polls(work: Mapping[str, float]) -> Iterator[Line]:
    """One receive and one delete for each batch."""
    each, calls = prices()["per_million"], _invocations(work)
    for name in (name for name in work if standing.functions()[name].queues):
        polls = 2 * calls[name]
        yield Line("queues", f"{name}: receive and delete", polls, polls * each[_queue(name)] / 1e6)


def _queue(name: str) -> str:
    return "sqs_fifo" if name in ("intake", "inbox") else "sqs_standard"


def _front(work: Mapping[str, float]) -> Iterator[Line]:
    each = prices()["per_million"]["api_gateway_rest"] / 1e6
    yield Line("front", "webhooks: API Gateway requests", work["webhook"], work["webhook"] * each)
    yield Line("front", "presses in Slack: API Gateway requests", work["slack"], work["slack"] * each)
    yield Line("front", "letters typed in Slack: API Gateway requests", work["letters"], work["letters"] * each)


def by_part(lines: list[Line]) -> dict[str, float]:
    parts: dict[str, float] = dict.fromkeys(prices()["design_c1"], 0.0)
    for line in lines:
        parts[line.part] += line.dollars
    return parts


IDLE = {
    "sweeper": "sweeper, nothing owed",
    "auditor": "auditor, nothing missed",
    "herald": "herald, nothing to tell",
    "eraser": "eraser, nothing to erase",
}


def idle(story: Counted | None = None) -> list[Line]:
    """A month in which nothing happens, with alarms, metrics, polls of empty queues, and what runs by the clock."""
    counted, table = story or kept()[STORY], prices()
    each, assumed = table["per_million"], table["assumed"]
    functions, series = standing.functions(), len(counted.series)
    runs = {name: functions[name].runs for name in IDLE}
    reads = sum(counted.steps[IDLE[name]].direct.rru * often for name, often in runs.items())
    spent = sum(often * assumed["ms"][name] / 1e3 * functions[name].memory for name, often in runs.items())
    lines = [
        Line("alarms", "of the template", standing.alarms(), standing.alarms() * table["alarm_per_month"]),
        Line("metrics", "series one network writes", series, series * table["metric_per_month"]),
        Line("schedules", "invocations", sum(runs.values()), sum(runs.values()) * each["lambda_request"] / 1e6),
        Line("schedules", "GB-seconds", spent, spent * each["lambda_gb_second_arm"] / 1e6),
        Line("schedules", "RRU", reads, reads * each["dynamodb_rru"] / 1e6),
    ]
    for name, function in functions.items():
        polls = function.queues * assumed["idle_polls_of_a_queue"]
        if polls:
            lines.append(Line("polls", f"{name}'s queues while empty", polls, polls * each[_queue(name)] / 1e6))
    return sorted(lines, key=lambda line: -line.dollars)


def run(effort: Effort) -> Result:
    return report()


def report() -> Result:
    month, table = Month(), prices()
    lines, waiting = bill(month), idle()
    total, lean = sum(line.dollars for line in lines), table["design_c1"]
    always = sum(line.dollars for line in waiting)
    result = Result(
        "cost",
        "Cost: dollars a month for a million messages",
        f"A tenth of the messages opens a case; each case is taken, answered once and resolved in Slack, which tells "
        f"of each answer {month.letters:.0f} times while it is typed. Counts under the shipped care.yaml; list prices "
        f"as of {table['as_of']}, {table['region']}. What is paid though nothing happens ({always:.2f}) is apart.",
    )
    parts = [[part, spent, lean[part], BUYS[part]] for part, spent in by_part(lines).items()]
    parts.append(["total", total, sum(lean.values()), ""])
    columns = ["part", "Heed", "C1", "what the rest buys, or could spare"]
    result.tables.append(Table("$ by part, beside the leanest design with Step Functions (C1)", columns, parts))
    rows = [[f"{one.part}: {one.what}", one.number, one.dollars, f"{one.dollars / total:.1%}"] for one in lines]
    result.tables.append(Table("every line", ["what", "number", "$", "share"], rows))
    idles = [[f"{one.part}: {one.what}", one.number, one.dollars] for one in waiting]
    result.tables.append(Table("though nothing happens", ["what", "number", "$"], idles))
    result.tables.append(Table("what moves it", ["if", "$ a month"], [[what, cost] for what, cost in _moves(month)]))
    result.bars["$ a month"] = by_part(lines)
    result.judged.append(Judged("cost, x design C1", round(total / sum(lean.values()), 2), TARGET))
    result.notes.append(
        f"Not checked lately: the prices of {', '.join(table['unsure'])}. Assumed, not measured: the milliseconds a "
        "function is billed, and how often Slack tells of an answer being typed. Records come evenly over the month, "
        "so hardly two share an invocation. Left out: storage, backups, keys (KMS), S3, Slack and egress."
    )
    return result


def _moves(month: Month) -> Iterator[tuple[str, float]]:
    """The same month with one thing otherwise."""
    others = {
        "as above": month,
        "nobody's typing were told": Month(letters=0),
        "half the messages open a case": Month(case_share=0.5),
        "webhooks bring five messages each": Month(webhook=5),
        "ten million messages": Month(messages=1e7),
    }
    for what, other in others.items():
        yield what, sum(line.dollars for line in bill(other))
