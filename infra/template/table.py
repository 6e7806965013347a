"""The table, declared once: as CreateTable arguments for tests and as the resource that is deployed."""

from typing import Any

from chalicelib.storage.indexes import structure

_BILLING = "PAY_PER_REQUEST"
_STREAM_VIEW = "NEW_IMAGE"


def table_definition(name: str = "heed") -> dict[str, Any]:
    """What boto3's ``create_table`` needs for a table that behaves like the deployed one."""
    return {
        "TableName": name,
        **structure(),
        "BillingMode": _BILLING,
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": _STREAM_VIEW},
    }


def table_resource() -> dict[str, Any]:
    """The deployed table: encrypted, recoverable to any second of 35 days, and kept when its stack is deleted."""
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            **structure(),
            "BillingMode": _BILLING,
            "StreamSpecification": {"StreamViewType": _STREAM_VIEW},
            "SSESpecification": {"SSEEnabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            "DeletionProtectionEnabled": True,
        },
    }
