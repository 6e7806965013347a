"""What is wrong with a policy file, in words a person can act on."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]
"""Where something stands in the file: ``("rules", 1, "queue")``."""

_SINGULAR = {"brands": "brand", "accounts": "account", "queues": "queue", "agents": "agent", "calendars": "calendar"}
_SINGULAR |= {"chains": "chain", "on_call": "rotation", "slack": "workspace", "macros": "macro"}
_NUMBERED = {"rules": "rule", "sla": "sla entry"}


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """``what`` is wrong on which line, and what would be ``right``."""

    file: str
    line: int | None
    what: str
    right: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.level}: {self.what}; {self.right}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def where(path: Path) -> str:
    """The entry a path lies in, as people count and call it: rule 2, brand "harbor"."""
    section, *inner = path or ("the file",)
    if inner and section in _SINGULAR:
        return f'{_SINGULAR[str(section)]} "{inner[0]}"'
    if inner and section in _NUMBERED and isinstance(inner[0], int):
        return f"{_NUMBERED[str(section)]} {inner[0] + 1}"
    return str(section)


def suggestion(noun: str, given: str, known: Collection[str]) -> str:
    """What would have been right, for a name that is not known."""
    close = get_close_matches(given, known, n=1)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return f"{guess}known {noun}: {', '.join(known) or 'none yet'}"
