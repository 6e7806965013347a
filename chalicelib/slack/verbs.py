"""What ``@heed take``, ``@heed snooze 2h``, ``@heed assign @tom`` in a thread ask for.

Only words that are such an order from the first to the last are one; all others stay a note.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.case import Priority
from chalicelib.domain.commands import (
    Acknowledge,
    AddNote,
    Assign,
    Command,
    Dismiss,
    Escalate,
    Link,
    Merge,
    Move,
    Release,
    Resolve,
    SetPriority,
    Snooze,
    Tag,
    Take,
    Wake,
)
from chalicelib.domain.errors import Refusal
from chalicelib.slack.times import read_span

HELP = "help"
TAG_SIZE, TAGS = 30, 5
LONGEST_NAP = timedelta(days=90)

_PERSON = re.compile(r"(?:to\s+)?<@(\w+)(?:\|[^>]*)?>\s*(.*)", re.DOTALL)
_CASE = re.compile(r"`?([a-z2-7]{20}-\d{1,8})`?")


@dataclass(frozen=True, slots=True)
class Order:
    """Words of a person about a case. ``text`` is as they meant it; ``raw`` still holds Slack's tokens."""

    id: str
    brand: str
    case_id: str
    agent: str
    text: str
    raw: str
    now: datetime
    agents: Callable[[str], str | None]
    """The agent behind a Slack user id."""
    queues: Mapping[str, str]

    @property
    def about(self) -> tuple[str, str, str, str]:
        return self.id, self.brand, self.case_id, self.agent


def understood(order: Order) -> Command | None:
    """The command these words are; None when they are none. Raises Refusal for one that names nobody we know."""
    verb, _, rest = order.text.strip().partition(" ")
    read = _VERBS.get(verb.lower().rstrip(":"))
    return read(order, rest.strip()) if read else None


def known(text: str) -> bool:
    """Whether a text begins like an order."""
    return text.strip().partition(" ")[0].lower().rstrip(":") in {*_VERBS, HELP}


def _bare(make: Callable[..., Command]) -> Callable[[Order, str], Command | None]:
    return lambda order, rest: None if rest.strip(" .!") else make(*order.about)


def _assign(order: Order, rest: str) -> Command | None:
    named = _PERSON.fullmatch(order.raw.strip().partition(" ")[2].strip())
    if named is None:
        return None
    agent = order.agents(named[1])
    if agent is None:
        raise Refusal("That person is not set up in Heed; ask an admin to add them in care.yaml.")
    return Assign(*order.about, to=agent, note=_after_mention(rest, named[2]))


def _after_mention(rest: str, raw: str) -> str:
    """The note that follows a name, as it was meant: both texts end with it, in as many words."""
    count = len(raw.split())
    return " ".join(rest.split()[-count:]) if count else ""


def _move(order: Order, rest: str) -> Command | None:
    """A team by what people call it or else by its key; of two that fit, the longer."""
    names = sorted(((name, key) for key, name in order.queues.items()), key=lambda one: -len(one[0]))
    keys = sorted(((key, key) for key in order.queues), key=lambda one: -len(one[0]))
    for word, key in (*names, *keys):
        note = re.fullmatch(rf"(?:to\s+)?{re.escape(word)}(?:[\s:,.]+(.*))?", rest, re.IGNORECASE | re.DOTALL)
        if note:
            return Move(*order.about, queue=key, note=(note[1] or "").strip())
    return None


def _priority(order: Order, rest: str) -> Command | None:
    word, _, reason = rest.partition(" ")
    if word.lower() not in set(Priority):
        return None
    return SetPriority(*order.about, priority=Priority(word.lower()), reason=reason.strip())


def _snooze(order: Order, rest: str) -> Command | None:
    nap = read_span(rest.removeprefix("for ").strip())
    if nap is None or nap[0] > LONGEST_NAP:
        return None
    return Snooze(*order.about, until=order.now + nap[0], reason=nap[1])


def _tags(rest: str) -> tuple[str, ...]:
    """One tag, or several with commas between; nothing for what is rather a sentence."""
    found = tuple(dict.fromkeys(tag for one in rest.split(",") if (tag := one.strip().lstrip("#").strip())))
    fits = len(found) <= TAGS and all(len(tag) <= TAG_SIZE and len(tag.split()) <= 2 for tag in found)
    return found if fits else ()


def _tag(order: Order, rest: str) -> Command | None:
    found = _tags(rest)
    return Tag(*order.about, add=found) if found else None


def _untag(order: Order, rest: str) -> Command | None:
    found = _tags(rest)
    return Tag(*order.about, remove=found) if found else None


def _merge(order: Order, rest: str) -> Command | None:
    named = _CASE.fullmatch(rest.removeprefix("into ").strip())
    return Merge(*order.about, into=named[1]) if named else None


def _link(order: Order, rest: str) -> Command | None:
    named = _CASE.fullmatch(rest.removeprefix("to ").strip())
    return Link(*order.about, to=named[1]) if named else None


def _escalate(order: Order, rest: str) -> Command | None:
    return Escalate(*order.about, reason=rest) if rest else None


def _note(order: Order, rest: str) -> Command | None:
    return AddNote(*order.about, text=rest) if rest else None


def _not(order: Order, rest: str) -> Command | None:
    return Dismiss(*order.about) if rest.strip(" .!").lower() == "a request" else None


_VERBS: Mapping[str, Callable[[Order, str], Command | None]] = {
    "take": _bare(Take),
    "release": _bare(Release),
    "resolve": _bare(Resolve),
    "wake": _bare(Wake),
    "ack": _bare(Acknowledge),
    "dismiss": _bare(Dismiss),
    "not": _not,
    "assign": _assign,
    "move": _move,
    "priority": _priority,
    "snooze": _snooze,
    "tag": _tag,
    "untag": _untag,
    "merge": _merge,
    "link": _link,
    "escalate": _escalate,
    "note": _note,
}
