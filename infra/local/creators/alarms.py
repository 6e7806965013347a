"""CloudWatch alarms, whose properties are the API's own."""

from infra.local.creators.order import Order
from infra.local.stack import Resource

_SAME_IN_THE_API = (
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
)


def create_alarm(order: Order) -> Resource:
    name = order.name("AlarmName")
    request = order.take_all(*_SAME_IN_THE_API)
    order.ignore("Tags")
    order.check()
    order.clients("cloudwatch").put_metric_alarm(AlarmName=name, **request)
    return order.made(name, Arn=order.place.arn("cloudwatch", f"alarm:{name}"))
