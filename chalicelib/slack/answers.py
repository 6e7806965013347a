"""What ``/heed`` answers: short lists and words for one person only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.slack import buttons, clockwords
from chalicelib.slack.blocks import Block, actions, button, context, section
from chalicelib.slack.cards import STATES
from chalicelib.slack.destinations import destinations
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.times import moment, span

NAME, SHOWN, PEOPLE = 80, 10, 3


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in a team. ``more`` when there is more than was counted."""

    queue: str
    waiting: int
    free: int
    late: int
    more: bool = False
    longest: timedelta | None = None


def only_you(text: str, blocks: Sequence[Block] = ()) -> Block:
    """The body of an answer to a slash command."""
    shown: Block = {"response_type": "ephemeral", "text": text}
    return shown | ({"blocks": list(blocks)} if blocks else {})


def tell(words: str) -> Block:
    return only_you(words, [section(words)])


def cases(title: str, found: Sequence[Case], queues: Mapping[str, str], now: datetime, limit: int = SHOWN) -> Block:
    """A list, the most urgent first."""
    if not found:
        return tell(f"{title}: none.")
    shown = [block for one in found[:limit] for block in entry(one, queues, now)]
    more = [context(f"and {len(found) - limit} more")] if len(found) > limit else []
    return only_you(f"{title}: {len(found)}", [section(f"*{title}*"), *shown, *more])


def entry(case: Case, queues: Mapping[str, str], now: datetime) -> list[Block]:
    """One case in a list: who, by when, and the buttons to go on with it."""
    who = " and ".join(literal(one, NAME) or "somebody" for one in case.people[:PEOPLE])
    state = f"snoozed, {STATES[case.status]}" if case.snoozed_until else STATES[case.status]
    facts = f"{case.priority.value} · {literal(queues.get(case.queue, case.queue), NAME)} · {state} · `{case.id}`"
    promise = clockwords.due(case, now) if case.live else ""
    about = buttons.value(case)
    take = [button("Take", buttons.TAKE, about)] if case.assignee is None and case.live else []
    reply = [button("Reply", buttons.REPLY, about)] if destinations(case) and case.live else []
    more = [button("More…", buttons.MORE, about)] if case.live else []
    row = [actions([*take, *reply, *more])] if take or reply or more else []
    return [section("\n".join(part for part in (f"*{who}* {promise}".strip(), facts) if part)), *row]


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
    late = f", :rotating_light: {load.late}{more} late" if load.late else ""
    longest = f", longest wait {span(load.longest)}" if load.longest else ""
    return f"*{literal(load.queue, NAME)}:* {load.waiting}{more} open, {load.free}{more} with nobody{late}{longest}"
