"""A replay as data and as tables, one policy file beside another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.config import Config
from chalicelib.domain.instants import iso
from chalicelib.slack.times import span
from infra.sla.history import Arrival
from infra.sla.replay import Line, Outcome, load, summed


def simulated(rows: Sequence[Arrival], config: Config, outcomes: Sequence[Outcome], since: datetime) -> dict[str, Any]:
    """The messages that came since then, and what became of everything that was still promised by then."""
    came = [row for row in rows if row.at >= since]
    span_of = {"messages": len(came), "since": iso(max(since, rows[0].at)), "until": iso(rows[-1].at)}
    return {**span_of, "lines": [one.as_json() for one in summed(outcomes)], "load": load(came, config)}


def beside(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> list[dict[str, Any]]:
    """By queue and metric what each file makes of the same history; None where it promises nothing."""
    left, right = ({(one.queue, one.metric): one for one in summed(found, by_policy=False)} for found in (ours, theirs))
    keys = sorted({*left, *right})
    return [{"queue": queue, "metric": metric, **_both(left, right, (queue, metric))} for queue, metric in keys]


def _both(left: Mapping[Any, Line], right: Mapping[Any, Line], key: tuple[str, str]) -> dict[str, Any]:
    return {name: found[key].as_json() if key in found else None for name, found in (("this", left), ("other", right))}


def simulated_words(told: Mapping[str, Any], file: str) -> Iterator[str]:
    yield f"{told['messages']} messages from {told['since']} to {told['until']} under {file}"
    yield ""
    head = ("policy", "queue", "metric", "met", "broken", "open", "kept", "late p50", "late p90")
    yield from _table([head, *(_cells(one) for one in told["lines"])])
    if "against" in told:
        yield ""
        yield f"{file} beside {told['against']['file']}:"
        both = ("queue", "metric", "met", "broken", "kept", "|", "met", "broken", "kept", "difference")
        yield from _table([both, *(_pair(one) for one in told["against"]["lines"])])
    yield ""
    for queue, found in told["load"].items():
        yield f"{queue}: {found['messages']} messages, most in one hour: {found['most']} at {found['busiest']}"
        busy = [f"{hour:02}h {mean:g}" for hour, mean in enumerate(found["by_hour"]) if mean]
        yield f"  an hour of the day on average (UTC): {', '.join(busy)}"


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    names = (one["policy"], one["queue"], one["metric"])
    return (*names, *_counts(one), str(one["open"]), _kept(one), _late(one["late_p50"]), _late(one["late_p90"]))


def _counts(one: Mapping[str, Any]) -> tuple[str, str]:
    return str(one["met"]), str(one["breached"])


def _pair(one: Mapping[str, Any]) -> tuple[str, ...]:
    sides = [(*_counts(side), _kept(side)) if side else ("-", "-", "-") for side in (one["this"], one["other"])]
    return (one["queue"], one["metric"], *sides[0], "|", *sides[1], _change(one["this"], one["other"]))


def _change(here: Mapping[str, Any] | None, there: Mapping[str, Any] | None) -> str:
    if here is None or there is None or here["kept"] is None or there["kept"] is None:
        return "-"
    return f"{(there['kept'] - here['kept']) * 100:+.1f} %"


def _kept(one: Mapping[str, Any]) -> str:
    return "-" if one["kept"] is None else f"{one['kept'] * 100:.1f} %"


def _late(seconds: int | None) -> str:
    return "-" if seconds is None else span(timedelta(seconds=seconds))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
