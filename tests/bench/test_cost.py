"""The cost model stands on calls that were counted: they are counted again here."""

import json

import pytest
from typer.testing import CliRunner

from bench.cost import Month, bill, by_part, happenings
from bench.counts import Count, kept
from bench.prices import STOP_SPARES, TIMER_TRANSITIONS, dollars, prices
from bench.story import tell
from bench.world import on_ministack
from infra.cli import app

RECOUNT = "the calls changed; look whether that was meant, then keep the new ones: python -m bench calls"


@pytest.fixture(scope="module")
def counted() -> dict[str, dict[str, Count]]:
    with on_ministack():
        steps = tell().steps
    return {name: {"direct": one.direct, "effects": one.effects, "desk": one.desk} for name, one in steps.items()}


def test_the_models_calls_are_the_counted_ones(counted: dict[str, dict[str, Count]]) -> None:
    known = {name: {"direct": one.direct, "effects": one.effects, "desk": one.desk} for name, one in kept().items()}
    assert list(known) == list(counted), RECOUNT
    for name, parts in counted.items():
        for part, count in parts.items():
            assert known[name][part].calls == count.calls, f"{name}, {part}: {RECOUNT}"


def test_the_models_units_are_the_counted_ones(counted: dict[str, dict[str, Count]]) -> None:
    """Sizes move a little with every new field; what they cost in sum may move by a tenth before it is kept anew."""
    now = sum(dollars(count).total() for parts in counted.values() for count in parts.values())
    then = sum(dollars(step.whole).total() for step in kept().values())
    assert then == pytest.approx(now, rel=0.1), RECOUNT


def test_a_message_costs_one_read_and_one_transaction_and_ten_travel_in_one_send(
    counted: dict[str, dict[str, Count]],
) -> None:
    known = counted["message, known contact"]["direct"].calls
    assert known == {"dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1}
    for pieces in (10, 20, 100):
        assert counted[f"webhook of {pieces}"]["direct"].calls == {"sqs.SendMessageBatch": pieces / 10}


def test_the_bill_grows_with_the_messages_and_hides_nothing() -> None:
    once, twice = bill(Month()), bill(Month(messages=2e6))
    assert sum(line.dollars for line in twice) == pytest.approx(2 * sum(line.dollars for line in once))
    assert sum(by_part(once).values()) == pytest.approx(sum(line.dollars for line in once))
    assert all(line.dollars >= 0 for line in once)


def test_a_usual_case_stops_every_timer_it_starts_and_only_what_was_not_spared_is_billed() -> None:
    month = Month(messages=1000, case_share=0.5)
    calls = [(kept()[name].whole.calls, times) for name, times in happenings(month).items()]
    started = sum(one["sfn.StartExecution"] * times for one, times in calls)
    stopped = sum(one["sfn.StopExecution"] * times for one, times in calls)
    assert started == stopped > 0
    each = prices()["per_million"]["sfn_transition"] / 1e6
    assert by_part(bill(month))["timers"] == pytest.approx(started * (TIMER_TRANSITIONS - STOP_SPARES) * each)


def test_the_command_prints_the_bill() -> None:
    told = CliRunner().invoke(app, ["cost", "--messages", "1e6", "--json"])
    assert told.exit_code == 0, told.output
    data = json.loads(told.output)
    assert data["total"] == pytest.approx(sum(line["dollars"] for line in data["lines"]))
    assert data["as_of"] == prices()["as_of"]
    people = CliRunner().invoke(app, ["cost", "--case-share", "0.2"])
    assert people.exit_code == 0
    assert "a month" in people.output
    assert "leanest" not in people.output
