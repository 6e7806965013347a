"""What the sample app's template is merged with: the shape of a real resources module, as small as it can be."""

from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent / "sample_app"

_TIMER = {
    "StartAt": "Sleep",
    "States": {
        "Sleep": {"Type": "Wait", "TimestampPath": "$.at", "Next": "Wake"},
        "Wake": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "${QueueUrl}", "MessageBody.$": "States.JsonToString($)"},
            "End": True,
        },
    },
}


def resources() -> dict[str, Any]:
    environment = {
        "TABLE": {"Ref": "Notes"},
        "INBOUND_URL": {"Ref": "Inbound"},
        "OUTBOUND_URL": {"Ref": "Outbound"},
    }
    return {
        "Globals": {"Function": {"Environment": {"Variables": environment}}},
        "Resources": {**_stores(), **_queues(), **_events()},
        "Outputs": {"TableName": {"Value": {"Ref": "Notes"}}},
    }


def _stores() -> dict[str, Any]:
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "pending")],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-pending",
                "KeySchema": [{"AttributeName": "pending", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    }
    return {
        "Notes": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": table},
        "Timer": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["StoreRole", "Arn"]},
                "Definition": _TIMER,
                "DefinitionSubstitutions": {"QueueUrl": {"Ref": "Timers"}},
            },
        },
    }


def _queues() -> dict[str, Any]:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2}
    properties: dict[str, Any] = {
        "Inbound": {"VisibilityTimeout": 1, "RedrivePolicy": redrive},
        "Outbound": {"VisibilityTimeout": 5, "KmsMasterKeyId": "alias/aws/sqs"},
        "Timers": {},
        "Dead": {},
        "GivenUp": {},
    }
    return {name: {"Type": "AWS::SQS::Queue", "Properties": props} for name, props in properties.items()}


def _events() -> dict[str, Any]:
    store = {"Queue": {"Fn::Sub": "${Inbound.Arn}"}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    tell = {"Queue": {"Fn::Sub": "${Outbound.Arn}"}, "ScalingConfig": {"MaximumConcurrency": 2}}
    pattern = '{"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"pending": {"S": [{"exists": true}]}}}}'
    publish = {
        "Stream": {"Fn::GetAtt": ["Notes", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 1,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["GivenUp", "Arn"]}}},
        "FilterCriteria": {"Filters": [{"Pattern": pattern}]},
    }
    events = {
        "Store": ("StoreSqsEventSource", store),
        "Tell": ("TellSqsEventSource", tell),
        "Publish": ("PublishDynamodbEventSource", publish),
    }
    return {
        function: {"Properties": {"Events": {event: {"Properties": properties}}}}
        for function, (event, properties) in events.items()
    }
