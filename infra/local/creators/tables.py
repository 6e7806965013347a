"""DynamoDB tables with their indexes, stream and time to live."""

from contextlib import suppress
from typing import Any

from infra.local.creators.order import Order
from infra.local.stack import Resource

_SAME_IN_THE_API = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "TableClass",
    "DeletionProtectionEnabled",
)


def create_table(order: Order) -> Resource:
    name = order.name("TableName")
    ttl = order.take("TimeToLiveSpecification")
    request = order.take_all(*_SAME_IN_THE_API)
    if stream := order.take("StreamSpecification"):
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    order.ignore("SSESpecification", "PointInTimeRecoverySpecification", "ContributorInsightsSpecification", "Tags")
    order.check()
    client = order.clients("dynamodb")
    table = _existing_or_new(client, {"TableName": name, **request})
    if ttl:
        _set_ttl(client, name, ttl)
    return order.made(name, Arn=table["TableArn"], StreamArn=table.get("LatestStreamArn"))


def _existing_or_new(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TableName"]
    with suppress(client.exceptions.ResourceInUseException):  # restored from a data directory
        client.create_table(**request)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    return table


def _set_ttl(client: Any, name: str, ttl: dict[str, Any]) -> None:
    """Setting it to what it is already would be refused."""
    status = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("TimeToLiveStatus")
    if ttl["Enabled"] != (status == "ENABLED"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
