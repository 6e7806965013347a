"""What every item of the table has."""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.storage.attributes import InstantAttribute

TEXT = UnicodeAttribute()
AT = InstantAttribute()

Parts = Mapping[str, Attribute[Any]]


class Item(Model):
    """What every item has. ``row`` is the row's type, for people, exports and stream filters; stored as ``kind``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    row = UnicodeAttribute(attr_name="kind")
    brand = UnicodeAttribute()
    version = NumberAttribute(null=True)
