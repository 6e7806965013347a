"""What ``@heed take``, ``@heed snooze 2h``, ``@heed assign @tom`` ask for: one table, for reading and for help.

Only words that are such an order from the first to the last are one; all others stay a note, and are said to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches

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
    Reopen,
    Resolve,
    SetPriority,
    Snooze,
    Tag,
    Take,
    Wake,
)
from chalicelib.domain.errors import Refusal
from chalicelib.slack.references import naming
from chalicelib.slack.times import read_span

HELP, PERSON = "help", "person"
TAG_SIZE, TAGS, ASKED = 30, 5, 3
LONGEST_NAP = timedelta(days=90)

_PERSON = re.compile(r"(?:to\s+)?<@(\w+)(?:\|[^>]*)?>\s*(.*)", re.DOTALL)
_ENDS = ".,:;!"


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
    """The command these words are; None when they are none. Raises Refusal for one that names nobody we know.

    Another case stands in it as it was named, by number or link.
    """
    verb, rest = split(order.text)
    known = ORDERS.get(verb)
    return known.read(order, rest) if known else None


def list_asked(text: str) -> str:
    """The words as ``/heed`` takes them, when they ask for a list or an answer; else nothing."""
    verb, rest = split(text)
    return f"{verb} {rest}".strip() if verb in LISTS and len(rest.split()) <= ASKED else ""


def split(text: str) -> tuple[str, str]:
    """The verb, and what comes after it, on its own line or on another."""
    first, *rest = re.sub(r"^on call\b", "on-call", text.strip(), flags=re.IGNORECASE).split(None, 1) or [""]
    verb = first.lower().rstrip(_ENDS)
    return _ALSO.get(verb, verb), (rest[0] if rest else "").strip()


def meant(text: str) -> str:
    """The verb that somebody may have meant whose words were no order; nothing when none is near."""
    verb, _ = split(text)
    if verb in BUTTONS or verb in ORDERS or verb in LISTS:
        return verb
    return next(iter(get_close_matches(_MEANT.get(verb, verb), (*ORDERS, *LISTS), 1)), "")


def hint(text: str) -> str:
    """What to do about words that were no order."""
    verb = meant(text)
    if not verb or verb in BUTTONS:
        return BUTTONS.get(verb, "")
    usage = ORDERS[verb].usage if verb in ORDERS else LISTS[verb]
    return f"If it was meant as an order, write `@heed {usage}`."


def _bare(make: Callable[..., Command]) -> Callable[[Order, str], Command | None]:
    return lambda order, rest: None if rest.strip(f" {_ENDS}") else make(*order.about)


def _assign(order: Order, rest: str) -> Command | None:
    named = _PERSON.fullmatch(split(order.raw)[1])
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
    person, found = _whose(rest)
    if not found:
        return None
    return Tag(*order.about, person_add=found) if person else Tag(*order.about, add=found)


def _untag(order: Order, rest: str) -> Command | None:
    person, found = _whose(rest)
    if not found:
        return None
    return Tag(*order.about, person_remove=found) if person else Tag(*order.about, remove=found)


def _whose(rest: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the tags are of whoever the case is about, which ``person`` before them says."""
    first, _, more = rest.partition(" ")
    person = first.lower() == PERSON and bool(more.strip())
    return person, _tags(more if person else rest)


def _merge(order: Order, rest: str) -> Command | None:
    named = naming(rest.removeprefix("into ").strip())
    return Merge(*order.about, into=named) if named else None


def _link(order: Order, rest: str) -> Command | None:
    named = naming(rest.removeprefix("to ").strip())
    return Link(*order.about, to=named) if named else None


def _escalate(order: Order, rest: str) -> Command | None:
    return Escalate(*order.about, reason=rest) if rest else None


def _note(order: Order, rest: str) -> Command | None:
    return AddNote(*order.about, text=rest) if rest else None


def _not(order: Order, rest: str) -> Command | None:
    return Dismiss(*order.about) if rest.strip(f" {_ENDS}").lower() == "a request" else None


@dataclass(frozen=True, slots=True)
class Verb:
    """How an order is read, and how it is written; what stands in capitals is for its writer to fill in."""

    usage: str
    read: Callable[[Order, str], Command | None]


ORDERS: Mapping[str, Verb] = {
    "take": Verb("take", _bare(Take)),
    "release": Verb("release", _bare(Release)),
    "assign": Verb("assign @name", _assign),
    "move": Verb("move TEAM", _move),
    "priority": Verb("priority high", _priority),
    "snooze": Verb("snooze 2h", _snooze),
    "wake": Verb("wake", _bare(Wake)),
    "tag": Verb("tag [person] WORD", _tag),
    "untag": Verb("untag [person] WORD", _untag),
    "link": Verb("link CASE", _link),
    "merge": Verb("merge into CASE", _merge),
    "escalate": Verb("escalate WHY", _escalate),
    "ack": Verb("ack", _bare(Acknowledge)),
    "not": Verb("not a request", _not),
    "dismiss": Verb("dismiss", _bare(Dismiss)),
    "resolve": Verb("resolve", _bare(Resolve)),
    "reopen": Verb("reopen", _bare(Reopen)),
    "note": Verb("note WORDS", _note),
}
LISTS: Mapping[str, str] = {
    "mine": "mine",
    "next": "next",
    "case": "case NUMBER",
    "find": "find NAME",
    "report": "report",
    "on-call": "on-call",
}
"""What is asked for with ``/heed``, and in a thread as well; each with how it is written."""
MEANING: Mapping[str, str] = {
    "mine": "your cases",
    "next": "the next one for you",
    "case": "one case, by its number or the link of its card",
    "find": "open cases of people called like this",
    "report": "what waits now",
    "on-call": "who is on call now",
}
BUTTONS: Mapping[str, str] = {
    **dict.fromkeys(("reply", "answer", "send"), "Words for a customer leave only by *Reply* on the card."),
    **dict.fromkeys(
        ("hide", "unhide", "show", "delete", "like"), "For that press *More…* on the card, then *Hide, delete, like…*."
    ),
    **dict.fromkeys(("offline", "private"), "For that press *More…* on the card, then *Take offline…*."),
    "clocks": "For that press *More…* on the card, then *Clocks…*.",
    **dict.fromkeys(("approve", "reject"), "For that press *Approve* or *Not like this…* below the answer."),
    "undo": "For that press *Take it back* below the answer.",
    **dict.fromkeys(("macro", "template"), "For that press *Reply* on the card and choose a saved reply."),
}
"""What people order that has a button and no order, and where it is."""
_ALSO = {"my": "mine", "oncall": "on-call"}
_MEANT = {"done": "resolve", "close": "resolve", "solve": "resolve", "give": "assign", "reassign": "assign"}


WAYS = (
    "*Commands:* "
    + " · ".join(f"`/heed {usage}` {MEANING[name]}" for name, usage in LISTS.items())
    + " · `/heed help`\n*In the thread of a card,* write `@heed` and then: "
    + ", ".join(f"`{one.usage}`" for one in ORDERS.values())
    + "; or one of the commands above.\n"
    "*Everything else you write in a thread is a note for colleagues.* Words for a customer leave only by *Reply*."
)
"""What ``help`` says."""
