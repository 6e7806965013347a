"""What provisioning leaves behind: names, functions with their event sources, and outputs."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.template.intrinsics import TemplateError


class EnvironmentConflictError(TemplateError):
    """Functions that share one process need different values of one variable."""


@dataclass(frozen=True)
class Resource:
    """One provisioned or recorded resource: its ``Ref`` and its ``Fn::GetAtt`` values."""

    kind: str
    ref: Any
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class EventSource:
    """What wakes a function: an SQS queue, a DynamoDB stream or a schedule, with the template's properties."""

    name: str
    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A Lambda function as the template declares it."""

    logical_id: str
    name: str
    arn: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    events: tuple[EventSource, ...] = ()


@dataclass(frozen=True)
class Stack:
    """A provisioned template. ``policies`` are those of each role, by the role's ARN."""

    name: str
    functions: Mapping[str, Function]
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Any]
    policies: Mapping[str, Any] = field(default_factory=dict)

    def function(self, name: str) -> Function:
        """A function by its Chalice name, its logical id or its physical name."""
        wanted = _plain(name)
        for function in self.functions.values():
            if name == function.name or wanted == _plain(function.logical_id):
                return function
        raise KeyError(f"no function {name!r}; there are {', '.join(sorted(self.functions))}")

    def physical_id(self, logical_id: str) -> str:
        """What ``Ref`` gives for a resource."""
        return str(self.resources[logical_id].ref)

    def attribute(self, logical_id: str, name: str) -> Any:
        """What ``Fn::GetAtt`` gives for a resource."""
        return self.resources[logical_id].attributes[name]

    def environment(self) -> dict[str, str]:
        """The variables of all functions together, as handlers in one process share them.

        Raises EnvironmentConflictError when two functions need different values of one variable.
        """
        users: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for function in self.functions.values():
            for key, value in function.environment.items():
                users[key][value].append(function.logical_id)
        conflicts = {key: dict(values) for key, values in users.items() if len(values) > 1}
        if conflicts:
            raise EnvironmentConflictError(f"functions in one process share os.environ, but these differ: {conflicts}")
        return {key: next(iter(values)) for key, values in users.items()}


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
