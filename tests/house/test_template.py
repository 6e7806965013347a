"""The template that is deployed: rendered in process, and judged by rules."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file

from chalicelib.domain.effects import _ALARMING as ALARMING
from chalicelib.handlers import worker
from chalicelib.net.slack import TIMEOUT_SECONDS
from infra.template.queues import RECEIVES
from infra.template.render import render
from infra.template.resources import resources
from tests.house.source import PROJECT

TEAMS = ["social", "messages", "escalations"]


@lru_cache(maxsize=1)
def template() -> dict[str, Any]:
    return render("dev", PROJECT, resources("dev", TEAMS))


def of(kind: str) -> dict[str, dict[str, Any]]:
    found = template()["Resources"].items()
    return {name: one["Properties"] for name, one in found if one["Type"] == kind}


def sources() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (function, name, event["Properties"])
        for function, properties in of("AWS::Serverless::Function").items()
        for name, event in properties.get("Events", {}).items()
        if event["Type"] in ("SQS", "DynamoDB")
    ]


def test_cloudformation_would_take_it(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template()))
    assert [str(match) for match in lint_file(path)] == []


def test_every_queue_and_stream_reports_its_failures_one_by_one() -> None:
    assert len(sources()) == 6 + len(TEAMS)
    for function, name, properties in sources():
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], (function, name)


def test_the_stream_starts_at_its_beginning_bisects_and_keeps_what_fails() -> None:
    [stream] = [properties for function, _, properties in sources() if function == "Publisher"]
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["PublisherDead", "Arn"]}
    assert stream["MaximumRetryAttempts"] > 0
    assert stream["Stream"] == {"Fn::GetAtt": ["CareTable", "StreamArn"]}


def test_every_queue_has_a_dead_letter_queue_with_an_alarm_encryption_and_patience() -> None:
    queues, functions = of("AWS::SQS::Queue"), of("AWS::Serverless::Function")
    alarms = json.dumps(of("AWS::CloudWatch::Alarm"))
    served = {_queue_of(properties): function for function, _, properties in sources() if "Queue" in properties}
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True
        if name.endswith("Dead"):
            assert f'["{name}", "QueueName"]' in alarms
            continue
        redrive = queue["RedrivePolicy"]
        assert redrive == {"deadLetterTargetArn": {"Fn::GetAtt": [f"{name}Dead", "Arn"]}, "maxReceiveCount": RECEIVES}
        assert queue["VisibilityTimeout"] >= 6 * functions[served[name]]["Timeout"]


def _queue_of(properties: dict[str, Any]) -> str:
    text: str = properties["Queue"]["Fn::Sub"]
    return text.removeprefix("${").removesuffix(".Arn}")


def test_the_workers_bury_before_the_queue_would() -> None:
    """Who crashed its function at the last try is met once more, and buried with its reason."""
    assert worker.RECEIVES + 1 == RECEIVES


def test_every_team_gets_only_its_own_news() -> None:
    subscriptions = of("AWS::SNS::Subscription")
    teams = [one["FilterPolicy"] for one in subscriptions.values() if one["TopicArn"] == {"Ref": "CaseEvents"}]
    assert {only["queue"][0] for only in teams} == set(TEAMS)
    assert all("RedrivePolicy" in one and one["RawMessageDelivery"] for one in subscriptions.values())


def test_what_is_urgent_comes_to_the_desk_by_a_queue_of_its_own_and_by_no_other() -> None:
    subscriptions, policies = of("AWS::SNS::Subscription"), of("AWS::SQS::QueuePolicy")
    urgent = subscriptions.pop("UrgentSubscription")
    assert urgent["TopicArn"] == {"Ref": "SlaBreaches"} and "FilterPolicy" not in urgent
    for one in subscriptions.values():
        (but,) = one["FilterPolicy"]["fact"]
        assert set(but["anything-but"]) == ALARMING
    assert {"Ref": "SlaBreaches"} in [
        statement["Condition"].get("ArnEquals", {}).get("aws:SourceArn")
        for statement in policies["UrgentPolicy"]["PolicyDocument"]["Statement"]
    ]
    desk = {_queue_of(properties): properties for function, _, properties in sources() if function == "Desk"}
    assert "Urgent" in desk and len(desk) == 1 + len(TEAMS)


def test_a_subscription_can_bury_what_its_queue_does_not_take() -> None:
    for queue, topic in (("TeamSocialDead", "CaseEvents"), ("UrgentDead", "SlaBreaches")):
        _, allow = of("AWS::SQS::QueuePolicy")[f"{queue}Policy"]["PolicyDocument"]["Statement"]
        assert (allow["Effect"], allow["Action"]) == ("Allow", "sqs:SendMessage")
        assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": topic}}}


def test_the_desk_is_done_in_time_even_when_every_call_to_slack_takes_as_long_as_it_may() -> None:
    """A record is a card and a line; for a lost answer the third call is made of the next record's time."""
    for function, _, properties in sources():
        if function == "Desk":
            slowest = properties["BatchSize"] * 2 * TIMEOUT_SECONDS
            assert slowest < of("AWS::Serverless::Function")["Desk"]["Timeout"]


def test_what_slack_refuses_is_told_once_and_so_is_its_end() -> None:
    alarms = {one["MetricName"]: one for one in of("AWS::CloudWatch::Alarm").values() if "MetricName" in one}
    for kind in ("token", "channel", "message"):
        one = alarms[f"slack_{kind}_refused"]
        assert one["Period"] == 3600 and one["AlarmActions"] == one["OKActions"] == [{"Ref": "Alarms"}]
        assert "docs/runbooks/slack.md" in one["AlarmDescription"]


def test_what_an_operator_must_know_has_an_alarm_on_a_metric_that_is_counted() -> None:
    """CloudWatch matches an alarm's metric only by all of its dimensions: ours are counted without any of their own."""
    alarms = {one["MetricName"]: one for one in of("AWS::CloudWatch::Alarm").values() if one["Namespace"] == "Heed"}
    source = "".join(path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py"))
    for name in ("effects_swept", "checkpoints_missed", "timers_not_started", "replies_unknown"):
        one = alarms[name]
        assert (one["Threshold"], one["Period"], one["Dimensions"]) == (0, 60, [{"Name": "service", "Value": "heed"}])
        assert f'"{name}"' in source


def test_whoever_nothing_steps_in_for_has_an_alarm_on_its_failures() -> None:
    """A worker's failures end among its dead letters, which have theirs."""
    watched = {
        one["Dimensions"][0]["Value"]["Ref"]: (one["Threshold"], one["Period"])
        for one in of("AWS::CloudWatch::Alarm").values()
        if one["MetricName"] == "Errors"
    }
    minutely = dict.fromkeys(("Sweeper", "Auditor", "Herald", "Publisher"), (2, 300))
    assert watched == {**minutely, "Eraser": (0, 3600)}


def test_a_scheduled_run_that_failed_is_not_repeated_beside_the_next_one() -> None:
    functions = of("AWS::Serverless::Function")
    scheduled = {
        name for name, one in functions.items() if any(e["Type"] == "Schedule" for e in one.get("Events", {}).values())
    }
    assert scheduled == {"Sweeper", "Auditor", "Herald", "Eraser"}
    for name in scheduled:
        assert functions[name]["EventInvokeConfig"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def statements() -> list[tuple[str, dict[str, Any]]]:
    return [
        (role, statement)
        for role, properties in of("AWS::IAM::Role").items()
        for policy in properties.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize(("role", "statement"), statements(), ids=lambda value: str(value)[:40])
def test_no_role_may_do_anything_to_everything(role: str, statement: dict[str, Any]) -> None:
    assert not any(action.endswith("*") for action in statement["Action"])
    assert "*" not in statement["Resource"]


def test_every_function_has_a_role_of_its_own_and_kept_logs() -> None:
    functions = of("AWS::Serverless::Function")
    roles = {json.dumps(one["Role"]) for one in functions.values()}
    assert len(roles) == len(functions) == 11
    groups = of("AWS::Logs::LogGroup")
    assert len(groups) == len(functions)
    assert all(one["RetentionInDays"] == 30 for one in groups.values())


def test_what_holds_data_survives_its_stack() -> None:
    for name in ("CareTable", "Archive"):
        assert template()["Resources"][name]["DeletionPolicy"] == "Retain"
    assert of("AWS::DynamoDB::Table")["CareTable"]["DeletionProtectionEnabled"] is True


def test_the_environment_is_what_the_settings_read() -> None:
    from chalicelib.settings import read

    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert read({name: str(value) for name, value in variables.items()}).stage == "dev"


def test_debug_is_off_in_what_is_packaged() -> None:
    import app

    assert app.app.debug is False
