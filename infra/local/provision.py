"""Carries out a merged SAM template on any AWS endpoint: resolves it and creates what it declares, in order of need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.clients import ClientFactory
from infra.local.creators import CREATORS, FUNCTION, NAMED
from infra.local.creators.order import Order, Place
from infra.local.functions import read_function, with_globals
from infra.local.stack import Resource, Stack
from infra.template.intrinsics import Intrinsics, TemplateError

ROLE = "AWS::IAM::Role"
_RESOURCE_KEYS = {"Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}


def provision(
    template: Mapping[str, Any],
    clients: ClientFactory,
    stack_name: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    directory: Path | None = None,
) -> Stack:
    """Creates the template's resources and returns what a runtime needs to know of them.

    Doing it again on an endpoint that kept its state adopts what is there. Types and properties this does not know
    raise TemplateError, and so do functions that need different values of one environment variable.
    """
    identity = clients("sts").get_caller_identity()
    place = Place(stack_name, clients("sts").meta.region_name, identity["Account"], directory or Path())
    work = _Provisioning(template, clients, place, parameters or {})
    resources = work.resources()
    stack = Stack(stack_name, work.functions(), resources, work.outputs(), work.policies())
    stack.environment()
    return stack


class _Provisioning:
    """Resources are made when first asked for, which is the topological order without drawing the graph."""

    def __init__(
        self, template: Mapping[str, Any], clients: ClientFactory, place: Place, parameters: Mapping[str, Any]
    ) -> None:
        self._template = template
        self._clients = clients
        self._place = place
        self._declared: Mapping[str, Any] = template["Resources"]
        self._made: dict[str, Resource] = {}
        self._open: list[str] = []
        values = {**_parameter_values(template, parameters), **_pseudo_parameters(place)}
        self._intrinsics = Intrinsics(template, self, values)

    def resources(self) -> dict[str, Resource]:
        return {logical_id: self._resource(logical_id) for logical_id in self._declared if self._wanted(logical_id)}

    def functions(self) -> dict[str, Any]:
        """Read last, when all that their environment refers to exists."""
        defaults = self._template.get("Globals", {}).get("Function", {})
        functions = {}
        for logical_id, declared in self._declared.items():
            if declared["Type"] == FUNCTION and self._wanted(logical_id):
                properties = with_globals(declared.get("Properties", {}), defaults)
                functions[logical_id] = read_function(self._order(logical_id, properties), self._made[logical_id])
        return functions

    def outputs(self) -> dict[str, Any]:
        outputs = self._template.get("Outputs", {})
        wanted = {key: out for key, out in outputs.items() if self._holds(out)}
        return {key: self._intrinsics.resolve(out["Value"]) for key, out in wanted.items()}

    def policies(self) -> dict[str, Any]:
        """Read last, too: roles name what they give access to."""
        roles = {key: one for key, one in self._declared.items() if one["Type"] == ROLE and self._wanted(key)}
        return {
            self.attribute(key, "Arn"): self._intrinsics.resolve(one["Properties"].get("Policies", []))
            for key, one in roles.items()
        }

    def ref(self, logical_id: str) -> Any:
        return self._resource(logical_id).ref

    def attribute(self, logical_id: str, name: str) -> Any:
        attributes = self._resource(logical_id).attributes
        if attributes.get(name) is None:
            known = ", ".join(attributes) or "none"
            raise TemplateError(f"{logical_id} has no attribute {name!r} here; it has {known}")
        return attributes[name]

    def _holds(self, declared: Mapping[str, Any]) -> bool:
        return "Condition" not in declared or self._intrinsics.condition(declared["Condition"])

    def _wanted(self, logical_id: str) -> bool:
        return self._holds(self._declared[logical_id])

    def _resource(self, logical_id: str) -> Resource:
        if logical_id not in self._made:
            self._check(logical_id)
            self._open.append(logical_id)
            self._made[logical_id] = self._make(logical_id, self._declared[logical_id])
            self._open.pop()
        return self._made[logical_id]

    def _check(self, logical_id: str) -> None:
        if logical_id not in self._declared:
            raise TemplateError(f"no resource or parameter named {logical_id!r}")
        if not self._wanted(logical_id):
            raise TemplateError(f"{logical_id} is referred to, but its Condition does not hold")
        if logical_id in self._open:
            raise TemplateError(f"resources refer to each other in a circle: {' -> '.join([*self._open, logical_id])}")
        if unknown := sorted(set(self._declared[logical_id]) - _RESOURCE_KEYS):
            raise TemplateError(f"{logical_id}: not known here: {', '.join(unknown)}")

    def _make(self, logical_id: str, declared: Mapping[str, Any]) -> Resource:
        kind, properties = declared["Type"], declared.get("Properties", {})
        if kind in NAMED:
            return self._named(logical_id, kind, properties)
        if kind not in CREATORS:
            raise TemplateError(f"{logical_id}: no local creator for resources of type {kind}")
        for needed in _as_list(declared.get("DependsOn")):
            if needed not in self._declared or self._wanted(needed):
                self._resource(needed)
        return CREATORS[kind](self._order(logical_id, properties))

    def _named(self, logical_id: str, kind: str, properties: Mapping[str, Any]) -> Resource:
        """Only the name is resolved, so that functions and roles may refer to what refers to them."""
        service, prefix, prop = NAMED[kind]
        given = self._intrinsics.resolve(properties.get(prop)) if prop else None
        name = given or f"{self._place.stack}-{logical_id}"
        return Resource(kind, name, {"Arn": self._place.arn(service, f"{prefix}{name}")})

    def _order(self, logical_id: str, properties: Mapping[str, Any]) -> Order:
        kind = self._declared[logical_id]["Type"]
        return Order(logical_id, kind, self._intrinsics.resolve(properties), self._place, self._clients)


def _as_list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _parameter_values(template: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    declared = template.get("Parameters", {})
    if unknown := sorted(set(given) - set(declared)):
        raise TemplateError(f"the template has no parameters {', '.join(unknown)}")
    missing = sorted(key for key, spec in declared.items() if key not in given and "Default" not in spec)
    if missing:
        raise TemplateError(f"parameters without a value: {', '.join(missing)}")
    return {key: given.get(key, spec.get("Default")) for key, spec in declared.items()}


def _pseudo_parameters(place: Place) -> dict[str, Any]:
    return {
        "AWS::AccountId": place.account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": place.region,
        "AWS::StackId": place.arn("cloudformation", f"stack/{place.stack}/local"),
        "AWS::StackName": place.stack,
        "AWS::URLSuffix": "amazonaws.com",
    }
