"""One role per function, each allowed exactly what its function does, by action and by resource."""

from collections.abc import Iterable, Mapping
from typing import Any

from infra.template.words import Resource, arn, camel, ref

_CONSUME = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_KEEP = ("GetItem", "Query", "PutItem")


def roles(stage: str, teams: list[str]) -> Resource:
    """Roles of all functions and of the state machine, as they are merged over Chalice's."""
    functions = _functions(stage, [f"Team{camel(team)}" for team in teams])
    found = {f"{name}Role": _role(name, statements) for name, statements in functions.items()}
    return {**found, "SlaTimerRole": _machine_role()}


def _functions(stage: str, teams: list[str]) -> Mapping[str, list[Resource]]:
    effects = [
        _allow("sns", ("Publish",), [ref("CaseEvents"), ref("SlaBreaches")]),
        _allow("states", ("StartExecution",), [ref("SlaTimer")]),
        _allow("states", ("StopExecution",), [_executions()]),
        _allow("sqs", ("SendMessage",), [arn("Outbound"), arn("Timers")]),
    ]
    pages = _allow("sns", ("Publish",), [ref("Escalations")])
    lists = [_table(*_KEEP, "BatchGetItem"), _index("by_queue"), _index("by_agent"), _index("by_waiting")]
    return {
        "ApiHandler": [
            _secrets(stage, "hooks/*", "slack", "slack/*"),
            _allow("sqs", ("SendMessage",), [arn("Inbound"), arn("Slack")]),
            _objects("PutObject", "inbound/*"),
            *_looks_up("erasures/*"),
            _objects("PutObject", "erasures/open/*"),
            _table(*_KEEP),
        ],
        "Inbox": [
            *_queue("Slack"),
            _allow("sqs", ("ChangeMessageVisibility",), [arn("Slack")]),
            _secrets(stage, "slack", "slack/*"),
            *(_objects(action, "files/*") for action in ("PutObject", "GetObject")),
            *lists,
        ],
        "Intake": [
            *_queue("Inbound"),
            *_looks_up("inbound/*"),
            _objects("DeleteObject", "inbound/*"),
            *_keeps_raw(),
            _table(*_KEEP, "BatchGetItem"),
        ],
        "Publisher": [*_stream(), _table("GetItem", "UpdateItem"), *effects],
        "Clock": [*_queue("Timers"), _again("Timers"), _table(*_KEEP)],
        "Delivery": [*_queue("Outbound"), _again("Outbound"), _table("GetItem", "PutItem"), *_speaks(stage)],
        "Desk": [
            *_queue(*teams, "Urgent"),
            _again(*teams, "Urgent"),
            _secrets(stage, "slack", "slack/*"),
            pages,
            _table(*_KEEP, "BatchGetItem"),
            _index("by_agent"),
        ],
        "Sweeper": [_table("GetItem", "UpdateItem"), _index("by_pending"), *effects],
        "Herald": [_secrets(stage, "slack", "slack/*"), pages, *lists],
        "Auditor": [_table(*_KEEP, "BatchGetItem"), _index("by_checkpoint"), _index("by_queue")],
        "Eraser": [_secrets(stage, "slack", "slack/*"), _table(*_KEEP, "BatchGetItem"), *_erases()],
    }


def _executions() -> Resource:
    """Every execution of the timers' machine, whose ARN it shares but for one word."""
    name = {"Fn::GetAtt": ["SlaTimer", "Name"]}
    execution = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${Name}:*"
    return {"Fn::Sub": [execution, {"Name": name}]}


def _role(name: str, statements: Iterable[Resource]) -> Resource:
    logs = _allow("logs", ("CreateLogStream", "PutLogEvents"), [_log_group(name)])
    document = {"Version": "2012-10-17", "Statement": [logs, *statements]}
    return {"Properties": {"Policies": [{"PolicyName": f"{name}Work", "PolicyDocument": document}]}}


def _log_group(name: str) -> Resource:
    """By name: a reference to the log group would lead through the function back to this very role."""
    function = {"ApiHandler": "APIHandler"}.get(name, name)
    group = f"log-group:/aws/lambda/${{AWS::StackName}}-{function}-*:*"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:{group}"}


def _machine_role() -> Resource:
    statement = _allow("sqs", ("SendMessage",), [arn("Timers")])
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {
                    "PolicyName": "WakeTheClocks",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
                }
            ],
        },
    }


def _allow(service: str, actions: Iterable[str], targets: list[Any]) -> Resource:
    return {"Effect": "Allow", "Action": [f"{service}:{action}" for action in actions], "Resource": targets}


def _queue(*names: str) -> list[Resource]:
    """Work off these queues, and bury what cannot be worked off."""
    return [
        _allow("sqs", _CONSUME, [arn(name) for name in names]),
        _allow("sqs", ("SendMessage",), [arn(f"{name}Dead") for name in names]),
    ]


def _again(*names: str) -> Resource:
    """Offer work again later."""
    return _allow("sqs", ("SendMessage",), [arn(name) for name in names])


def _table(*actions: str) -> Resource:
    """A transaction needs what its parts need; a condition of a write needs nothing of its own."""
    return _allow("dynamodb", actions, [arn("CareTable")])


def _index(name: str) -> Resource:
    return _allow("dynamodb", ("Query",), [{"Fn::Sub": f"${{CareTable.Arn}}/index/{name}"}])


def _stream() -> list[Resource]:
    actions = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
    return [
        _allow("dynamodb", actions, [{"Fn::GetAtt": ["CareTable", "StreamArn"]}]),
        _allow("sqs", ("SendMessage",), [arn("PublisherDead")]),
    ]


def _objects(action: str, prefix: str) -> Resource:
    return _allow("s3", (action,), [{"Fn::Sub": f"${{Archive.Arn}}/{prefix}"}])


def _looks_up(*prefixes: str) -> list[Resource]:
    """Without the right to list, a missing object looks like a forbidden one."""
    return [*(_objects("GetObject", one) for one in prefixes), _allow("s3", ("ListBucket",), [arn("Archive")])]


def _speaks(stage: str) -> list[Resource]:
    """With an account's token; a link to a file opens by the rights of whoever made it, and some are handed over."""
    return [_secrets(stage, "hooks/*"), *_looks_up("files/*")]


def _erases() -> list[Resource]:
    raw = [f"{prefix}/*" for prefix in ("inbound", "unknown", "stranger")]
    drops = [_objects("DeleteObject", one) for one in (*raw, "erasures/open/*", "files/*")]
    return [*_looks_up(*raw, "erasures/*"), *drops, _objects("PutObject", "erasures/*")]


def _keeps_raw() -> list[Resource]:
    return [_objects("PutObject", "unknown/*"), _objects("PutObject", "stranger/*")]


def _secrets(stage: str, *names: str) -> Resource:
    prefix = f"arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/heed/{stage}"
    return _allow("ssm", ("GetParameter",), [{"Fn::Sub": f"{prefix}/{name}"} for name in names])
