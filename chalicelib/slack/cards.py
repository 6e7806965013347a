"""The card of a case: everything a colleague needs to decide, and the buttons to act."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from chalicelib.domain import ids
from chalicelib.domain.card import FIRST
from chalicelib.domain.case import Case, Status
from chalicelib.domain.message import Message
from chalicelib.domain.stuck import FAILED, HELD, UNKNOWN
from chalicelib.slack import buttons, clockwords
from chalicelib.slack.blocks import (
    Block,
    Posting,
    actions,
    context,
    in_a_line,
    metadata,
    quoted,
    rich,
    rich_line,
    section,
)
from chalicelib.slack.buttons import NOTE, REPLY, RESOLVE, TAKE
from chalicelib.slack.mrkdwn import clip, literal, one_line
from chalicelib.slack.times import moment, span

__all__ = ["NOTE", "POST", "REPLY", "RESOLVE", "TAKE", "Past", "card", "fixed", "moved", "stands"]

POST = FIRST

QUOTE_SIZE, QUOTE_LINES, TEASER = 600, 8, 150
NAME, REASON, TAG, TAGS, LINKS, PEOPLE = 80, 300, 40, 12, 5, 5
TRANSLATED, ADDRESS = 400, 2900
"""How much text goes into a translation link, and how long Slack lets a link be."""

STATES = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.PENDING: "waiting for the customer",
    Status.ON_HOLD: "on hold",
    Status.SOLVED: "solved",
    Status.CLOSED: "closed",
}
STUCK = {
    FAILED: "did not get through",
    UNKNOWN: "of which nobody can tell whether it arrived",
    HELD: "to be approved",
}
KINDS = {"message": "message", "comment": "comment", "post": "post", "mention": "mention", "review": "review"}


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of the contact beside this case. ``solved_at`` is when their case before this one was solved."""

    solved_at: datetime | None = None
    tags: Sequence[str] = ()
    unreachable: bool = False


NEW_CONTACT = Past()


def card(
    case: Case,
    latest: Message | None,
    *,
    network: str,
    queue: str,
    assignee: str | None,
    now: datetime,
    past: Past = NEW_CONTACT,
    translate: str | None = None,
    post: str = POST,
) -> Posting:
    """The card as the case is now. ``network``, ``queue`` and ``assignee`` are the names people know them by.

    ``translate`` is the address of a translation service to which a text may be appended; without one no text leaves.
    ``post`` is the name under which this card is posted once.
    """
    where = _where(case, latest, network)
    wrote = case.facing(case.thread(latest.conversation_id if latest else None))
    teaser = f"{literal(wrote.contact_name, NAME) or 'Somebody'} on {literal(where, NAME)}: {in_a_line(latest, TEASER)}"
    over = [_ended(case, assignee, now), actions(buttons.ended_row(case))]
    body = _open(case, latest, queue, assignee, now) if case.live else over
    spoken = [context(words)] if (words := _language(latest, translate)) else []
    return Posting(
        text=teaser if case.live else f"{_ending(case)}: {teaser}",
        blocks=(
            _who(wrote, where),
            context(_history(case, past, now)),
            *body[:1],
            *(spoken if case.live else []),
            *body[1:],
            context(f"Case `{literal(case.id, NAME)}` as of {moment(now, now)}"),
        ),
        metadata=metadata(case.brand, case.id, post),
    )


def stands(post: str) -> bool:
    """Whether a post of this name is a card."""
    return post == POST or post.startswith(f"{POST}-")


def moved(case: Case, queue: str, channel: str) -> Posting:
    """What stays where a card stood before its case went to another team, or its team to another channel."""
    who, team = literal(case.contact_name, NAME) or "somebody", literal(queue, NAME)
    words = (
        f":arrow_right: The case of *{who}* went to *{team}* in <#{channel}>. "
        "What you write in this thread is still kept as a note."
    )
    return Posting(words, (section(words), context(f"Case `{literal(case.id, NAME)}`")))


def fixed(case: Case, post: str) -> Posting:
    """What the thread of a card says that cannot be edited any more."""
    words = (
        ":lock: This workspace does not let Heed edit this card any more, so it shows how the case was. Its buttons "
        "work, and this thread tells all that happens. An admin can allow editing in Slack's settings."
    )
    return Posting(words, (section(words),), metadata(case.brand, case.id, f"fixed-{post}"))


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


def _history(case: Case, past: Past, now: datetime) -> str:
    """``3rd case, last solved 5 days ago · vip · cannot be reached``."""
    number = ids.split_case_id(case.id)[1]
    solved = f", last solved {span(now - past.solved_at)} ago" if past.solved_at else ""
    tags = [f"`{literal(tag.replace('`', ''), TAG)}`" for tag in past.tags[:TAGS]]
    away = ["private messages do not reach them"] if past.unreachable else []
    return " · ".join([f"{_ordinal(number)} case{solved}", *tags, *away])


def _ordinal(number: int) -> str:
    if number == 1:
        return "First"
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _language(latest: Message | None, translate: str | None) -> str:
    """Which language it is in, and a link that shows it in another one, if the policy names a service for that."""
    spoken = f"Language: {literal(latest.language, TAG)}" if latest and latest.language else ""
    words = clip((latest.words if latest else None) or "", TRANSLATED)
    if not translate or not words.strip():
        return spoken
    address = translate + quote(words.encode("utf-8", "replace"), safe="")
    offer = f"<{address}|Translate>" if len(address) <= ADDRESS else ""
    return " · ".join(part for part in (spoken, offer) if part)


def _open(case: Case, latest: Message | None, queue: str, assignee: str | None, now: datetime) -> list[Block]:
    clocks = "\n".join(clockwords.lines(case, now))
    return [
        quoted(latest, QUOTE_SIZE, QUOTE_LINES),
        section(_facts(case, queue, assignee, now)),
        *([section(clocks)] if clocks else []),
        actions(buttons.row(case)),
    ]


def _facts(case: Case, queue: str, assignee: str | None, now: datetime) -> str:
    because = literal("; ".join(case.reasons), REASON)
    state = STATES[case.status] + (f", reopened {_times(case.revision)}" if case.revision else "")
    owner = literal(assignee, NAME) if assignee else "nobody yet"
    if assignee and case.claim_until:
        owner += f" (goes back to the team at {moment(case.claim_until, now)} unless they act)"
    lines = [
        f"*Priority:* {case.priority.value}{f' ({because})' if because else ''}",
        f"*Team:* {literal(queue, NAME)}   *State:* {state}   *With:* {owner}",
    ]
    if len(case.people) > 1:
        names = ", ".join(literal(one, NAME) or "somebody" for one in case.people[:PEOPLE])
        lines.append(f":busts_in_silhouette: *Several people:* {names}. *Reply* names who reads what.")
    if case.snoozed_until:
        lines.append(f":zzz: Snoozed until {moment(case.snoozed_until, now)}, or until they write")
    if case.escalation and case.escalation.running:
        state = "nobody is on it yet" if buttons.called(case) else "somebody is on it"
        lines.append(f":fire: Escalated {moment(case.escalation.started_at, now)}, {state}")
    if case.stuck:
        lines.append(_stuck(case))
    if case.tags:
        lines.append("*Tags:* " + ", ".join(literal(tag, TAG) for tag in case.tags[:TAGS]))
    if case.links:
        lines.append("*See also:* " + ", ".join(f"`{literal(one, NAME)}`" for one in case.links[-LINKS:]))
    return "\n".join(lines)


def _stuck(case: Case) -> str:
    """How many answers need a person, and why."""
    counts = Counter(case.stuck.values())
    return ":warning: *Answers:* " + " · ".join(f"{counts[what]} {STUCK[what]}" for what in STUCK if counts[what])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _ending(case: Case) -> str:
    return "Merged" if case.merged_into else "Solved"


def _ended(case: Case, assignee: str | None, now: datetime) -> Block:
    at = f" {moment(case.solved_at, now)}" if case.solved_at else ""
    owner = f", was with {literal(assignee, NAME)}" if assignee else ""
    again = "It opens again by itself when the customer writes."
    if case.merged_into:
        again = f"It goes on as case `{literal(case.merged_into, NAME)}`."
    words = f":white_check_mark: *{_ending(case)}*{at}{owner}. {again}"
    return section("\n".join([words, *([_stuck(case)] if case.stuck else []), *clockwords.lines(case, now)]))
