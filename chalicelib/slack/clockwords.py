"""The promises of a case in words: by when, how long still, when nothing counts, and what became of them.

The same words stand on cards, in windows and on the command line; only how a moment is written differs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.standing import Closed, Standing, standing
from chalicelib.domain.target import Metric
from chalicelib.slack.mrkdwn import literal, one_line
from chalicelib.slack.times import moment, span


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a moment and a word that is not ours are written, where this is read.

    How long still is said only where it is read at once (``live``): a card may be read an hour after it was written. Of
    more closed stretches than ``most`` the rest are counted instead of listed.
    """

    moment: Callable[[datetime], str]
    word: Callable[[str], str]
    live: bool = False
    most: int = 6


def slack(now: datetime, *, live: bool = False, most: int = 6) -> Tongue:
    """In each reader's own time."""
    return Tongue(lambda at: moment(at, now), lambda text: literal(text, REASON), live, most)


PROMISES = {
    Metric.ASSIGN: "take it",
    Metric.FIRST_RESPONSE: "answer",
    Metric.NEXT_RESPONSE: "answer again",
    Metric.UPDATE: "give news",
    Metric.REQUESTER_WAIT: "end their wait",
    Metric.AGENT_WORK: "finish our work",
    Metric.RESOLUTION: "resolve",
    Metric.TOTAL_RESOLUTION: "resolve for good",
    Metric.REPLY_WINDOW: "answer while the network takes it",
    Metric.PROMISE: "do what we told them",
    Metric.LOOP_CLOSE: "tell the public how it ended",
    Metric.APPROVAL: "approve the answer",
}
GIVEN = {
    Metric.ASSIGN: "Taken",
    Metric.FIRST_RESPONSE: "Answered",
    Metric.NEXT_RESPONSE: "Answered again",
    Metric.UPDATE: "News given",
    Metric.REQUESTER_WAIT: "Their wait ended",
    Metric.AGENT_WORK: "Our work done",
    Metric.RESOLUTION: "Resolved",
    Metric.TOTAL_RESOLUTION: "Resolved for good",
    Metric.REPLY_WINDOW: "Answered while the network took it",
    Metric.PROMISE: "Done as told",
    Metric.LOOP_CLOSE: "The public told",
    Metric.APPROVAL: "Approved",
}
OWED = {
    Metric.ASSIGN: "somebody was to take the case of {who}",
    Metric.FIRST_RESPONSE: "{who} was promised an answer",
    Metric.NEXT_RESPONSE: "{who} was promised another answer",
    Metric.UPDATE: "{who} was promised news",
    Metric.REQUESTER_WAIT: "the wait of {who} was to end",
    Metric.AGENT_WORK: "our work for {who} was to be done",
    Metric.RESOLUTION: "the case of {who} was promised to be resolved",
    Metric.TOTAL_RESOLUTION: "the case of {who} was promised to be resolved for good",
    Metric.REPLY_WINDOW: "an answer to {who} has to leave, or the network refuses it,",
    Metric.PROMISE: "{who} was told that something happens",
    Metric.LOOP_CLOSE: "the public was to hear how it ended for {who}",
    Metric.APPROVAL: "an answer to {who} was to be approved",
}
"""What is owed, before "by" and a time."""
PAUSES = {
    "pending": "we wait for the customer",
    "on_hold": "we wait for others",
    "snoozed": "it is snoozed",
    "approval": "an answer waits for approval",
}


def on_the_wall(calendar: Calendar | None, now: datetime) -> Tongue:
    """``14:20`` today, ``Mon 2026-06-08 09:15`` on other days: by the clock of the calendar, which names its zone."""

    def here(at: datetime) -> datetime:
        return calendar.local(at) if calendar else at.astimezone(UTC)

    def say(at: datetime) -> str:
        return f"{here(at):%H:%M}" if here(at).date() == here(now).date() else f"{here(at):%a %Y-%m-%d %H:%M}"

    return Tongue(say, lambda text: one_line(text, REASON), live=True)


CLOSURES, REASON = 2, 80
"""How many closed stretches a card lists, and how long a word that is not ours may be."""


def promise(stands: Standing, tongue: Tongue) -> str:
    """``answer by 14:20, in 12 minutes; closed 12:00-13:00 (Feast)``, or what became of it."""
    clock = stands.clock
    words = PROMISES[clock.metric]
    if clock.ended_at is not None:
        return ended(clock, clock.ended_at)
    if clock.state is ClockState.PAUSED:
        since = f" since {tongue.moment(clock.paused_at)}" if clock.paused_at else ""
        rest = f"{span(stands.left)} left" if stands.left > timedelta() else "no time left"
        return f"{words}: paused{since}, because {_because(clock.pause_reason, tongue)}; {rest}"
    by = tongue.moment(clock.due_at)
    if stands.overdue:
        ago = f", {span(stands.now - clock.due_at)} ago" if tongue.live else ""
        return f"{words} now: it was due by {by}{ago}"
    left = f", in {span(clock.due_at - stands.now)}" if tongue.live else ""
    shut = ", ".join(stretches(stands.closed, tongue))
    return f"{words} by {by}{left}{f'; closed {shut}' if shut else ''}"


def _because(reason: str, tongue: Tongue) -> str:
    """Why time stands still."""
    return PAUSES.get(reason) or tongue.word(reason.replace("_", " ")) or "nothing counts"


def ended(clock: Clock, at: datetime) -> str:
    if clock.state is ClockState.CANCELLED:
        return "ended: nothing is owed any more"
    late = f"{span(at - clock.due_at)} late" if clock.state is ClockState.BREACHED else "in time"
    return f"{GIVEN[clock.metric].lower()} {late}"


def stretches(closed: Iterable[Closed], tongue: Tongue) -> list[str]:
    """The times in which nobody is expected to work, each with the holidays in it."""
    every = list(closed)
    told = [f"{tongue.moment(one.begin)}-{tongue.moment(one.end)}{_named(one, tongue)}" for one in every[: tongue.most]]
    more = every[tongue.most :]
    if not more:
        return told
    names = dict.fromkeys(name for one in more for name in one.names)
    length = sum((one.end - one.begin for one in more), timedelta())
    return [*told, f"{span(length)} more{_named(Closed(more[0].begin, more[-1].end, tuple(names)), tongue)}"]


def _named(closed: Closed, tongue: Tongue) -> str:
    return f" ({', '.join(tongue.word(name) for name in closed.names)})" if closed.names else ""


def lines(case: Case, now: datetime) -> list[str]:
    """What is promised for this case as it is open now, or was when it was solved; what was before is history."""
    return [words for clock in case.current_clocks if (words := _line(standing(case, clock, now)))]


def _line(stands: Standing) -> str | None:
    """One promise on a card."""
    if stands.clock.state is ClockState.CANCELLED:
        return None
    words = promise(stands, slack(stands.now, most=CLOSURES))
    words = words[:1].upper() + words[1:]
    if stands.overdue:
        now, _, rest = words.partition(":")
        words = f"*{now}:*{rest}"
    return f"{_sign(stands)} {words}"


def _sign(stands: Standing) -> str:
    clock = stands.clock
    if clock.ended_at is not None:
        return ":red_circle:" if clock.state is ClockState.BREACHED else ":white_check_mark:"
    if clock.state is ClockState.PAUSED:
        return ":double_vertical_bar:"
    if stands.overdue:
        return ":rotating_light:"
    return ":warning:" if clock.warned_at else ":hourglass_flowing_sand:"


def told(events: Iterable[ClockEvent], now: datetime) -> str:
    """What an event did to the clocks, for its line in the thread; warnings and breaches have lines of their own."""
    return " · ".join(words for one in events if (words := _told(one, now)))


def _told(one: ClockEvent, now: datetime) -> str:
    promise = PROMISES[one.metric].capitalize()
    if one.kind is ClockStep.FULFIL:
        lateness = f"{span(one.at - one.due_at)} late" if one.due_at else "in time"
        return f"{':red_circle:' if one.due_at else ':white_check_mark:'} {GIVEN[one.metric]} {lateness}"
    if one.kind is ClockStep.PAUSE:
        return f":double_vertical_bar: {promise}: paused, {_because(one.why, slack(now))}"
    if one.kind is ClockStep.RESUME:
        return f":arrow_forward: {promise}: the clock runs again"
    return _changed(one, promise, now)


def _changed(one: ClockEvent, promise: str, now: datetime) -> str:
    """Other promises hold: a due time that moved, or one that is none any more."""
    why = literal(one.why, REASON)
    if one.kind is ClockStep.RECOMPUTE and one.due_at is not None:
        return f":arrows_counterclockwise: {promise}: due {moment(one.due_at, now)} now ({why})"
    if one.kind is ClockStep.CANCEL and one.why.startswith("policy"):
        return f":heavy_minus_sign: {promise}: not promised any more ({why})"
    return ""


def due(case: Case, now: datetime) -> str:
    """The earliest promise in a few words, for lists."""
    first = _earliest(case)
    if first is None:
        return "nothing is promised"
    if first.due_at <= now:
        return f":rotating_light: {PROMISES[first.metric]} now, {span(now - first.due_at)} late"
    return f"{PROMISES[first.metric]} by {moment(first.due_at, now)}, in {span(first.due_at - now)}"


def beside(case: Case, now: datetime) -> list[str]:
    """All promises but the earliest."""
    first = _earliest(case)
    others = (clock for clock in case.current_clocks if clock is not first)
    return [words for clock in others if (words := _line(standing(case, clock, now)))]


def _earliest(case: Case) -> Clock | None:
    return min((clock for clock in case.clocks if clock.running), key=lambda clock: clock.due_at, default=None)
