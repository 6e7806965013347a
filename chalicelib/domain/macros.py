"""Saved replies. Their placeholders are filled with plain text, once: what a customer is called is never read again."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.case import Case, Priority
from chalicelib.domain.reply import Then

LONGEST = 3000
"""What the window's box holds."""
MOST_PLACEHOLDERS = 20
LONGEST_VALUE = 200
"""Twenty names of that length and the longest text are still less than 10 KB, whatever a customer calls themselves."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_LIKE_ONE = re.compile(r"[a-z]{1,40}\.[a-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Macro:
    """``text`` may hold placeholders. ``tags``, ``priority`` and ``resolve`` are done to the case when it is sent.

    It is offered for cases of its ``brands``; of all when it names none.
    """

    key: str
    title: str
    text: str
    tags: tuple[str, ...] = ()
    priority: Priority | None = None
    resolve: bool = False
    brands: tuple[str, ...] = ()

    def serves(self, brand: str) -> bool:
        return not self.brands or brand in self.brands


@dataclass(frozen=True, slots=True)
class Facts:
    """What placeholders stand for, apart from the case."""

    agent: str
    brand: str


_MEANT: Mapping[str, Callable[[Case, Facts], str]] = {
    "contact.name": lambda case, facts: case.contact_name,
    "contact.handle": lambda case, facts: case.contact_handle or case.contact_name,
    "agent.name": lambda case, facts: facts.agent,
    "case.id": lambda case, facts: case.id,
    "brand.name": lambda case, facts: facts.brand,
}

PLACEHOLDERS = tuple(_MEANT)


def load_macro(key: str, data: Mapping[str, Any]) -> Macro:
    return Macro(
        key=key,
        title=data["title"],
        text=data["text"],
        tags=tuple(data.get("tags", ())),
        priority=Priority(data["priority"]) if data.get("priority") else None,
        resolve=data.get("resolve", False),
        brands=tuple(data.get("brands", ())),
    )


def unknown(text: str) -> Iterator[str]:
    """What stands in braces and means nothing."""
    yield from (name for name in _PLACEHOLDER.findall(text) if name not in _MEANT)


def count(text: str) -> int:
    return len(_PLACEHOLDER.findall(text))


def unfilled(text: str, case: Case) -> Iterator[str]:
    """Placeholders, or what was meant as one, that still stand in words which are to leave.

    Somebody may be called like one; that is their name.
    """
    names = f"{case.contact_name} {case.contact_handle or ''}"
    for name in _PLACEHOLDER.findall(text):
        if _LIKE_ONE.fullmatch(name) and f"{{{name}}}" not in names:
            yield name


def filled(macro: Macro, case: Case, agent: str, brand: str) -> str:
    """The words as the customer would read them; ``agent`` and ``brand`` are the names people read."""
    facts = Facts(agent, brand)

    def meant(found: re.Match[str]) -> str:
        known = _MEANT.get(found[1])
        return " ".join(known(case, facts).split())[:LONGEST_VALUE] if known else found[0]

    return _PLACEHOLDER.sub(meant, macro.text)


def then(macro: Macro, agent: str) -> Then:
    """What the macro does beside answering."""
    return Then(tags=macro.tags, priority=macro.priority, resolved_by=agent if macro.resolve else "")
