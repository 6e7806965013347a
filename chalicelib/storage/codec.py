"""Between rows and items. What is missing in an item gets the dataclass's default, what is unknown is passed over.

So items of the release before stay readable, and so do those of the release after. But a row written back carries only
what this code knows: a new attribute is first read everywhere, then written.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pynamodb.attributes import Attribute

from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage.attributes import Image, kept, unwrapped, wrapped
from chalicelib.storage.indexes import index_keys
from chalicelib.storage.layout import key_of
from chalicelib.storage.models import MODELS

R = TypeVar("R", bound=Row)

_ATTRIBUTES: Mapping[type, Mapping[str, Attribute[Any]]] = {kind: one.get_attributes() for kind, one in MODELS.items()}
_FIELDS: Mapping[type, tuple[str, ...]] = {kind: tuple(field.name for field in fields(kind)) for kind in MODELS}


def image_of(row: Row) -> Image:
    """The item to write: the row one version on, under its key, with the index attributes of what it waits for.

    Raises ValueError when something is empty that cannot be. The model says how each attribute stands; an instance of
    it for every row would be a third of what a row costs.
    """
    values = {**kept(row), **index_keys(row), **key_of(row)._asdict(), "row": type(row).__name__}
    if "version" in values:
        values["version"] += 1
    attributes = _ATTRIBUTES[type(row)]
    if empty := [name for name, value in values.items() if value is None and not attributes[name].null]:
        raise ValueError(f"{', '.join(empty)} of a {type(row).__name__} cannot be empty")
    named = ((attributes[name], value) for name, value in values.items() if value is not None)
    return {attribute.attr_name: wrapped(attribute, value) for attribute, value in named}


def row_of(kind: type[R], image: Image) -> R:
    """The row an item holds. Raises TypeError when the item lacks what such a row cannot be without."""
    attributes = _ATTRIBUTES[kind]
    named = ((name, attributes[name]) for name in _FIELDS[kind])
    return kind(**{name: unwrapped(one, image[one.attr_name]) for name, one in named if one.attr_name in image})


def decode_event(image: Image) -> TimelineEvent:
    """The event in a stream record's NewImage. Raises ValueError for the image of any other row."""
    kind = image.get("kind", {}).get("S")
    if kind != TimelineEvent.__name__:
        raise ValueError(f"not a timeline event but a {kind}")
    return row_of(TimelineEvent, image)
