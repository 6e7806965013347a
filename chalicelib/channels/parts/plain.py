"""The commonest happenings by their shape: at the edge only who and which one matter, and a look can tell that.

A shape is written as a body is: an object with the keys that may be there, a list of exactly one, words and ids that
must be there, and marks. What it does not know is no plain happening and is read whole, so no shape knows exceptions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import Kind
from chalicelib.domain.ids import digest

Shape = Any
Found = dict[str, Any]
Mark = Callable[[Any, Found], bool]


def _caught(name: str) -> Mark:
    """An id that is there, kept under that name."""

    def mark(value: Any, found: Found) -> bool:
        found[name] = clean(value)
        return bool(found[name])

    return mark


ACCOUNT, AUTHOR, NATIVE = _caught("account"), _caught("author"), _caught("id")


def TEXT(value: Any, found: Found) -> bool:
    return value.__class__ is str


def MOMENT(value: Any, found: Found) -> bool:
    """Seconds or milliseconds of a time that people live in, as a number or as its digits."""
    digits = value if value.__class__ is str else str(value) if value.__class__ is int else ""
    return 10 <= len(digits) <= 13 and digits.isascii() and digits.isdecimal()


def WHATEVER(value: Any, found: Found) -> bool:
    """Nobody reads it."""
    return True


@dataclass(frozen=True, slots=True)
class Plain:
    """One kind of happening by its shape; ``musts`` is how many words and ids have to be found in it."""

    kind: Kind
    shape: Shape
    musts: int


def plain(kind: Kind, shape: Shape) -> Plain:
    return Plain(kind, shape, _musts(shape))


def _musts(shape: Shape) -> int:
    if isinstance(shape, dict | list):
        return sum(map(_musts, shape.values() if isinstance(shape, dict) else shape))
    return int(isinstance(shape, str) or shape in (ACCOUNT, AUTHOR, NATIVE))


def glimpsed(plains: tuple[Plain, ...], channel: str, piece: Any) -> tuple[str, str] | None:
    """The event's group and its identity, as they are for one that was read; None where only reading it can tell."""
    for one in plains:
        found: Found = {}
        if _fits(one.shape, piece, found) and len(found) == one.musts and found["author"] != found["account"] != "0":
            account = found["account"]
            return digest(channel, account, found["author"]), digest(one.kind, account, found["id"])
    return None


def _fits(shape: Shape, value: Any, found: Found) -> bool:
    if shape.__class__ is list:
        return value.__class__ is list and len(value) == 1 and _fits(shape[0], value[0], found)
    return value.__class__ is dict and _keys_fit(shape, value, found)


def _keys_fit(shape: dict[str, Shape], value: dict[str, Any], found: Found) -> bool:
    """Words and marks are most of a shape, so they are looked at here, without a call of their own."""
    for key, one in value.items():
        wanted: Any = shape.get(key)
        kind = wanted.__class__
        if kind is FunctionType:
            fits = wanted(one, found)
        elif kind is str:
            found[wanted] = fits = wanted == one
        else:
            fits = wanted is not None and _fits(wanted, one, found)
        if not fits:
            return False
    return True
