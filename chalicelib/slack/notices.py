"""What chains and promises tell in Slack: one case that nobody follows, many of them in one, and who takes over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.notices import SEVERAL, Notice, Part, cases_of, oldest_of
from chalicelib.slack.blocks import Posting, actions, button, context, metadata, section
from chalicelib.slack.buttons import ACKNOWLEDGE, value
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.times import moment, span

NAME = 80
LISTED = 10
NAMED = 5
"""Cases a summary names; the others are counted."""
BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Place:
    """The team's queue: its name and the Slack channel where its cards stand. ``calls`` is a mention, of ours."""

    name: str
    channel: str
    calls: str = ""

    @property
    def link(self) -> str:
        return f"<#{self.channel}>" if self.channel else literal(self.name, NAME)


@dataclass(frozen=True, slots=True)
class Shift:
    """A hand-over: the names of agents, empty for nobody."""

    to: str
    until: datetime | None
    before: str


@dataclass(frozen=True, slots=True)
class Load:
    """What waits: live cases by due time, as far as they were read; ``more`` says that there are others."""

    brand: str
    cases: Sequence[Case]
    more: bool

    @property
    def named(self) -> Sequence[Case]:
        return self.cases[:LISTED]


def calling(case: Case, notice: Notice, place: Place, now: datetime) -> Posting:
    """One case, with a button for whoever is on it."""
    who = literal(case.contact_name, NAME) or "A customer"
    words = f"{place.calls} :rotating_light: *{who}* waits in {place.link} and nobody has followed yet".strip()
    due = f"; {_due(notice.due_at, now)}" if notice.due_at else ""
    about = metadata(case.brand, case.id, notice.name)
    text = f"{words}{due}."
    return Posting(text, (section(text), actions([button("I am on it", ACKNOWLEDGE, value(case), "primary")])), about)


def loud(posting: Posting) -> Posting:
    """In the case's thread, and seen in the channel as well."""
    return replace(posting, broadcast=True)


def summary(about: tuple[str, str], parts: Sequence[Part], place: Place, now: datetime) -> Posting:
    """Everything that was gathered, in one message. ``about``: the brand and the name under which it is posted."""
    counted = ", ".join(f"*{part.count} more* {SEVERAL[part.what]}" for part in parts)
    oldest = oldest_of(parts)
    due = f"; oldest {_due(oldest, now)}" if oldest else ""
    head = f"{place.calls} :rotating_light: {counted}".strip()
    text = f"{head} in {literal(place.name, NAME)}{due}. The list: {place.link}"
    named = cases_of(parts)[:NAMED]
    left = max(part.count for part in parts) - len(named)
    shown = [f"• {_line(case, now)}" for case in named] + ([f"and {left} more"] if left > 0 else [])
    blocks = (section(text), *([context("\n".join(shown))] if named else []))
    return Posting(text, blocks, metadata(about[0], BUNDLE, about[1]))


def hand_over(shift: Shift, loads: Sequence[Load], place: Place, now: datetime) -> Posting:
    """Who takes over, and what they take over."""
    until = f" until {moment(shift.until, now)}" if shift.until else ""
    to = f"*{literal(shift.to, NAME)}* is on call{until}" if shift.to else f"*Nobody* is on call{until}"
    text = f":handshake: {to}" + (f", after {literal(shift.before, NAME)}" if shift.before else "") + "."
    blocks = [section(text), *(section(_load(one, len(loads) > 1, now)) for one in loads if one.cases)]
    if not any(one.cases for one in loads):
        blocks.append(context(f"Nothing waits in {place.link}."))
    return Posting(text, tuple(blocks))


def _load(load: Load, named: bool, now: datetime) -> str:
    late = sum(1 for case in load.cases if case.due_at and case.due_at <= now)
    plus = "+" if load.more else ""
    free = sum(1 for case in load.cases if case.assignee is None)
    head = f"{len(load.cases)}{plus} open, {late} too late, {free} nobody's"
    lines = [f"• {_line(case, now)}" for case in load.named]
    left = len(load.cases) - LISTED
    tail = [f"and {left}{plus} more"] if left > 0 else ["and more"] if load.more else []
    return "\n".join([f"*{literal(load.brand, NAME)}*: {head}" if named else head, *lines, *tail])


def _line(case: Case, now: datetime) -> str:
    who = literal(case.contact_name, NAME) or "a customer"
    return f"{who}: {_due(case.due_at, now) if case.due_at else 'nothing is promised'}"


def _due(at: datetime, now: datetime) -> str:
    return f"due {moment(at, now)}" + (f", {span(now - at)} late" if at <= now else "")
