"""The card of a case: everything a colleague needs to decide, and the buttons to act."""

from datetime import datetime

from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock, ClockState, Metric
from chalicelib.domain.message import Message
from chalicelib.slack.blocks import (
    Block,
    Posting,
    actions,
    button,
    context,
    in_a_line,
    metadata,
    quoted,
    rich,
    rich_line,
    section,
)
from chalicelib.slack.modals import destinations
from chalicelib.slack.mrkdwn import literal, one_line
from chalicelib.slack.times import moment, span

TAKE, REPLY, NOTE, RESOLVE = "case_take", "case_reply", "case_note", "case_resolve"
POST = "card"

QUOTE_SIZE, QUOTE_LINES, TEASER = 600, 8, 150
NAME, REASON = 80, 300

STATES = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.PENDING: "waiting for the customer",
    Status.ON_HOLD: "on hold",
    Status.SOLVED: "solved",
    Status.CLOSED: "closed",
}
PROMISES = {Metric.FIRST_RESPONSE: "answer", Metric.RESOLUTION: "resolve"}
GIVEN = {Metric.FIRST_RESPONSE: "Answered", Metric.RESOLUTION: "Resolved"}
KINDS = {"message": "message", "comment": "comment", "post": "post", "mention": "mention", "review": "review"}


def card(
    case: Case, latest: Message | None, *, network: str, queue: str, assignee: str | None, now: datetime
) -> Posting:
    """The card as the case is now. ``network``, ``queue`` and ``assignee`` are the names people know them by."""
    where = _where(case, latest, network)
    teaser = f"{literal(case.contact_name, NAME)} on {literal(where, NAME)}: {in_a_line(latest, TEASER)}"
    body = _open(case, latest, queue, assignee, now) if case.live else [_ended(case, assignee, now)]
    return Posting(
        text=teaser if case.live else f"Solved: {teaser}",
        blocks=(_who(case, where), *body, context(f"Case `{literal(case.id, NAME)}` as of {moment(now, now)}")),
        metadata=metadata(case.brand, case.id, POST),
    )


def _where(case: Case, latest: Message | None, network: str) -> str:
    """Network, reach and kind: of the message that is shown, else of the conversation they wrote in last."""
    shown = latest or case.thread()
    reach = "public" if shown and shown.public else "private"
    kind = KINDS.get(latest.kind, "message") if latest else "message"
    return f"{one_line(network, NAME)}, {reach} {kind}"


def _who(case: Case, where: str) -> Block:
    pieces = [rich(one_line(case.contact_name, NAME) or "somebody", "bold")]
    handle = one_line((case.contact_handle or "").lstrip("@"), NAME)
    if handle and handle != one_line(case.contact_name, NAME).lstrip("@"):
        pieces.append(rich(f" @{handle}"))
    return rich_line(*pieces, rich(f" · {where}"))


def _open(case: Case, latest: Message | None, queue: str, assignee: str | None, now: datetime) -> list[Block]:
    clocks = "\n".join(line for clock in _current(case) if (line := _clock(clock, now)))
    return [
        quoted(latest, QUOTE_SIZE, QUOTE_LINES),
        section(_facts(case, queue, assignee)),
        *([section(clocks)] if clocks else []),
        actions(_buttons(case)),
    ]


def _facts(case: Case, queue: str, assignee: str | None) -> str:
    because = literal("; ".join(case.reasons), REASON)
    state = STATES[case.status] + (f", reopened {_times(case.revision)}" if case.revision else "")
    owner = literal(assignee, NAME) if assignee else "nobody yet"
    return (
        f"*Priority:* {case.priority.value}{f' ({because})' if because else ''}\n"
        f"*Team:* {literal(queue, NAME)}   *State:* {state}   *With:* {owner}"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _current(case: Case) -> list[Clock]:
    """The clocks of this revision: what was promised before a reopening is history."""
    return [clock for clock in case.clocks if clock.instance == case.revision]


def _clock(clock: Clock, now: datetime) -> str | None:
    """One promise in words, with the time it runs out."""
    at = moment(clock.due_at, now)
    promise = PROMISES[clock.metric].capitalize()
    if clock.ended_at is not None:
        return _kept(clock, clock.ended_at)
    if clock.due_at <= now:
        return f":rotating_light: *{promise} now:* it was due by {at}, {span(now - clock.due_at)} ago"
    sign = ":warning:" if clock.warned_at else ":hourglass_flowing_sand:"
    return f"{sign} {promise} by {at}, in {span(clock.due_at - now)}"


def _kept(clock: Clock, ended_at: datetime) -> str | None:
    if clock.state is ClockState.CANCELLED:
        return None
    if clock.state is ClockState.BREACHED:
        return f":red_circle: {GIVEN[clock.metric]} {span(ended_at - clock.due_at)} late"
    return f":white_check_mark: {GIVEN[clock.metric]} in time"


def _buttons(case: Case) -> list[Block]:
    value = f"{case.brand}/{case.id}"
    take = [button("Take", TAKE, value, "primary")] if case.assignee is None else []
    reply = [button("Reply", REPLY, value, None if take else "primary")] if destinations(case) else []
    return [*take, *reply, button("Note", NOTE, value), button("Resolve", RESOLVE, value)]


def _ended(case: Case, assignee: str | None, now: datetime) -> Block:
    at = f" {moment(case.solved_at, now)}" if case.solved_at else ""
    owner = f", was with {literal(assignee, NAME)}" if assignee else ""
    results = "\n".join(
        line for clock in _current(case) if clock.ended_at and (line := _kept(clock, clock.ended_at)) is not None
    )
    again = "It opens again by itself when the customer writes."
    return section(f":white_check_mark: *Solved*{at}{owner}. {again}" + (f"\n{results}" if results else ""))
