"""Between rows and items. What is missing in an item gets the dataclass's default, what is unknown is passed over.

So items of the release before stay readable, and so do those of the release after. But a row written back carries only
what this code knows: a new attribute is first read everywhere, then written.
"""

from dataclasses import fields
from typing import TypeVar

from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage.attributes import Image, kept
from chalicelib.storage.indexes import index_keys
from chalicelib.storage.layout import key_of
from chalicelib.storage.models import MODELS, Item

R = TypeVar("R", bound=Row)


def item_of(row: Row) -> Item:
    """The item to write: the row one version on, under its key, with the index attributes of what it waits for."""
    values = {**kept(row), **index_keys(row), **key_of(row)._asdict(), "row": type(row).__name__}
    if "version" in values:
        values["version"] += 1
    return MODELS[type(row)](**values)


def row_of(kind: type[R], image: Image) -> R:
    """The row an item holds. Raises TypeError when the item lacks what such a row cannot be without."""
    values = MODELS[kind].from_raw_data(image).attribute_values
    names = [field.name for field in fields(kind)]
    return kind(**{name: values[name] for name in names if name in values})


def decode_event(image: Image) -> TimelineEvent:
    """The event in a stream record's NewImage. Raises ValueError for the image of any other row."""
    kind = image.get("kind", {}).get("S")
    if kind != TimelineEvent.__name__:
        raise ValueError(f"not a timeline event but a {kind}")
    return row_of(TimelineEvent, image)
