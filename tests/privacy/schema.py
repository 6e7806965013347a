"""As much of JSON Schema as our own schemas use. A word it does not know raises: nothing is let pass unread."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
WORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, told: any(TYPES[one](value) for one in ([told] if isinstance(told, str) else told)),
    "const": lambda value, told: bool(value == told),
    "enum": lambda value, told: value in told,
    "pattern": lambda value, told: not isinstance(value, str) or re.search(told, value) is not None,
    "minimum": lambda value, told: value >= told,
    "minItems": lambda value, told: len(value) >= told,
    "maxItems": lambda value, told: len(value) <= told,
    "required": lambda value, told: not isinstance(value, dict) or set(told) <= set(value),
}
ANYTHING: Schema = {}
SHAPES = frozenset({"$ref", "anyOf", "items", "properties", "additionalProperties"})
SAYS_NOTHING = frozenset({"$schema", "$defs", "title", "description", "format"})


def faults(value: Any, schema: Schema, whole: Schema, at: str = "") -> Iterator[str]:
    """Where the value is not as the schema has it, and why; ``whole`` is where references lead."""
    unread = schema.keys() - WORDS.keys() - SHAPES - SAYS_NOTHING
    assert not unread, f"{unread} are no words that are read here"
    yield from (
        f"{at}: {word} {schema[word]}" for word in schema.keys() & WORDS if not WORDS[word](value, schema[word])
    )
    if "$ref" in schema:
        yield from faults(value, whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], whole, at)
    if "anyOf" in schema and all(list(faults(value, one, whole, at)) for one in schema["anyOf"]):
        yield f"{at}: none of these shapes"
    for place, one in enumerate(value if isinstance(value, list) else ()):
        yield from faults(one, schema.get("items", ANYTHING), whole, f"{at}/{place}")
    yield from _properties(value if isinstance(value, dict) else {}, schema, whole, at)


def _properties(value: dict[str, Any], schema: Schema, whole: Schema, at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name, one in value.items():
        other = schema.get("additionalProperties", True)
        if name in known:
            yield from faults(one, known[name], whole, f"{at}/{name}")
        elif other is False:
            yield f"{at}/{name}: nobody knows it"
        elif other is not True:
            yield from faults(one, other, whole, f"{at}/{name}")
