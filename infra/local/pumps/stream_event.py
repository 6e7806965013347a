"""DynamoDB stream records in the shape Lambda hands them to a function."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def stream_record(record: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """One entry of ``Records``: attribute values keep their low-level form, times are epoch seconds, bytes base64."""
    shaped = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "dynamodb": _plain(record["dynamodb"]),
        "eventSourceARN": stream_arn,
    }
    if identity := record.get("userIdentity"):
        shaped["userIdentity"] = {"principalId": identity["PrincipalId"], "type": identity["Type"]}
    return shaped


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        seconds = value.timestamp()
        return int(seconds) if seconds.is_integer() else seconds
    return base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else value


def sequence_number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def created_at(record: Mapping[str, Any]) -> float:
    """Epoch seconds."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])
