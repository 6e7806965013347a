"""One role per function, each allowed exactly what its function does, by action and by resource."""

from collections.abc import Iterable, Mapping
from typing import Any

from infra.template.words import Resource, arn, camel, ref

_CONSUME = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl")
_BURY = ("SendMessage", "GetQueueUrl")
_READ = ("GetItem", "Query")
_WRITE = ("PutItem", "UpdateItem", "ConditionCheckItem")


def roles(stage: str, teams: list[str]) -> Resource:
    """Roles of all functions and of the state machine, as they are merged over Chalice's."""
    functions = _functions(stage, [f"Team{camel(team)}" for team in teams])
    found = {f"{name}Role": _role(name, statements) for name, statements in functions.items()}
    return {**found, "SlaTimerRole": _machine_role()}


def _functions(stage: str, teams: list[str]) -> Mapping[str, list[Resource]]:
    effects = [
        _allow("sns", ("Publish",), [ref("CaseEvents"), ref("SlaBreaches")]),
        _allow("states", ("StartExecution",), [ref("SlaTimer")]),
        _allow("sqs", ("SendMessage",), [arn("Outbound")]),
    ]
    work = _table((*_READ, *_WRITE, "BatchGetItem"))
    return {
        "ApiHandler": [
            _secrets(stage, "hooks/*", "slack"),
            _allow("sqs", ("SendMessage",), [arn("Inbound")]),
            _objects("PutObject", "inbound/*"),
            work,
        ],
        "Intake": [*_queue("Inbound"), _objects("GetObject", "inbound/*"), *_keeps_raw(), work],
        "Publisher": [*_stream(), _table(("UpdateItem",)), *effects],
        "Clock": [*_queue("Timers"), work],
        "Delivery": [*_queue("Outbound"), _secrets(stage, "hooks/*"), work],
        "Desk": [*_queue(*teams), _secrets(stage, "slack"), work],
        "Sweeper": [_table((*_READ, "UpdateItem"), "by_pending"), *effects],
        "Auditor": [_table((*_READ, *_WRITE), "by_checkpoint")],
    }


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
    """Work off these queues, offer work again, and bury what cannot be worked off."""
    return [
        _allow("sqs", (*_CONSUME, "SendMessage"), [arn(name) for name in names]),
        _allow("sqs", _BURY, [arn(f"{name}Dead") for name in names]),
    ]


def _table(actions: Iterable[str], *indexes: str) -> Resource:
    targets: list[Any] = [arn("CareTable")]
    targets += [{"Fn::Sub": f"${{CareTable.Arn}}/index/{index}"} for index in indexes]
    return _allow("dynamodb", actions, targets)


def _stream() -> list[Resource]:
    actions = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
    return [
        _allow("dynamodb", actions, [{"Fn::GetAtt": ["CareTable", "StreamArn"]}]),
        _allow("sqs", ("SendMessage",), [arn("PublisherDead")]),
    ]


def _objects(action: str, prefix: str) -> Resource:
    return _allow("s3", (action,), [{"Fn::Sub": f"${{Archive.Arn}}/{prefix}"}])


def _keeps_raw() -> list[Resource]:
    return [_objects("PutObject", "unknown/*"), _objects("PutObject", "stranger/*")]


def _secrets(stage: str, *names: str) -> Resource:
    prefix = f"arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/heed/{stage}"
    return _allow("ssm", ("GetParameter",), [{"Fn::Sub": f"{prefix}/{name}"} for name in names])
