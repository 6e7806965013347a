"""The promises of a case in words: by when, how long still, when nothing counts, and what became of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.target import Metric
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.times import moment, span

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
    Metric.REPLY_WINDOW: "Answered while the network took it:",
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
CLOSURES, REASON = 2, 80
"""More stretches than this are counted instead of listed."""


def lines(case: Case, now: datetime) -> list[str]:
    """What is promised for this case as it is open now; what was promised before a reopening is history."""
    calendars = {target.metric: target.calendar for target in case.targets}
    return [line for clock in _current(case) if (line := _line(clock, calendars.get(clock.metric), now))]


def results(case: Case) -> list[str]:
    """What became of the promises that ended with this revision."""
    return [line for clock in _current(case) if clock.ended_at and (line := _kept(clock, clock.ended_at))]


def _current(case: Case) -> list[Clock]:
    """Open clocks, and of each kind the one that ended last since the case was opened (again)."""
    ended = {clock.metric: clock for clock in case.clocks if clock.ended_at and _since_opened(clock, case)}
    awaited = {clock.metric for clock in case.clocks if not clock.ended_at}
    shown = [clock for metric, clock in ended.items() if metric not in awaited]
    return [clock for clock in case.clocks if not clock.ended_at or clock in shown]


def _since_opened(clock: Clock, case: Case) -> bool:
    return clock.revision == case.revision


def told(events: Iterable[ClockEvent]) -> str:
    """What an event did to the clocks, for its line in the thread; warnings and breaches have lines of their own."""
    return " · ".join(words for one in events if (words := _told(one)))


def _told(one: ClockEvent) -> str:
    if one.kind is ClockStep.FULFIL:
        late = one.due_at is not None and one.at > one.due_at
        lateness = f"{span(one.at - one.due_at)} late" if late and one.due_at else "in time"
        return f"{':red_circle:' if late else ':white_check_mark:'} {GIVEN[one.metric]} {lateness}"
    if one.kind is ClockStep.PAUSE:
        why = PAUSES.get(one.why, literal(one.why.replace("_", " "), REASON))
        return f":double_vertical_bar: {PROMISES[one.metric].capitalize()}: paused{f', {why}' if why else ''}"
    if one.kind is ClockStep.RESUME:
        return f":arrow_forward: {PROMISES[one.metric].capitalize()}: the clock runs again"
    return ""


def due(case: Case, now: datetime) -> str:
    """The earliest promise in a few words, for lists."""
    running = [clock for clock in case.clocks if clock.running]
    if not running:
        return "nothing is promised"
    first = min(running, key=lambda clock: clock.due_at)
    if first.due_at <= now:
        return f":rotating_light: {PROMISES[first.metric]} now, {span(now - first.due_at)} late"
    return f"{PROMISES[first.metric]} by {moment(first.due_at, now)}, in {span(first.due_at - now)}"


def _line(clock: Clock, calendar: Calendar | None, now: datetime) -> str | None:
    """One promise in words, with the time it runs out."""
    at = moment(clock.due_at, now)
    promise = PROMISES[clock.metric].capitalize()
    if clock.ended_at is not None:
        return _kept(clock, clock.ended_at)
    if clock.state is ClockState.PAUSED:
        why = PAUSES.get(clock.pause_reason, literal(clock.pause_reason.replace("_", " "), REASON) or "nothing counts")
        left = clock.target - clock.consumed
        rest = f"{span(left)} left" if left > timedelta() else "no time left"
        return f":double_vertical_bar: {promise}: paused while {why}; {rest}"
    if clock.due_at <= now:
        return f":rotating_light: *{promise} now:* it was due by {at}, {span(now - clock.due_at)} ago"
    sign = ":warning:" if clock.warned_at else ":hourglass_flowing_sand:"
    return f"{sign} {promise} by {at}, in {span(clock.due_at - now)}{_closed(calendar, now, clock.due_at)}"


def _closed(calendar: Calendar | None, now: datetime, until: datetime) -> str:
    """The time before the promise runs out in which nobody is expected to work."""
    closures = list(calendar.closures(now, until)) if calendar else []
    if not closures:
        return ""
    if len(closures) > CLOSURES:
        total = sum((end - begin for begin, end in closures), timedelta())
        return f"; closed for {span(total)} of it"
    told = [f"{moment(begin, now)} - {moment(end, now)}" for begin, end in closures]
    return f"; closed {' and '.join(told)}"


def _kept(clock: Clock, ended_at: datetime) -> str | None:
    if clock.state is ClockState.CANCELLED:
        return None
    if clock.state is ClockState.BREACHED:
        return f":red_circle: {GIVEN[clock.metric]} {span(ended_at - clock.due_at)} late"
    return f":white_check_mark: {GIVEN[clock.metric]} in time"
