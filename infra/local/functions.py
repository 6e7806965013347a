"""Reads Lambda functions and their event sources out of a resolved template."""

from collections.abc import Mapping
from typing import Any

from infra.local.creators.order import Order
from infra.local.stack import EventSource, Function, Resource
from infra.template.intrinsics import TemplateError

_IGNORED = (
    "Architectures",
    "AutoPublishAlias",
    "CodeUri",
    "DeadLetterConfig",
    "Description",
    "EphemeralStorage",
    "EventInvokeConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "PermissionsBoundary",
    "Policies",
    "ProvisionedConcurrencyConfig",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Runtime",
    "SnapStart",
    "Tags",
    "Tracing",
    "VpcConfig",
)

_POLLED = {"BatchSize", "Enabled", "FilterCriteria", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds"}
_EVENTS: Mapping[str, set[str]] = {
    "SQS": _POLLED | {"Queue", "ScalingConfig", "MetricsConfig"},
    "DynamoDB": _POLLED
    | {
        "Stream",
        "StartingPosition",
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "MetricsConfig",
        "ParallelizationFactor",
    },
    "Schedule": {"Schedule", "Input", "Enabled", "State", "Name", "Description", "RetryPolicy", "DeadLetterConfig"},
}


def read_function(order: Order, known: Resource) -> Function:
    """The function with its environment and events; an event or property that cannot be played raises."""
    order.ignore("FunctionName", *_IGNORED)
    variables = order.take("Environment", {}).get("Variables", {})
    function = Function(
        logical_id=order.logical_id,
        name=known.ref,
        arn=known.attributes["Arn"],
        handler=order.take("Handler"),
        timeout=int(order.take("Timeout", 3)),
        memory=int(order.take("MemorySize", 128)),
        environment={key: str(value) for key, value in variables.items()},
        role=order.take("Role", ""),
        events=tuple(_event(order.logical_id, *item) for item in order.take("Events", {}).items()),
    )
    order.check()
    return function


def with_globals(properties: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """SAM's Globals below the function's own properties; the mappings in both are joined."""
    merged = {**defaults, **properties}
    for key in defaults.keys() & properties.keys():
        if isinstance(defaults[key], dict) and isinstance(properties[key], dict):
            merged[key] = with_globals(properties[key], defaults[key])
    return merged


def _event(logical_id: str, name: str, event: Mapping[str, Any]) -> EventSource:
    kind, properties = event["Type"], event.get("Properties", {})
    if kind not in _EVENTS:
        raise TemplateError(f"{logical_id}.{name}: no local player for events of type {kind}")
    if unknown := sorted(set(properties) - _EVENTS[kind]):
        raise TemplateError(f"{logical_id}.{name} ({kind}): properties not known here: {', '.join(unknown)}")
    return EventSource(name, kind, properties)
