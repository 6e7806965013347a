"""Nothing reaches a bucket or a topic but over TLS."""

from typing import Any

from infra.template.words import Resource, arn, ref

TOPICS = ("CaseEvents", "SlaBreaches", "Escalations", "Alarms")


def over_tls_only() -> Resource:
    """A policy for the archive and for each topic, which by itself lets nobody in whom their own role does not.

    A topic with a policy of its own loses the one that lets the account's alarms publish, so the alarms' topic says it.
    """
    topics = {f"{name}Policy": _topic(name) for name in TOPICS}
    archive = {"Bucket": ref("Archive"), "PolicyDocument": _document(_deny("s3:*", _archive()))}
    return {"ArchivePolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": archive}, **topics}


def _archive() -> list[Any]:
    return [arn("Archive"), {"Fn::Sub": "${Archive.Arn}/*"}]


def _topic(name: str) -> Resource:
    statements = [_deny("sns:Publish", ref(name)), *([_alarms_publish()] if name == "Alarms" else [])]
    properties = {"Topics": [ref(name)], "PolicyDocument": _document(*statements)}
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}


def _alarms_publish() -> Resource:
    return {
        "Sid": "AlarmsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": ref("Alarms"),
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }


def _deny(action: str, target: Any) -> Resource:
    return {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": target,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _document(*statements: Resource) -> Resource:
    return {"Version": "2012-10-17", "Statement": list(statements)}
