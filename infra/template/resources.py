"""The one declaration of everything Heed owns on AWS. Chalice's template is merged with what this returns.

Teams are the queues of ``care.yaml``.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from infra.template import permissions
from infra.template.alarms import SCHEDULED, alarms
from infra.template.queues import queues
from infra.template.table import table_resource
from infra.template.transport import over_tls_only
from infra.template.words import Resource, arn, camel, ref, sub

MACHINE = Path(__file__).parents[1] / "sla.asl.json"
URGENT = ("clock.warned", "clock.breached", "case.notified")
"""Facts that come to the desk by the queue of their own, past whatever the team's queue holds."""
DESK_BATCH, DESK_WORKERS = 5, 4


def resources(stage: str, teams: Iterable[str], raw_days: int = 90, code_version: str = "dev") -> Resource:
    """The merge template of one stage: resources, shared environment, event-source settings and roles.

    ``raw_days`` is how long bytes stay that nobody could read; ``code_version`` is what dead letters say of the code.
    """
    names = sorted(teams)
    return {
        "Globals": {"Function": {"Environment": {"Variables": environment(stage, code_version)}}},
        "Resources": {
            **_storage(stage, raw_days),
            **queues(stage, names),
            **_topics(stage, names),
            **_timers(stage),
            **alarms(),
            **over_tls_only(),
            **_functions(names),
            **permissions.roles(stage, names),
        },
        "Outputs": {
            "Table": {"Value": ref("CareTable")},
            "SecretsPrefix": {"Value": f"/heed/{stage}"},
            "AlarmsTopic": {"Value": ref("Alarms")},
            "BreachesTopic": {"Value": ref("SlaBreaches")},
            "EscalationsTopic": {"Value": ref("Escalations")},
        },
    }


def environment(stage: str, code_version: str) -> Mapping[str, Any]:
    """What ``chalicelib.settings`` reads; the same for every function, so that one process can play them all."""
    return {
        "HEED_STAGE": stage,
        "HEED_TABLE": ref("CareTable"),
        "HEED_BUCKET": ref("Archive"),
        "HEED_SECRETS": f"/heed/{stage}",
        "HEED_INBOUND_URL": ref("Inbound"),
        "HEED_OUTBOUND_URL": ref("Outbound"),
        "HEED_TIMERS_URL": ref("Timers"),
        "HEED_SLACK_URL": ref("Slack"),
        "HEED_CASE_EVENTS_ARN": ref("CaseEvents"),
        "HEED_SLA_BREACHES_ARN": ref("SlaBreaches"),
        "HEED_ESCALATIONS_ARN": ref("Escalations"),
        "HEED_STATE_MACHINE_ARN": ref("SlaTimer"),
        "HEED_CODE_VERSION": code_version,
        # The pinned zone rules of the zip, not those of an image that may lag behind.
        "PYTHONTZPATH": "/var/task/tzdata/zoneinfo",
        "POWERTOOLS_SERVICE_NAME": "heed",
    }


def _storage(stage: str, raw_days: int) -> Resource:
    bucket = {
        "BucketName": sub(f"heed-{stage}-archive-${{AWS::AccountId}}"),
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        ),
        "LifecycleConfiguration": {
            "Rules": [
                {"Id": "inbound", "Prefix": "inbound/", "Status": "Enabled", "ExpirationInDays": 14},
                {"Id": "files", "Prefix": "files/", "Status": "Enabled", "ExpirationInDays": 30},
                {"Id": "unread", "Prefix": "unknown/", "Status": "Enabled", "ExpirationInDays": raw_days},
                {"Id": "strangers", "Prefix": "stranger/", "Status": "Enabled", "ExpirationInDays": raw_days},
            ]
        },
    }
    table = table_resource()
    table["Properties"]["TableName"] = f"heed-{stage}"
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {"CareTable": table, "Archive": {"Type": "AWS::S3::Bucket", **kept, "Properties": bucket}}


def _topics(stage: str, teams: list[str]) -> Resource:
    found: Resource = {
        "CaseEvents": _topic(f"heed-{stage}-case-events"),
        "SlaBreaches": _topic(f"heed-{stage}-sla-breaches"),
        # The operator subscribes mail, phones and webhooks here, filtered by way and target.
        "Escalations": _topic(f"heed-{stage}-escalations"),
        # CloudWatch cannot publish to a topic under the AWS-managed key.
        "Alarms": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"heed-{stage}-alarms"}},
    }
    for team in teams:
        only = {"queue": [team], "fact": [{"anything-but": list(URGENT)}]}
        found[f"Team{camel(team)}Subscription"] = _subscription("CaseEvents", f"Team{camel(team)}", only)
    found["UrgentSubscription"] = _subscription("SlaBreaches", "Urgent")
    return found


def _subscription(topic: str, queue: str, only: Resource | None = None) -> Resource:
    properties = {
        "TopicArn": ref(topic),
        "Protocol": "sqs",
        "Endpoint": arn(queue),
        "RawMessageDelivery": True,
        "RedrivePolicy": {"deadLetterTargetArn": arn(f"{queue}Dead")},
    }
    return {
        "Type": "AWS::SNS::Subscription",
        "Properties": properties | ({"FilterPolicy": only} if only else {}),
    }


def _topic(name: str) -> Resource:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "KmsMasterKeyId": "alias/aws/sns"}}


def _timers(stage: str) -> Resource:
    machine = {
        "StateMachineName": f"heed-{stage}-sla",
        "StateMachineType": "STANDARD",
        "DefinitionString": MACHINE.read_text(),
        "DefinitionSubstitutions": {"TimersUrl": ref("Timers")},
        "RoleArn": arn("SlaTimerRole"),
    }
    return {"SlaTimer": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}}


def _functions(teams: list[str]) -> Resource:
    """What Chalice cannot say of event sources: partial failures, the stream's start, bisecting, a failure queue."""
    stream = {
        "Stream": {"Fn::GetAtt": ["CareTable", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 25,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 10,
        "ParallelizationFactor": 4,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": arn("PublisherDead")}},
        "FilterCriteria": {
            "Filters": [
                {"Pattern": '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"pending_key":{"S":[{"exists":true}]}}}}'}
            ]
        },
    }
    events = {f"DeskSqsEventSource{camel(team)}": _desk_source(f"Team{camel(team)}") for team in teams[1:]}
    events["DeskSqsEventSource"] = _desk_source(f"Team{camel(teams[0])}")
    events["DeskSqsEventSourceUrgent"] = _desk_source("Urgent")
    return {
        "Intake": _events({"IntakeSqsEventSource": _source("Inbound")}),
        "Inbox": _events({"InboxSqsEventSource": _source("Slack", batch=1)}),
        "Clock": _events({"ClockSqsEventSource": _source("Timers")}),
        "Delivery": _events({"DeliverySqsEventSource": _source("Outbound")}),
        "Desk": _events(events),
        "Publisher": _events({"PublisherDynamodbEventSource": {"Properties": stream}}),
        **dict.fromkeys(SCHEDULED, _once_a_time()),
        "RestAPI": {
            "Properties": {
                "EndpointConfiguration": "REGIONAL",
                "MethodSettings": [
                    {
                        "ResourcePath": "/*",
                        "HttpMethod": "*",
                        "ThrottlingRateLimit": 500,
                        "ThrottlingBurstLimit": 1000,
                    }
                ],
            }
        },
        # Chalice names the function APIHandler, yet its log group refers to ApiHandler.
        "ApiHandlerLogGroup": {"Properties": {"LogGroupName": sub("/aws/lambda/${APIHandler}")}},
    }


def _events(events: Resource) -> Resource:
    return {"Properties": {"Events": events}}


def _once_a_time() -> Resource:
    """Lambda would try a run that failed twice more, beside those of the next minutes, just when AWS has trouble."""
    return {"Properties": {"EventInvokeConfig": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}}}


def _desk_source(queue: str) -> Resource:
    """Few at a time, so that a slow Slack does not outlast the function; few at once, as Slack takes one a second."""
    source = _source(queue, DESK_BATCH)
    source["Properties"] |= {"ScalingConfig": {"MaximumConcurrency": DESK_WORKERS}}
    return source


def _source(queue: str, batch: int = 10) -> Resource:
    properties = {
        "Queue": sub(f"${{{queue}.Arn}}"),
        "BatchSize": batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {"Type": "SQS", "Properties": properties}
