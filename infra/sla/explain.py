"""The promises of a case, or of a message that is not there yet, as data and in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.answers import author
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.clock_log import ClockEvent
from chalicelib.domain.config import Config
from chalicelib.domain.explaining import Explanation, Told
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.policy import Traits, preview
from chalicelib.domain.standing import closures
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.clockwords import PROMISES, Tongue, on_the_wall, promise, stretches
from chalicelib.slack.explaining import entry, heading, spoken
from chalicelib.slack.times import span

JsonObject = dict[str, Any]

LOG = Tongue(iso, str)
"""A log is exact, in UTC."""


def as_json(told: Explanation) -> JsonObject:
    case, terms = told.case, told.case.terms
    policy = {"id": terms.policy, "version": terms.version, "pause_on": list(terms.pause_on)} if terms else None
    state = {"case": case.id, "brand": case.brand, "status": case.status.value, "queue": case.queue}
    clocks = [_clock(one) for one in told.clocks]
    return {**state, "at": iso(told.at), "policy": policy, "clocks": clocks, "differences": list(told.differences)}


def _clock(told: Told) -> JsonObject:
    stands = told.stands
    clock, calendar = stands.clock, stands.calendar
    pauses = told.measured.pauses.items() if told.measured else ()
    return {
        "metric": clock.metric.value,
        "instance": clock.instance,
        "state": clock.state.value,
        "words": promise(stands, on_the_wall(calendar, stands.now)),
        "target": _seconds(clock.target),
        "calendar": {"name": calendar.name, "zone": calendar.zone} if calendar else None,
        "anchor_at": iso(clock.anchor_at),
        "due_at": iso(clock.due_at),
        "consumed": _seconds(stands.consumed),
        "left": _seconds(stands.left),
        "paused": _seconds(stands.paused),
        "pause_on": list(stands.rests_on),
        "breached_at": iso(clock.breached_at) if clock.breached_at else None,
        "ended_at": iso(clock.ended_at) if clock.ended_at else None,
        "pauses": [{"why": why, "by": by, "seconds": _seconds(length)} for (why, by), length in pauses],
        "log": [_entry(event, one) for event, one in told.log],
    }


def _entry(event: TimelineEvent, one: ClockEvent) -> JsonObject:
    spans = {"consumed": one.consumed, "target": one.target}
    return {
        "at": iso(one.at),
        "kind": one.kind.value,
        "fact": event.fact.value,
        "actor": author(event),
        "due_at": iso(one.due_at) if one.due_at else None,
        "why": one.why,
        **{name: None if length is None else _seconds(length) for name, length in spans.items()},
    }


def in_words(told: Explanation) -> Iterator[str]:
    """The explanation for people."""
    yield heading(told)
    for clock in told.clocks:
        yield ""
        yield from spoken(clock, lambda calendar: on_the_wall(calendar, told.at), str)
        yield from (f"  {entry(event, one, LOG, str)}" for event, one in clock.log)
    yield ""
    yield from (f"DIFFERS {what}" for what in told.differences)
    if not told.differences:
        yield "reckoned anew from the log: the same"


def previewed(config: Config, traits: Traits, at: datetime) -> JsonObject:
    """When a message arriving then would be due."""
    policy, dues = preview(config.policies, traits, at)
    calendars = {target.metric: target.calendar for target in policy.targets} if policy else {}
    found = [
        {
            "metric": due.metric.value,
            "due_at": iso(due.due_at),
            "words": f"{PROMISES[due.metric]} by {on_the_wall(calendars[due.metric], at).moment(due.due_at)}",
            "zone": _zone(calendars[due.metric]),
            "warned_at": [iso(one) for one in due.warns],
            "closed": _closed(calendars[due.metric], at, due.due_at),
        }
        for due in dues
    ]
    facts = {"brand": traits.brand, "queue": traits.queue, "priority": traits.priority.value}
    return {"at": iso(at), **facts, "policy": policy.id if policy else None, "due": found}


def _zone(calendar: Calendar | None) -> str:
    return calendar.zone if calendar else "UTC"


def _closed(calendar: Calendar | None, begin: datetime, end: datetime) -> list[str]:
    return stretches(closures(calendar, begin, end), on_the_wall(calendar, begin))


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
