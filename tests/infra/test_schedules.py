"""Schedule expressions, and schedules on a clock that is moved by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.invoke import FunctionError
from infra.local.pumps.expressions import schedule
from infra.local.pumps.schedule import SchedulePump
from infra.local.stack import EventSource, Function
from infra.template.intrinsics import TemplateError
from tests.infra.waiting import eventually

MONDAY = datetime(2026, 6, 1, 9, 14, 30, tzinfo=UTC)
FUNCTION = Function("Tick", "s-Tick", "arn:aws:lambda:us-east-1:123456789012:function:s-Tick", "app.tick", 3, 128)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", "2026-06-01T09:15:30"),
        ("rate(5 minutes)", "2026-06-01T09:19:30"),
        ("rate(2 hours)", "2026-06-01T11:14:30"),
        ("rate(1 day)", "2026-06-02T09:14:30"),
        ("cron(0/15 * * * ? *)", "2026-06-01T09:15:00"),
        ("cron(14 9 * * ? *)", "2026-06-02T09:14:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-06-02T08:00:00"),
        ("cron(0 8 ? * SUN *)", "2026-06-07T08:00:00"),
        ("cron(30 6 1 JAN,JUL ? *)", "2026-07-01T06:30:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00:00"),
    ],
)
def test_the_next_time_is_strictly_later(expression: str, expected: str) -> None:
    assert schedule(expression)(MONDAY) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression", ["every minute", "cron(* * * *)", "cron(0 8 L * ? *)", "cron(61 8 * * ? *)", "rate(5 fortnights)"]
)
def test_what_cannot_be_read_is_refused(expression: str) -> None:
    with pytest.raises(TemplateError):
        schedule(expression)


def test_a_date_that_never_comes_is_refused() -> None:
    with pytest.raises(TemplateError, match="no time in the next eight years"):
        schedule("cron(0 0 31 2 ? *)")(MONDAY)


class Clock:
    """Shows what it is told."""

    def __init__(self) -> None:
        self.time = MONDAY

    def __call__(self) -> datetime:
        return self.time


def pump(clock: Clock, calls: list[Any], **properties: Any) -> SchedulePump:
    source = EventSource("TickEvent", "Schedule", {"Schedule": "rate(5 minutes)", **properties})
    return SchedulePump(FUNCTION, source, lambda name, event: calls.append((name, event)), clock)


def test_it_fires_when_the_clock_says_so_and_once_for_times_missed() -> None:
    clock, calls = Clock(), list[Any]()
    ticking = pump(clock, calls)
    ticking.start()
    try:
        clock.time = MONDAY + timedelta(minutes=4)
        assert calls == []
        clock.time = MONDAY + timedelta(minutes=17)
        (name, event) = eventually(lambda: calls)[0]
        assert name == "s-Tick"
        assert (event["detail-type"], event["time"]) == ("Scheduled Event", "2026-06-01T09:31:30Z")
        assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/s-TickTickEvent"]
    finally:
        ticking.signal_stop()
        ticking.join(5)
    assert len(calls) == 1


def test_fire_needs_no_clock_and_takes_the_templates_input() -> None:
    calls: list[Any] = []
    pump(Clock(), calls, Input='{"deep": true}').fire()
    assert calls == [("s-Tick", {"deep": True})]


def test_fire_hands_on_what_the_function_raises() -> None:
    def broken(name: str, event: Any) -> None:
        raise FunctionError("ValueError", "no", "")

    source = EventSource("TickEvent", "Schedule", {"Schedule": "rate(1 day)"})
    with pytest.raises(FunctionError, match="ValueError: no"):
        SchedulePump(FUNCTION, source, broken, Clock()).fire()
