"""Event filtering of Lambda's event source mappings: a record passes when any of the patterns matches it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.template.intrinsics import TemplateError

_MISSING = object()
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


class Filters:
    """The FilterCriteria of one event source. Operators this does not know raise when it is built."""

    def __init__(self, criteria: Mapping[str, Any] | None) -> None:
        self._patterns = [_read(item["Pattern"]) for item in (criteria or {}).get("Filters", [])]

    def passes(self, record: Mapping[str, Any]) -> bool:
        return not self._patterns or any(_matches(pattern, record) for pattern in self._patterns)


def _read(text: str) -> dict[str, Any]:
    pattern = json.loads(text) if isinstance(text, str) else text
    _check(pattern, text)
    return dict(pattern)


def _check(pattern: Any, text: Any) -> None:
    if not isinstance(pattern, dict):
        raise TemplateError(f"a filter pattern's leaves are lists: {text}")
    for key, value in pattern.items():
        if key == "$or":
            for branch in value:
                _check(branch, text)
        elif isinstance(value, list):
            _check_rules(value, text)
        else:
            _check(value, text)


def _check_rules(rules: list[Any], text: Any) -> None:
    named = [rule for rule in rules if isinstance(rule, dict)]
    unknown = [rule for rule in named if len(rule) != 1 or not rule.keys() <= _RULES.keys()]
    if unknown or not rules:
        raise TemplateError(f"filter rules not known here: {unknown or 'an empty list'} in {text}")


def _matches(pattern: Mapping[str, Any], value: Any) -> bool:
    """Every key of a pattern must hold."""
    return all(_key_matches(key, wanted, value) for key, wanted in pattern.items())


def _key_matches(key: str, wanted: Any, value: Any) -> bool:
    if key == "$or":
        return any(_matches(branch, value) for branch in wanted)
    found = value.get(key, _MISSING) if isinstance(value, Mapping) else _MISSING
    if isinstance(wanted, Mapping):
        return _matches(wanted, found)
    return any(_rule_matches(rule, found) for rule in wanted)


def _rule_matches(rule: Any, found: Any) -> bool:
    """A leaf that is a list matches when one of its items does; a mapping is no leaf and never matches."""
    if isinstance(found, Mapping):
        found = _MISSING
    if isinstance(rule, Mapping):
        (operator, argument), *_ = rule.items()
        if operator == "exists":
            return (found is not _MISSING) is argument
        check = _RULES[operator]
        return any(check(argument, item) for item in _items(found))
    return any(_same(rule, item) for item in _items(found))


def _items(found: Any) -> list[Any]:
    return [] if found is _MISSING else found if isinstance(found, list) else [found]


def _same(wanted: Any, value: Any) -> bool:
    return type(wanted) is type(value) and bool(wanted == value)


def _anything_but(argument: Any, value: Any) -> bool:
    if isinstance(argument, Mapping):
        (operator, inner), *_ = argument.items()
        return not _RULES[operator](inner, value)
    return not any(_same(item, value) for item in (argument if isinstance(argument, list) else [argument]))


def _numeric(argument: list[Any], value: Any) -> bool:
    """DynamoDB's numbers are text in the record; Lambda compares them as numbers."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return all(_COMPARE[operator](number, float(bound)) for operator, bound in pairs)


_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "exists": lambda argument, value: bool(argument),
    "prefix": lambda argument, value: isinstance(value, str) and value.startswith(argument),
    "suffix": lambda argument, value: isinstance(value, str) and value.endswith(argument),
    "equals-ignore-case": lambda argument, value: isinstance(value, str) and value.lower() == argument.lower(),
    "anything-but": _anything_but,
    "numeric": _numeric,
}
