"""CloudFormation's intrinsic functions, resolved against a template and whatever knows its resources."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^}\s]+)\s*\}")
_NO_VALUE = object()


class TemplateError(ValueError):
    """The template says something that cannot be carried out; the text names the place."""


class Lookups(Protocol):
    """Answers for resources: ``Ref`` and ``Fn::GetAtt``."""

    def ref(self, logical_id: str) -> Any: ...

    def attribute(self, logical_id: str, name: str) -> Any: ...


class Intrinsics:
    """Resolves values of one template. Unknown functions and names raise, nothing passes through unresolved."""

    def __init__(self, template: Mapping[str, Any], lookups: Lookups, values: Mapping[str, Any]) -> None:
        """``values`` answers parameters and pseudo parameters by name."""
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})
        self._lookups = lookups
        self._values = {**values, "AWS::NoValue": _NO_VALUE}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::And": lambda items: all(self._truth(item) for item in items),
            "Fn::Or": lambda items: any(self._truth(item) for item in items),
            "Fn::Not": lambda items: not self._truth(items[0]),
        }

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic replaced; ``AWS::NoValue`` drops the key or the list item."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if function := _function_name(value):
            return self._call(function, value[function])
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def condition(self, name: str) -> bool:
        """Whether the named condition of the template holds."""
        if name not in self._conditions:
            raise TemplateError(f"no Condition named {name!r}")
        return self._truth(self._conditions[name])

    def _call(self, function: str, argument: Any) -> Any:
        if function not in self._functions:
            raise TemplateError(f"{function} is not supported: {argument!r}")
        return self._functions[function](argument)

    def _truth(self, expression: Any) -> bool:
        if isinstance(expression, dict) and set(expression) == {"Condition"}:
            return self.condition(expression["Condition"])
        result = self.resolve(expression)
        if not isinstance(result, bool):
            raise TemplateError(f"not a condition: {expression!r}")
        return result

    def _ref(self, name: str) -> Any:
        return self._values[name] if name in self._values else self._lookups.ref(name)

    def _get_att(self, argument: str | list[Any]) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._lookups.attribute(logical_id, self.resolve(attribute))

    def _sub(self, argument: str | list[Any]) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def replace(match: re.Match[str]) -> str:
            escaped, name = match.groups()
            if escaped:
                return f"${{{name}}}"
            if name in names:
                return str(names[name])
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(replace, text)

    def _join(self, argument: list[Any]) -> str:
        return str(argument[0]).join(str(item) for item in self.resolve(argument[1]))

    def _select(self, argument: list[Any]) -> Any:
        return self.resolve(argument[1])[int(self.resolve(argument[0]))]

    def _split(self, argument: list[Any]) -> list[str]:
        return str(self.resolve(argument[1])).split(argument[0])

    def _find_in_map(self, argument: list[Any]) -> Any:
        found: Any = self._mappings
        for key in self.resolve(argument):
            if key not in found:
                raise TemplateError(f"Fn::FindInMap: no {key!r} on the way {argument!r}")
            found = found[key]
        return self.resolve(found)

    def _if(self, argument: list[Any]) -> Any:
        return self.resolve(argument[1] if self.condition(argument[0]) else argument[2])

    def _equals(self, argument: list[Any]) -> bool:
        left, right = self.resolve(argument)
        return str(left) == str(right)


def _function_name(value: Mapping[str, Any]) -> str | None:
    """The intrinsic this mapping is, if it is one. Two in one mapping is what a merge of mappings leaves behind."""
    functions = [key for key in value if key == "Ref" or key.startswith("Fn::")]
    if functions and len(value) > 1:
        raise TemplateError(f"an intrinsic function must stand alone, found together: {sorted(value)}")
    return functions[0] if functions else None
