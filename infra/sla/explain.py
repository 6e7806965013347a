"""The promises of a case, or of a message that is not there yet, as data and in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock
from chalicelib.domain.clock_log import ClockEvent
from chalicelib.domain.config import Config
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.policy import Traits, preview
from chalicelib.domain.report import Measured, report
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.clockwords import PROMISES
from chalicelib.slack.times import span
from infra.sla.log import differences
from infra.sla.words import closed, local, promise, zone

JsonObject = dict[str, Any]


def explanation(case: Case, timeline: Sequence[TimelineEvent], now: datetime) -> JsonObject:
    """Every clock of a case with its log, and where the two do not agree."""
    calendars = {target.metric: target.calendar for target in case.targets}
    measured = report(timeline)
    clocks = [
        {
            **_clock(clock, calendars.get(clock.metric), now),
            "pauses": _pauses(measured.get((clock.metric, clock.instance))),
            "log": [_entry(event, one) for event in timeline for one in event.clocks if _of(one, clock)],
        }
        for clock in case.clocks
    ]
    terms = case.terms
    policy = {"id": terms.policy, "version": terms.version, "pause_on": list(terms.pause_on)} if terms else None
    state = {"case": case.id, "brand": case.brand, "status": case.status.value, "queue": case.queue, "at": iso(now)}
    return {**state, "policy": policy, "clocks": clocks, "differences": list(differences(case, timeline))}


def _of(entry: ClockEvent, clock: Clock) -> bool:
    return (entry.metric, entry.instance) == (clock.metric, clock.instance)


def _clock(clock: Clock, calendar: Calendar | None, now: datetime) -> JsonObject:
    left = clock.target - clock.consumed
    if clock.running and clock.breached_at is None:
        left = (
            (calendar.between(now, clock.due_at) if calendar else clock.due_at - now)
            if clock.due_at > now
            else left * 0
        )
    return {
        "metric": clock.metric.value,
        "instance": clock.instance,
        "state": clock.state.value,
        "words": promise(clock, calendar, now),
        "target": _seconds(clock.target),
        "calendar": {"name": calendar.name, "zone": calendar.zone} if calendar else None,
        "anchor_at": iso(clock.anchor_at),
        "due_at": iso(clock.due_at),
        "consumed": _seconds(clock.target - left if clock.open else clock.consumed),
        "paused": _seconds(
            clock.paused + (now - clock.paused_at if _resting(clock) and clock.paused_at else timedelta())
        ),
        "breached_at": iso(clock.breached_at) if clock.breached_at else None,
        "ended_at": iso(clock.ended_at) if clock.ended_at else None,
    }


def _resting(clock: Clock) -> bool:
    return clock.open and not clock.running


def _pauses(measured: Measured | None) -> list[JsonObject]:
    if measured is None:
        return []
    return [{"why": why, "by": by, "seconds": _seconds(length)} for (why, by), length in measured.pauses.items()]


def _entry(event: TimelineEvent, one: ClockEvent) -> JsonObject:
    spans = {"consumed": one.consumed, "target": one.target}
    return {
        "at": iso(one.at),
        "kind": one.kind.value,
        "fact": event.fact.value,
        "actor": event.actor,
        "due_at": iso(one.due_at) if one.due_at else None,
        "why": one.why,
        **{name: None if length is None else _seconds(length) for name, length in spans.items()},
    }


def spoken(told: Mapping[str, Any]) -> Iterator[str]:
    """The explanation for people."""
    policy = told["policy"]
    by = f"policy {policy['id']} of policy file version {policy['version']}" if policy else "no policy"
    yield f"case {told['case']} is {told['status']} in {told['queue']}; promises by {by}"
    if policy and policy["pause_on"]:
        yield f"pauses while {' or '.join(policy['pause_on']).replace('_', ' ')}"
    for clock in told["clocks"]:
        yield ""
        yield f"{clock['metric']} {clock['instance']} ({clock['state']}): {clock['words']}"
        calendar = clock["calendar"]
        counts = f"in the calendar {calendar['name']}, {calendar['zone']}" if calendar else "around the clock, UTC"
        yield f"  target {_span(clock['target'])} {counts}"
        rests = "".join(f"; {_span(one['seconds'])} for {one['why']} by {one['by']}" for one in clock["pauses"])
        yield f"  consumed {_span(clock['consumed'])}, paused {_span(clock['paused'])}{rests}"
        yield from (f"  {_line(entry)}" for entry in clock["log"])
    yield ""
    yield from (f"DIFFERS {what}" for what in told["differences"])
    if not told["differences"]:
        yield "reckoned anew from the log: the same"


def _line(entry: Mapping[str, Any]) -> str:
    due = f", due {entry['due_at']}" if entry["due_at"] else ""
    used = f", {_span(entry['consumed'])} consumed" if entry["consumed"] is not None else ""
    why = f": {entry['why']}" if entry["why"] else ""
    return f"{entry['at']}  {entry['kind']}{why}{due}{used}  ({entry['fact']} by {entry['actor']})"


def previewed(config: Config, traits: Traits, at: datetime) -> JsonObject:
    """When a message arriving then would be due."""
    policy, dues = preview(config.policies, traits, at)
    calendars = {target.metric: target.calendar for target in policy.targets} if policy else {}
    found = [
        {
            "metric": due.metric.value,
            "due_at": iso(due.due_at),
            "words": f"{PROMISES[due.metric]} by {local(due.due_at, calendars[due.metric], at)}",
            "zone": zone(calendars[due.metric]),
            "warned_at": [iso(one) for one in due.warns],
            "closed": closed(calendars[due.metric], at, due.due_at),
        }
        for due in dues
    ]
    facts = {"brand": traits.brand, "queue": traits.queue, "priority": traits.priority.value}
    return {"at": iso(at), **facts, "policy": policy.id if policy else None, "due": found}


def previewed_words(told: Mapping[str, Any]) -> Iterator[str]:
    where = f"{told['queue']}, {told['priority']}"
    if told["policy"] is None:
        yield f"nothing is promised to a message to {where}"
        return
    yield f"a message arriving {told['at']} ({where}) would be due by policy {told['policy']}:"
    for due in told["due"]:
        length = span(instant(due["due_at"]) - instant(told["at"]))
        yield f"  {due['metric']}: {due['words']} {due['zone']}, in {length}"
        if due["closed"]:
            yield f"    closed {', '.join(due['closed'])}"
        if due["warned_at"]:
            yield f"    the team is reminded at {', '.join(due['warned_at'])}"


def _seconds(length: timedelta) -> float:
    seconds = length.total_seconds()
    return int(seconds) if seconds.is_integer() else round(seconds, 3)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds)) if seconds >= 1 else "nothing"
