"""Which team, how urgent, and why. Rules are read in order; the first that names a queue, or a priority, decides it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.case import Priority
from chalicelib.domain.config import Config, Rule
from chalicelib.domain.contact import Contact
from chalicelib.domain.event import Event
from chalicelib.domain.languages import lineage

_SPACED = re.compile(r"(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])\w").match
"""A letter of a script that puts spaces between words: not Thai, Lao, Burmese, Khmer, Japanese or Chinese."""


@dataclass(frozen=True, slots=True)
class Route:
    queue: str
    priority: Priority
    reasons: tuple[str, ...]


def route(config: Config, brand: str, event: Event, contact: Contact) -> Route:
    """Where this goes. Every decision gives its reason in the words of the policy file."""
    queue: str | None = None
    priority: Priority | None = None
    reasons: list[str] = []
    for rule in config.rules:
        decides = (rule.queue is not None and queue is None) or (rule.priority is not None and priority is None)
        if decides and matches(rule, brand, event, contact):
            queue, priority = queue or rule.queue, priority or rule.priority
            reasons.append(rule.because)
    if not reasons:
        reasons.append("no rule matched")
    return Route(queue or config.brands[brand].queue, priority or Priority.NORMAL, tuple(reasons))


def matches(rule: Rule, brand: str, event: Event, contact: Contact) -> bool:
    """Whether everything the rule asks for is true of this event."""
    facts: Mapping[str, bool] = {
        "brand": rule.brand in (None, brand),
        "channel": not rule.channels or event.channel in rule.channels,
        "kind": not rule.kinds or event.kind in rule.kinds,
        "language": not rule.languages or bool(set(rule.languages) & set(lineage(event.language))),
        "tag": not rule.tags or bool(set(rule.tags) & set(contact.tags)),
    }
    return all(facts.values()) and (not rule.keywords or _says(rule.keywords, event.text or ""))


def _says(keywords: tuple[str, ...], text: str) -> bool:
    return _pattern(keywords).search(text) is not None


@lru_cache(maxsize=256)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_whole(word) for word in keywords), re.IGNORECASE)


def _whole(word: str) -> str:
    """The keyword as literal text, in any spacing. Where it begins or ends with a letter, so does a word there.

    Emoji stand close to letters, and some scripts put no spaces between words: they match anywhere.
    """
    literal = r"\s+".join(re.escape(part) for part in word.split())
    before, after = (r"(?<!\w)" if _SPACED(word[0]) else "", r"(?!\w)" if _SPACED(word[-1]) else "")
    return f"{before}{literal}{after}"
