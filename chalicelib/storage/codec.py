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
from chalicelib.storage.attributes import NULL, Image, Steps, steps, unwrapped, written
from chalicelib.storage.indexes import index_keys
from chalicelib.storage.layout import key_of
from chalicelib.storage.models import MODELS

R = TypeVar("R", bound=Row)

_ATTRIBUTES: Mapping[type, Mapping[str, Attribute[Any]]] = {kind: one.get_attributes() for kind, one in MODELS.items()}
_FIELDS: Mapping[type, tuple[str, ...]] = {kind: tuple(field.name for field in fields(kind)) for kind in MODELS}


def _steps(kind: type) -> Steps:
    named = {name: _ATTRIBUTES[kind][name] for name in _FIELDS[kind]}
    return steps(kind, named, {name: one.attr_name for name, one in named.items()})


_STEPS: Mapping[type, Steps] = {kind: _steps(kind) for kind in MODELS}


def image_of(row: Row) -> Image:
    """The item to write: the row one version on, under its key, with the index attributes of what it waits for.

    Raises ValueError when something is empty that cannot be. The model says how each attribute stands; an instance of
    it for every row would be a third of what a row costs.
    """
    kind, key = type(row), key_of(row)
    image = written(_STEPS[kind], row)
    if NULL in image.values():
        _without_empty(image, kind)
    for name, text in index_keys(row).items():
        image[name] = {"S": text}
    if (version := getattr(row, "version", None)) is not None:
        image["version"] = {"N": str(version + 1)}
    return {**image, "pk": {"S": key.pk}, "sk": {"S": key.sk}, "kind": {"S": kind.__name__}}


def _without_empty(image: Image, kind: type) -> None:
    attributes = _ATTRIBUTES[kind].values()
    if empty := [one.attr_name for one in attributes if image.get(one.attr_name) == NULL and not one.null]:
        raise ValueError(f"{', '.join(empty)} of a {kind.__name__} cannot be empty")
    for name in [name for name, stored in image.items() if stored == NULL]:
        del image[name]


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
