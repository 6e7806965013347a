"""What ``/heed`` answers: short lists and words for one person only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.domain.message import Message
from chalicelib.slack import buttons, clockwords
from chalicelib.slack.blocks import Block, actions, context, in_a_line, section
from chalicelib.slack.cards import STATES
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.times import moment, span

NAME, BRIEF, WORDS, SHOWN, PEOPLE = 80, 40, 150, 10, 3
LINES, TOGETHER = 100, 5
"""So many more cases are told in a line each, and so many of those in a block."""


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in a team. ``more`` when there is more than was counted, ``more_free`` when more wait for somebody."""

    queue: str
    waiting: int
    free: int
    late: int
    more: bool = False
    longest: timedelta | None = None
    more_free: bool = False


def only_you(text: str, blocks: Sequence[Block] = ()) -> Block:
    """The body of an answer to a slash command."""
    shown: Block = {"response_type": "ephemeral", "text": text}
    return shown | ({"blocks": list(blocks)} if blocks else {})


def tell(words: str) -> Block:
    return only_you(words, [section(words)])


@dataclass(frozen=True, slots=True)
class Found:
    """Cases for a list, the most urgent first, and what their customers wrote last, by message.

    ``more`` when there are more than were looked at.
    """

    cases: Sequence[Case]
    latest: Mapping[str, Message] = field(default_factory=dict)
    more: bool = False

    @property
    def count(self) -> str:
        return f"{len(self.cases)}{'+' if self.more else ''}"

    def words(self, case: Case) -> str:
        message = self.latest.get(thread.last_message_id) if (thread := case.thread()) else None
        return f":speech_balloon: {in_a_line(message, WORDS)}" if message else ""


def cases(title: str, found: Found, queues: Mapping[str, str], now: datetime, limit: int = SHOWN) -> Block:
    """The first ones with their buttons, all others in a line each."""
    if not found.cases:
        return tell(f"{title}: none.")
    told = f"{title}: {found.count}"
    shown = [block for one in found.cases[:limit] for block in entry(one, queues, now, found.words(one))]
    return only_you(told, [section(f"*{told}*"), *shown, *others(found, queues, now, limit)])


def others(found: Found, queues: Mapping[str, str], now: datetime, after: int) -> list[Block]:
    """A line for each case after so many."""
    rest = found.cases[after : after + LINES]
    told = [_line(case, queues, now) for case in rest]
    blocks = [section("\n".join(told[at : at + TOGETHER])) for at in range(0, len(told), TOGETHER)]
    left = len(found.cases) - after - len(rest)
    unseen = f"and {left}{'+' if found.more else ''} more" if left > 0 else "and more" if found.more else ""
    return [*blocks, *([context(unseen)] if unseen else [])]


def _line(case: Case, queues: Mapping[str, str], now: datetime) -> str:
    who = _names(case, BRIEF)
    team = literal(queues.get(case.queue, case.queue), BRIEF)
    return f"*{who}* {clockwords.due(case, now) if case.live else ''} · {team} · `{case.id}`"


def _names(case: Case, longest: int) -> str:
    """Of several people those who wrote last."""
    return " and ".join(literal(one, longest) or "somebody" for one in case.people[:PEOPLE])


def entry(case: Case, queues: Mapping[str, str], now: datetime, words: str = "") -> list[Block]:
    """One case in a list: who, what they wrote last, everything that is promised, and the buttons to go on with it."""
    who = _names(case, NAME)
    state = f"snoozed, {STATES[case.status]}" if case.snoozed_until else STATES[case.status]
    facts = f"{case.priority.value} · {literal(queues.get(case.queue, case.queue), NAME)} · {state} · `{case.id}`"
    promise, others = (clockwords.due(case, now), clockwords.beside(case, now)) if case.live else ("", [])
    told = "\n".join(part for part in (f"*{who}* {promise}".strip(), words, *others, facts) if part)
    row = buttons.short_row(case) if case.live else buttons.ended_row(case)
    return [section(told), actions(row)]


def one(title: str, case: Case, found: Found, queues: Mapping[str, str], now: datetime, card: str = "") -> Block:
    """One case, and the way to its card."""
    link = [section(f"<{card}|Open its card>")] if card else []
    return only_you(title, [section(f"*{title}*"), *entry(case, queues, now, found.words(case)), *link])


@dataclass(frozen=True, slots=True)
class Call:
    """Who is on call by a rotation, and until when; None for nobody, or nobody in sight."""

    rotation: str
    who: str | None
    until: datetime | None


def calls(found: Sequence[Call], now: datetime) -> Block:
    if not found:
        return tell("Nobody is on call: `care.yaml` has no rotation.")
    return tell("*On call now*\n" + "\n".join(_call(one, now) for one in found))


def _call(one: Call, now: datetime) -> str:
    who = literal(one.who, NAME) if one.who else "nobody"
    until = f", until {moment(one.until, now)}" if one.until else ""
    return f"*{literal(one.rotation, NAME)}:* {who}{until}"


def report(loads: Sequence[Load]) -> Block:
    return tell("*What waits now*\n" + "\n".join(load_line(one) for one in loads)) if loads else tell("Nothing waits.")


def load_line(load: Load) -> str:
    more = "+" if load.more else ""
    free = f"{load.free}{'+' if load.more_free else ''}"
    late = f", :rotating_light: {load.late}{more} late" if load.late else ""
    longest = f", longest wait {span(load.longest)}" if load.longest else ""
    return f"*{literal(load.queue, NAME)}:* {load.waiting}{more} open, {free} with nobody{late}{longest}"
