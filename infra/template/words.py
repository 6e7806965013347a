"""Short ways to say what CloudFormation wants to hear."""

from typing import Any

Resource = dict[str, Any]


def ref(name: str) -> Resource:
    return {"Ref": name}


def arn(name: str) -> Resource:
    return {"Fn::GetAtt": [name, "Arn"]}


def sub(text: str) -> Resource:
    return {"Fn::Sub": text}


def camel(name: str) -> str:
    return "".join(part.title() for part in name.split("-"))


def alarm(why: str, metric: Resource, *, threshold: int, period: int = 60, heals: bool = False) -> Resource:
    """Tells the alarm topic once when it starts, and with ``heals`` once more when a whole period was quiet."""
    properties = {
        "AlarmDescription": why,
        **metric,
        "Period": period,
        "EvaluationPeriods": 1,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [ref("Alarms")],
    } | ({"OKActions": [ref("Alarms")]} if heals else {})
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
