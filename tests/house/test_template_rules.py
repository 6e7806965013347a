"""infra/rules/heed.guard holds for what is deployed, and every rule of it finds what it forbids."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from typing import Any

import pytest
from cloudformation_validate import (
    CompositeEngine,
    CompositeEngineConfig,
    Severity,
    TemplateContent,
    file_to_external_rule_source,
)

from tests.house.source import PROJECT
from tests.house.test_template import template

RULES = PROJECT / "infra" / "rules" / "heed.guard"

Template = dict[str, Any]
Break = Callable[[Template], object]


@lru_cache(maxsize=1)
def engine() -> CompositeEngine:
    return CompositeEngine(CompositeEngineConfig(guard_rules=[file_to_external_rule_source(RULES)]))


def broken(judged: Template) -> set[str]:
    """The rules, ours and AWS's own, that the template breaks."""
    report = engine().validate_template(TemplateContent(json.dumps(judged)))
    return {one.rule_id for one in report.diagnostics if one.severity in (Severity.ERROR, Severity.FATAL)}


def _set(path: str, value: Any) -> Break:
    """Puts a value at ``Resource/Properties/...``; numbers are places in lists, None takes the key away."""

    def change(judged: Template) -> None:
        *way, last = path.split("/")
        node: Any = judged["Resources"]
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        if value is None:
            del node[last]
        else:
            node[int(last) if isinstance(node, list) else last] = value

    return change


def _without(kind: str) -> Break:
    """Takes every resource of a kind away."""

    def change(judged: Template) -> None:
        gone = [name for name, one in judged["Resources"].items() if one["Type"] == kind]
        assert gone
        for name in gone:
            del judged["Resources"][name]

    return change


TLS = "Properties/PolicyDocument/Statement/0/Condition/Bool/aws:SecureTransport"
ROLE = "IntakeRole/Properties/Policies/0/PolicyDocument/Statement/0"
SOURCE = "Intake/Properties/Events/IntakeSqsEventSource/Properties"
STREAM = "Publisher/Properties/Events/PublisherDynamodbEventSource/Properties"
MORE: list[tuple[str, Break]] = [
    ("queue_outwaits_its_function", _set("Outbound/Properties/VisibilityTimeout", 180)),
    ("queue_outwaits_its_function", _set("TeamSocial/Properties/VisibilityTimeout", 180)),
    ("queue_is_reached_over_tls_only", _without("AWS::SQS::QueuePolicy")),
    ("topic_is_published_to_over_tls_only", _without("AWS::SNS::TopicPolicy")),
    ("bucket_is_reached_over_tls_only", _without("AWS::S3::BucketPolicy")),
]
"""Other ways to do what a rule forbids."""
FORBIDDEN: dict[str, Break] = {
    "queue_is_reached_over_tls_only": _set(f"InboundPolicy/{TLS}", "true"),
    "topic_is_published_to_over_tls_only": _set(f"EscalationsPolicy/{TLS}", "true"),
    "bucket_is_reached_over_tls_only": _set(f"ArchivePolicy/{TLS}", "true"),
    "queue_gives_up_into_a_dead_queue": _set("Inbound/Properties/RedrivePolicy", None),
    "queue_tries_five_times_before_it_gives_up": _set("Inbound/Properties/RedrivePolicy/maxReceiveCount", 1),
    "queue_outwaits_its_function": _set("Inbound/Properties/VisibilityTimeout", 30),
    "queue_is_encrypted": _set("TimersDead/Properties/SqsManagedSseEnabled", False),
    "dead_queue_keeps_for_fourteen_days": _set("InboundDead/Properties/MessageRetentionPeriod", 3600),
    "subscription_gives_up_into_a_dead_queue": _set("TeamSocialSubscription/Properties/RedrivePolicy", None),
    "function_has_a_role_of_its_own": _set("Desk/Properties/Role", None),
    "function_is_done_within_a_minute": _set("Desk/Properties/Timeout", 900),
    "function_runs_a_supported_python": _set("Desk/Properties/Runtime", "python3.8"),
    "queue_source_reports_single_failures": _set(f"{SOURCE}/FunctionResponseTypes", []),
    "stream_source_bisects_and_keeps_what_fails": _set(f"{STREAM}/BisectBatchOnFunctionError", False),
    "table_survives_the_stack": _set("CareTable/DeletionPolicy", "Delete"),
    "table_can_be_restored_to_any_second": _set("CareTable/Properties/PointInTimeRecoverySpecification", None),
    "table_is_encrypted": _set("CareTable/Properties/SSESpecification", None),
    "table_is_paid_by_use": _set("CareTable/Properties/BillingMode", "PROVISIONED"),
    "bucket_survives_the_stack": _set("Archive/UpdateReplacePolicy", None),
    "bucket_is_private_and_encrypted": _set("Archive/Properties/PublicAccessBlockConfiguration/BlockPublicAcls", False),
    "bucket_forgets_in_time": _set("Archive/Properties/LifecycleConfiguration/Rules", []),
    "logs_are_kept_for_a_while_only": _set("DeskLogGroup/Properties/RetentionInDays", 3653),
    "alarm_reaches_somebody": _set("InboundDeadAlarm/Properties/AlarmActions", []),
    "alarm_is_quiet_when_nothing_happens": _set("InboundDeadAlarm/Properties/TreatMissingData", None),
    "role_names_what_it_may": _set(f"{ROLE}/Resource", ["*"]),
    "role_is_nobody_elses": _set(
        "IntakeRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "123456789012"}
    ),
    "machine_remembers_what_it_did": _set("SlaTimer/Properties/StateMachineType", "EXPRESS"),
}


def test_what_is_deployed_breaks_no_rule() -> None:
    assert broken(template()) == set()


def test_checkov_is_told_to_look_away_fifteen_times_at_most_and_each_time_why() -> None:
    skips = re.findall(r"^  - CKV\w+(.*)$", (RULES.parent / "checkov.yaml").read_text(), re.MULTILINE)
    assert 0 < len(skips) <= 15
    assert all(re.fullmatch(r" +# .{20,}", why) for why in skips)


def test_every_rule_has_its_counterexample() -> None:
    assert set(re.findall(r"^rule (\w+)", RULES.read_text(), re.MULTILINE)) == set(FORBIDDEN)


@pytest.mark.parametrize(("rule", "breaking"), [*FORBIDDEN.items(), *MORE])
def test_a_rule_finds_what_it_forbids(rule: str, breaking: Break) -> None:
    judged = deepcopy(template())
    breaking(judged)
    assert rule in broken(judged)


def test_every_queue_topic_and_bucket_has_a_policy_that_refuses_what_is_not_encrypted() -> None:
    """A rule sees policies, not what has none."""
    kinds = {"AWS::SQS::Queue": "Queues", "AWS::SNS::Topic": "Topics", "AWS::S3::Bucket": "Bucket"}
    resources = template()["Resources"]
    wanted = {(kind, name) for name, one in resources.items() for kind in kinds if one["Type"] == kind}
    found = set()
    for one in resources.values():
        for kind, named in kinds.items():
            if one["Type"] == f"{kind}Policy":
                targets = one["Properties"][named]
                found |= {(kind, each["Ref"]) for each in (targets if isinstance(targets, list) else [targets])}
    assert found == wanted


def test_alarms_may_still_publish() -> None:
    statements = template()["Resources"]["AlarmsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [one["Principal"] for one in statements if one["Effect"] == "Allow"] == [
        {"Service": "cloudwatch.amazonaws.com"}
    ]
