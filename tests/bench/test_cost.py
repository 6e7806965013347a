"""The cost model stands on calls that were counted: they are counted again here."""

import json

import pytest
from typer.testing import CliRunner

from bench import calls, cost, record, standing
from bench.cost import STORY, Month, bill, by_part, happenings, idle
from bench.counts import Counted, kept
from bench.prices import STOP_SPARES, TIMER_TRANSITIONS, dollars, prices
from bench.story import told
from infra.cli import app

RECOUNT = "the calls changed; look whether that was meant, then keep the new ones: python -m bench calls cost --docs"


@pytest.fixture(scope="module")
def counted() -> dict[str, Counted]:
    return told()


def test_the_models_calls_are_the_counted_ones(counted: dict[str, Counted]) -> None:
    known = kept()
    assert list(known) == list(counted), RECOUNT
    for story, found in counted.items():
        assert list(known[story].steps) == list(found.steps), RECOUNT
        for name, step in found.steps.items():
            for part in ("direct", "effects", "desk"):
                before, now = getattr(known[story].steps[name], part), getattr(step, part)
                assert before.calls == now.calls, f"{story}: {name}, {part}: {RECOUNT}"


def test_the_models_units_are_the_counted_ones(counted: dict[str, Counted]) -> None:
    """Sizes move a little with every new field; what they cost in sum may move by a tenth before it is kept anew."""
    now = sum(dollars(step.whole).total() for found in counted.values() for step in found.steps.values())
    then = sum(dollars(step.whole).total() for found in kept().values() for step in found.steps.values())
    assert then == pytest.approx(now, rel=0.1), RECOUNT


def test_the_pages_tables_are_those_of_the_kept_counts() -> None:
    last = record.read(record.LAST)
    assert last is not None
    on_page = {result.name: result for result in last.results}
    for name, fresh in {"calls": calls.report(kept()), "cost": cost.report()}.items():
        assert on_page[name].as_json() == json.loads(json.dumps(fresh.as_json())), RECOUNT


@pytest.mark.parametrize("story", kept())
def test_a_message_costs_one_read_and_one_transaction_and_ten_travel_in_one_send(
    counted: dict[str, Counted], story: str
) -> None:
    steps = counted[story].steps
    assert steps["message, known contact"].direct.calls == {"dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1}
    for pieces in (10, 20, 100):
        assert steps[f"webhook of {pieces}"].direct.calls == {"sqs.SendMessageBatch": pieces / 10}


def test_the_bill_grows_with_the_messages_and_hides_nothing() -> None:
    once, twice = bill(Month()), bill(Month(messages=2e6))
    assert sum(line.dollars for line in twice) == pytest.approx(2 * sum(line.dollars for line in once), rel=0.01)
    assert sum(line.dollars for line in twice) < 2 * sum(line.dollars for line in once), "more come together"
    assert sum(by_part(once).values()) == pytest.approx(sum(line.dollars for line in once))
    assert all(line.dollars >= 0 for line in [*once, *idle()])


def test_a_usual_case_stops_every_timer_it_starts_and_only_what_was_not_spared_is_billed() -> None:
    month, steps = Month(messages=1000, case_share=0.5), kept()[STORY].steps
    found = [(steps[name].whole.calls, times) for name, times in happenings(month).items()]
    started = sum(one["sfn.StartExecution"] * times for one, times in found)
    stopped = sum(one["sfn.StopExecution"] * times for one, times in found)
    assert started == stopped > 0
    each = prices()["per_million"]["sfn_transition"] / 1e6
    assert by_part(bill(month))["timers"] == pytest.approx(started * (TIMER_TRANSITIONS - STOP_SPARES) * each)


def test_every_webhook_is_a_send_and_every_press_is_a_request() -> None:
    """Echoes and receipts come by webhook, too; what is typed comes letter by letter."""
    month = Month(messages=100, case_share=0.1, letters=7)
    numbers = {line.what: line.number for line in bill(month)}
    assert numbers["edge to intake: SendMessageBatch"] == 100 + 2 * 10
    assert numbers["webhooks: API Gateway requests"] == 100 + 2 * 10
    assert numbers["presses in Slack: API Gateway requests"] == 10 * 4
    assert numbers["letters typed in Slack: API Gateway requests"] == 10 * 7


def test_hardly_two_records_share_an_invocation_until_there_are_very_many() -> None:
    assert cost.together("intake", 1e6) == pytest.approx(1.0, abs=0.02)
    assert cost.together("intake", 1e12) == standing.functions()["intake"].batch == 10


def test_what_stands_still_is_read_from_the_template() -> None:
    functions, lines = standing.functions(), {(line.part, line.what): line for line in idle()}
    declared = [one for one in standing.template()["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert lines["alarms", "of the template"].number == len(declared) > 10
    assert {name for name, one in functions.items() if one.runs} == {"sweeper", "herald", "auditor", "eraser"}
    assert {name for name, one in functions.items() if one.queues} == {"intake", "inbox", "delivery", "clock", "desk"}
    assert functions["desk"].queues == 4
    assert functions["desk"].memory == 0.25
    assert lines["metrics", "series one network writes"].number == len(kept()[STORY].series) > 10


def test_the_command_prints_the_bill() -> None:
    told = CliRunner().invoke(app, ["cost", "--messages", "1e6", "--json"])
    assert told.exit_code == 0, told.output
    data = json.loads(told.output)
    assert data["total"] == pytest.approx(sum(line["dollars"] for line in data["lines"]))
    assert data["as_of"] == prices()["as_of"]
    assert data["standing"] == pytest.approx(sum(line["dollars"] for line in data["idle"]))
    people = CliRunner().invoke(app, ["cost", "--case-share", "0.2"])
    assert people.exit_code == 0
    assert "a month" in people.output
    assert "leanest" not in people.output
