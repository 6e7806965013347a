"""How values are written in a policy file: durations, percentages, words from a list."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError

from chalicelib.domain.errors import Refusal
from chalicelib.domain.languages import code
from chalicelib.domain.tags import tag

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_PERCENT = re.compile(r"([0-9]{1,3})%")
_LONGEST = timedelta(days=365)
_HOW_LONG = "write a number and s, m, h or d, such as 15m, 4h, 2d or 90s"


@dataclass(frozen=True, slots=True)
class Warn:
    """When somebody is told that a promise is about to break: at a share of the time, or so long before its end."""

    percent: int = 75
    before_due: timedelta | None = None

    def before(self, within: timedelta) -> timedelta:
        """How long before the due time of a promise of this length."""
        if self.before_due is not None:
            return self.before_due
        return timedelta(seconds=int(within.total_seconds()) * (100 - self.percent) // 100)


def duration(value: Any) -> timedelta:
    """``15m``, ``4h``, ``2d``, ``90s``."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong("is not a duration", _HOW_LONG)
    seconds = int(found[1]) * _UNITS[found[2]]
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise wrong("is not between 1s and 365d", _HOW_LONG)
    return timedelta(seconds=seconds)


def warn(value: Any) -> Warn:
    """``75%`` of the time has passed, or a duration before the end."""
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found and 1 <= int(found[1]) <= 100:
        return Warn(int(found[1]))
    if found or not (isinstance(value, str) and _DURATION.fullmatch(value)):
        raise wrong("says no moment", "write 75% (of the time has passed; 100% for no warning) or 10m (before it ends)")
    return Warn(before_due=duration(value))


def warns(value: Any) -> tuple[Warn, ...]:
    """One warning or a list of them."""
    return tuple(warn(one) for one in as_list(value))


def one_code(value: Any) -> Any:
    """A language code in its one spelling."""
    return code(value) if isinstance(value, str) else value


def one_tag(value: Any) -> str:
    """A tag in the spelling that cases have it in."""
    try:
        return tag(value) if isinstance(value, str) else tag(str(value or ""))
    except Refusal as refusal:
        raise wrong("cannot be a tag", "use letters, digits and dashes, at most 40") from refusal


def word(kind: type[StrEnum], noun: str, known: Collection[StrEnum] | None = None) -> Callable[[Any], Any]:
    """A reader of one word out of the enum, or of those given."""
    words = [one.value for one in kind if known is None or one in known]

    def read(value: Any) -> StrEnum:
        if value not in words:
            raise PydanticCustomError("unknown", "unknown", {"noun": noun, "known": words})
        return kind(value)

    return read


def as_list(value: Any) -> Any:
    """One value counts as a list of one."""
    return value if value is None or isinstance(value, list | dict) else [value]


def wrong(what: str, right: str) -> PydanticCustomError:
    """What is wrong with a value that was given, and what would be right."""
    return PydanticCustomError("wrong", "wrong", {"what": what, "right": right})
