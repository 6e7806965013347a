"""What a creator is given and what it must give back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.clients import ClientFactory
from infra.local.stack import Resource
from infra.template.intrinsics import TemplateError


@dataclass(frozen=True)
class Place:
    """Where a stack lives, and the directory its file references are relative to."""

    stack: str
    region: str
    account: str
    directory: Path

    def arn(self, service: str, resource: str) -> str:
        region = "" if service in {"iam", "s3"} else self.region
        account = "" if service == "s3" else self.account
        return f"arn:aws:{service}:{region}:{account}:{resource}"


@dataclass
class Order:
    """A resource to be made. Every property must be taken or ignored by name; one left over is an error."""

    logical_id: str
    kind: str
    properties: Mapping[str, Any]
    place: Place
    clients: ClientFactory
    _seen: set[str] = field(default_factory=set)

    def take(self, name: str, default: Any = None) -> Any:
        self._seen.add(name)
        return self.properties.get(name, default)

    def take_all(self, *names: str) -> dict[str, Any]:
        """Those of the named properties that are present, as keyword arguments of the same names."""
        self._seen.update(names)
        return {name: self.properties[name] for name in names if name in self.properties}

    def ignore(self, *names: str) -> None:
        """Properties that mean nothing locally, said aloud."""
        self._seen.update(names)

    def name(self, prop: str, suffix: str = "") -> str:
        """The explicit name, or ``{stack}-{LogicalId}``."""
        return str(self.take(prop) or f"{self.place.stack}-{self.logical_id}{suffix}")

    def made(self, ref: Any, **attributes: Any) -> Resource:
        return Resource(self.kind, ref, attributes)

    def check(self) -> None:
        if unknown := sorted(set(self.properties) - self._seen):
            raise TemplateError(f"{self.logical_id} ({self.kind}): properties not known here: {', '.join(unknown)}")


Creator = Callable[[Order], Resource]


def as_json(value: Any) -> str:
    """Policies may be written as text or as a mapping; the APIs want text."""
    return value if isinstance(value, str) else json.dumps(value)


def as_text(value: Any) -> str:
    """Attribute values travel as text, with booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else as_json(value) if isinstance(value, dict) else str(value)
