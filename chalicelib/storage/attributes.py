"""How our kinds of values stand in an item, as PynamoDB attributes: readable text and numbers, nothing packed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from pynamodb.attributes import Attribute, NumberAttribute
from pynamodb.constants import LIST, MAP, NUMBER, STRING

from chalicelib.domain.calendar import Calendar, load_calendar
from chalicelib.domain.instants import instant, iso

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

Stored = dict[str, Any]
"""One value with its type, as DynamoDB writes it: ``{"S": "text"}``."""

Image = dict[str, Stored]
"""One item, as DynamoDB and its streams write it."""


class InstantAttribute(Attribute[datetime]):
    """Fixed-width ISO text, so that text order is time order."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return iso(value)

    def deserialize(self, value: str) -> datetime:
        return instant(value)


class SpanAttribute(Attribute[timedelta]):
    """Seconds, to the millisecond as instants are."""

    attr_type = NUMBER

    def serialize(self, value: timedelta) -> str:
        seconds, millis = divmod(value // timedelta(milliseconds=1), 1000)
        return f"{seconds}.{millis:03}" if millis else str(seconds)

    def deserialize(self, value: str) -> timedelta:
        return timedelta(milliseconds=int(Decimal(value) * 1000))


class ChoiceAttribute(Attribute[E]):
    """The word an enumeration has for it."""

    attr_type = STRING

    def __init__(self, choice: type[E], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.choice = choice

    def serialize(self, value: E) -> str:
        return self.choice(value).value

    def deserialize(self, value: str) -> E:
        return self.choice(value)


class RecordAttribute(Attribute[T]):
    """A dataclass inside another one, as a map; ``parts`` says how each field stands there."""

    attr_type = MAP

    def __init__(self, record: type[T], parts: Mapping[str, Attribute[Any]], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.record = record
        self.parts = parts
        self.steps = steps(record, parts)

    def serialize(self, value: T) -> Image:
        return written(self.steps, value)

    def deserialize(self, value: Image) -> T:
        return self.record(**{name: unwrapped(part, value[name]) for name, part in self.parts.items() if name in value})


class TupleAttribute(Attribute[tuple[T, ...]]):
    """Any number of values of one kind."""

    attr_type = LIST

    def __init__(self, element: Attribute[T], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.element = element
        self.write = writer(element)

    def serialize(self, value: tuple[T, ...]) -> list[Stored]:
        kind, write = self.element.attr_type, self.write
        return [{kind: one if write is None else write(one)} for one in value]

    def deserialize(self, value: list[Stored]) -> tuple[T, ...]:
        return tuple(unwrapped(self.element, one) for one in value)


class SharingAttribute(TupleAttribute[T]):
    """Records that often have one large part in common: it is written once, the others give the place of the first."""

    def __init__(self, element: RecordAttribute[T], shared: str, *, null: bool = False) -> None:
        super().__init__(element, null=null)
        self.shared = shared

    def serialize(self, value: tuple[T, ...]) -> list[Stored]:
        whole = super().serialize(value)
        parts = [one["M"].get(self.shared) for one in whole]
        for place, one in enumerate(whole):
            first = parts.index(parts[place])
            if parts[place] is not None and first < place:
                one["M"] = {**one["M"], self.shared: {"N": str(first)}}
        return whole

    def deserialize(self, value: list[Stored]) -> tuple[T, ...]:
        return super().deserialize([self._whole(one, value) for one in value])

    def _whole(self, one: Stored, value: list[Stored]) -> Stored:
        given = one["M"].get(self.shared, {})
        return {"M": {**one["M"], self.shared: value[int(given["N"])]["M"][self.shared]}} if "N" in given else one


class FixedAttribute(Attribute[tuple[Any, ...]]):
    """A tuple whose places have kinds of their own."""

    attr_type = LIST

    def __init__(self, *places: Attribute[Any]) -> None:
        super().__init__()
        self.places = places

    def serialize(self, value: tuple[Any, ...]) -> list[Stored]:
        return [wrapped(place, one) for place, one in zip(self.places, value, strict=True)]

    def deserialize(self, value: list[Stored]) -> tuple[Any, ...]:
        return tuple(unwrapped(place, one) for place, one in zip(self.places, value, strict=True))


class DictAttribute(Attribute[Mapping[str, T]]):
    """Values of one kind by name."""

    attr_type = MAP

    def __init__(self, element: Attribute[T], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.element = element

    def serialize(self, value: Mapping[str, T]) -> Image:
        return {name: wrapped(self.element, one) for name, one in value.items()}

    def deserialize(self, value: Image) -> dict[str, T]:
        return {name: unwrapped(self.element, one) for name, one in value.items()}


class DataAttribute(Attribute[Mapping[str, Any]]):
    """Whatever JSON can say, by name. Raises TypeError for anything else."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, Any]) -> Image:
        return {name: _said(one) for name, one in value.items()}

    def deserialize(self, value: Image) -> dict[str, Any]:
        return {name: _heard(one) for name, one in value.items()}


class CalendarAttribute(Attribute[Calendar]):
    """In the words of the policy file: a text for each day of the week that opens and for each date that differs."""

    attr_type = MAP

    def serialize(self, value: Calendar) -> Image:
        return {name: _said(one) for name, one in value.as_data().items()}

    def deserialize(self, value: Image) -> Calendar:
        return load_calendar({name: _heard(one) for name, one in value.items()})


Steps = tuple[tuple[str, str, str, Callable[[Any], Any] | None, Any], ...]
"""How to write a record: field, key, DynamoDB's type, what makes the value, and what is not worth storing."""

_NEVER = object()
NULL: Stored = {"NULL": True}


def steps(record: type, attributes: Mapping[str, Attribute[Any]], named: Mapping[str, str] | None = None) -> Steps:
    """Looked up once and not for every record: a field that is empty and empty by default is left out."""
    empties = _empties(record)
    return tuple(
        (name, (named or {}).get(name, name), one.attr_type, writer(one), empties.get(name, _NEVER))
        for name, one in attributes.items()
    )


def writer(attribute: Attribute[Any]) -> Callable[[Any], Any] | None:
    """What makes the value that is stored; None when it is stored as it is."""
    if type(attribute) is NumberAttribute:
        return number
    return None if type(attribute).serialize is Attribute.serialize else attribute.serialize


def number(value: float) -> str:
    """As PynamoDB writes it, but without a JSON encoder for whole numbers, which nearly all are."""
    return str(value) if value.__class__ is int else json.dumps(value)


def written(steps: Steps, record: Any) -> Image:
    """A field that was left out comes back by itself, as its dataclass's default."""
    image: Image = {}
    for name, key, kind, write, empty in steps:
        value = getattr(record, name)
        if value is None and empty is not None:
            image[key] = NULL
        elif empty is _NEVER or value != empty:
            image[key] = {kind: value if write is None else write(value)}
    return image


@cache
def _empties(record: type) -> Mapping[str, Any]:
    defaults = {field.name: _default(field) for field in fields(record)}
    return {name: default for name, default in defaults.items() if default in (None, "", (), {}, timedelta())}


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def wrapped(attribute: Attribute[Any], value: Any) -> Stored:
    return {"NULL": True} if value is None else {attribute.attr_type: attribute.serialize(value)}


def unwrapped(attribute: Attribute[Any], stored: Stored) -> Any:
    return None if "NULL" in stored else attribute.deserialize(attribute.get_value(stored))


def _said(value: Any) -> Stored:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, int | float):
        return {"N": json.dumps(value, allow_nan=False)}
    if isinstance(value, Mapping):
        return {"M": {name: _said(one) for name, one in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [_said(one) for one in value]}
    raise TypeError(f"a {type(value).__name__} cannot be stored as data; make it text or a number first")


def _heard(stored: Stored) -> Any:
    ((kind, value),) = stored.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return json.loads(value)
    if kind == "M":
        return {name: _heard(one) for name, one in value.items()}
    if kind == "L":
        return [_heard(one) for one in value]
    return value
