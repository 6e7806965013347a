"""Queues come in pairs: every ``x`` has ``x-dead`` and an alarm on it. All are encrypted and reached over TLS only."""

from infra.template.words import Resource, alarm, arn, camel, ref

RECEIVES = 6
"""One more than the workers': who crashed its function five times is buried by the sixth one, which says so."""
TIMEOUTS = {"Intake": 30, "Clock": 30, "Delivery": 60, "Desk": 60, "Inbox": 30}


def queues(stage: str, teams: list[str]) -> Resource:
    pairs = {
        **_pair("Inbound", f"heed-{stage}-inbound", TIMEOUTS["Intake"], fifo=True),
        **_pair("Slack", f"heed-{stage}-slack", TIMEOUTS["Inbox"], fifo=True),
        **_pair("Outbound", f"heed-{stage}-outbound", TIMEOUTS["Delivery"]),
        **_pair("Timers", f"heed-{stage}-timers", TIMEOUTS["Clock"]),
        **_pair("Urgent", f"heed-{stage}-urgent", TIMEOUTS["Desk"]),
        **_dead("Publisher", f"heed-{stage}-publisher"),
    }
    for team in teams:
        pairs |= _pair(f"Team{camel(team)}", f"heed-{stage}-team-{team}", TIMEOUTS["Desk"])
    return pairs


def _pair(logical: str, name: str, timeout: int, *, fifo: bool = False) -> Resource:
    """A queue whose visibility outlasts six runs of its worker, with its dead-letter queue and alarm."""
    properties: Resource = {
        "QueueName": name + (".fifo" if fifo else ""),
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": 6 * timeout,
        "MessageRetentionPeriod": 345_600,
        "RedrivePolicy": {"deadLetterTargetArn": arn(f"{logical}Dead"), "maxReceiveCount": RECEIVES},
    }
    if fifo:
        properties |= {
            "FifoQueue": True,
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        }
    queue = {"Type": "AWS::SQS::Queue", "Properties": properties}
    return {logical: queue, f"{logical}Policy": _tls_only(logical), **_dead(logical, name, fifo=fifo)}


def _dead(logical: str, name: str, *, fifo: bool = False) -> Resource:
    suffix = ".fifo" if fifo else ""
    properties: Resource = {
        "QueueName": f"{name}-dead{suffix}",
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 1_209_600,
    }
    if fifo:
        properties["FifoQueue"] = True
    dead = f"{logical}Dead"
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}}],
        "Statistic": "Maximum",
    }
    return {
        dead: {"Type": "AWS::SQS::Queue", "Properties": properties},
        f"{dead}Policy": _tls_only(dead),
        f"{dead}Alarm": alarm(_letters(logical, name), metric, threshold=0),
    }


def _letters(logical: str, name: str) -> str:
    page = "team" if logical.startswith("Team") or logical == "Urgent" else logical.lower()
    return f"Something could not be processed and lies in {name}-dead. See docs/runbooks/{page}.md and heed dlq list."


def _tls_only(logical: str) -> Resource:
    refuse = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn(logical),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    statements = [refuse]
    if topic := _topic_of(logical):
        statements.append(_from_topic(logical, topic))
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [ref(logical)], "PolicyDocument": policy}}


def _topic_of(logical: str) -> str | None:
    """The topic whose news this queue takes. Dead letters of a subscription come from its topic too."""
    name = logical.removesuffix("Dead")
    if name.startswith("Team"):
        return "CaseEvents"
    return "SlaBreaches" if name == "Urgent" else None


def _from_topic(logical: str, topic: str) -> Resource:
    return {
        "Sid": topic,
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn(logical),
        "Condition": {"ArnEquals": {"aws:SourceArn": ref(topic)}},
    }
