"""Every clock of a case for people: the promise in words, how it is counted, what it consumed, and its log."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from chalicelib.domain.answers import author
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.clock_log import ClockEvent
from chalicelib.domain.explaining import Explanation, Told
from chalicelib.domain.report import Measured
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.blocks import Block, plain_section
from chalicelib.slack.clockwords import PAUSES, Tongue, on_the_wall, promise
from chalicelib.slack.modals import view
from chalicelib.slack.mrkdwn import one_line
from chalicelib.slack.times import span

NAME, SIZE, CLOCKS, ENTRIES = 80, 2900, 20, 8
"""A window shows so many clocks, the open ones first, with so many entries of each log as fit into a section."""
READ = 100
"""Of a long history a window reads the latest events; ``heed sla explain`` reads them all."""

Who = Callable[[str], str]
"""The name of whoever did something."""
Speaking = Callable[[Calendar | None], Tongue]
"""How things are written for a clock that counts in such a calendar."""


def heading(told: Explanation) -> str:
    case, terms = told.case, told.case.terms
    by = f"policy {terms.policy} of policy file version {terms.version}" if terms else "no policy"
    return f"case {case.id} is {case.status.value} in {case.queue}; promises by {by}"


def spoken(told: Told, speaking: Speaking, who: Who) -> Iterator[str]:
    """One clock: its promise, then what it is made of."""
    stands = told.stands
    clock = stands.clock
    words = promise(stands, speaking(stands.calendar))
    yield f"{clock.metric.value} {clock.instance} ({clock.state.value}): {words}"
    counts = (
        f"in the calendar {stands.calendar.name}, {stands.calendar.zone}" if stands.calendar else "around the clock"
    )
    rests = " or ".join(PAUSES[one] for one in stands.rests_on if one in PAUSES)
    yield f"  target {length(clock.target)} {counts}" + (f"; rests while {rests}" if rests and clock.open else "")
    blamed = "".join(f"; {one}" for one in _pauses(told.measured, who))
    yield f"  consumed {length(stands.consumed)}, paused {length(stands.paused)}{blamed}"


def _pauses(measured: Measured | None, who: Who) -> Iterator[str]:
    for (why, by), rested in measured.pauses.items() if measured else ():
        yield f"{length(rested)} for {why} by {who(by)}"


def entry(event: TimelineEvent, one: ClockEvent, tongue: Tongue, who: Who) -> str:
    """One line of a clock's log."""
    due = f", due {tongue.moment(one.due_at)}" if one.due_at else ""
    used = f", {length(one.consumed)} consumed" if one.consumed is not None else ""
    why = f": {tongue.word(one.why)}" if one.why else ""
    return f"{tongue.moment(one.at)}  {one.kind.value}{why}{due}{used}  ({event.fact.value} by {who(author(event))})"


def length(of: timedelta) -> str:
    return span(of) if of >= timedelta(seconds=1) else "nothing"


def window(told: Explanation, who: Who) -> Block:
    """The same in Slack, with the latest of each log."""
    clocks = sorted(told.clocks, key=lambda one: not one.stands.clock.open)[:CLOCKS]
    shown = [_clock(one, on_the_wall(one.stands.calendar, told.at), partial(_called, who)) for one in clocks]
    return view("Clocks", [plain_section(text) for text in (heading(told), *(shown or ["Nothing is promised."]))])


def _called(who: Who, name: str) -> str:
    return one_line(who(name), NAME)


def _clock(told: Told, tongue: Tongue, who: Who) -> str:
    lines = list(spoken(told, lambda calendar: tongue, who))
    place = len(lines)
    for event, one in reversed(told.log[-ENTRIES:]):
        line = f"  {entry(event, one, tongue, who)}"
        if sum(len(known) + 1 for known in lines) + len(line) <= SIZE:
            lines.insert(place, line)
    return "\n".join(lines)
