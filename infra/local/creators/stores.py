"""Buckets, parameters and secrets."""

import json
import secrets
from contextlib import suppress

from infra.local.creators.order import Order
from infra.local.stack import Resource

_BUCKET_IGNORED = (
    "BucketEncryption",
    "LifecycleConfiguration",
    "LoggingConfiguration",
    "ObjectLockConfiguration",
    "ObjectLockEnabled",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "Tags",
    "VersioningConfiguration",
)


def create_bucket(order: Order) -> Resource:
    name = order.name("BucketName").lower()
    order.ignore(*_BUCKET_IGNORED)
    order.check()
    client, region = order.clients("s3"), order.place.region
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):  # restored from a data directory
        client.create_bucket(Bucket=name, **location)
    return order.made(name, Arn=order.place.arn("s3", name), DomainName=f"{name}.s3.amazonaws.com")


def create_parameter(order: Order) -> Resource:
    name = order.name("Name")
    request = order.take_all("Type", "Value", "Description", "Tier", "DataType", "AllowedPattern")
    order.ignore("Policies", "Tags")
    order.check()
    order.clients("ssm").put_parameter(Name=name, Overwrite=True, **request)
    return order.made(name, Type=request["Type"], Value=request["Value"])


def create_secret(order: Order) -> Resource:
    name, value = order.name("Name"), order.take("SecretString")
    if (generate := order.take("GenerateSecretString")) is not None:
        value = _generated(generate)
    order.ignore("Description", "KmsKeyId", "ReplicaRegions", "Tags")
    order.check()
    client = order.clients("secretsmanager")
    try:
        arn = client.create_secret(Name=name, SecretString=value or "")["ARN"]
    except client.exceptions.ResourceExistsException:
        arn = client.describe_secret(SecretId=name)["ARN"]
    return order.made(arn, Id=arn)


def _generated(settings: dict[str, str]) -> str:
    """Random as CloudFormation's would be; alphabet rules are not imitated."""
    password = secrets.token_hex(64)[: int(settings.get("PasswordLength", 32))]
    if "GenerateStringKey" not in settings:
        return password
    template = json.loads(settings.get("SecretStringTemplate", "{}"))
    return json.dumps({**template, settings["GenerateStringKey"]: password})
