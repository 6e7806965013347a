"""The lines in a card's thread: the history of a case, told once and in order of telling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.clock import Metric
from chalicelib.domain.instants import instant
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import (
    Block,
    Posting,
    actions,
    button,
    in_a_line,
    metadata,
    quote,
    quoted,
    quoted_text,
    rich,
    section,
)
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.times import moment, span

THERE, MISSING = "reply_there", "reply_missing"
QUOTE_SIZE, QUOTE_LINES, TEASER, NAME, REASON = 2500, 60, 120, 80, 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line may speak of. ``actor``, ``contact`` and ``network`` are names as people know them."""

    actor: str
    contact: str
    network: str
    now: datetime
    message: Message | None = None
    reply: Reply | None = None

    @property
    def who(self) -> str:
        return literal(self.actor, NAME) or "Somebody"

    @property
    def customer(self) -> str:
        return literal(self.contact, NAME) or "the customer"

    @property
    def place(self) -> str:
        return literal(self.network, NAME)


@dataclass(frozen=True, slots=True)
class Line:
    """``words`` are ours (mrkdwn), ``shown`` are blocks below them, ``teaser`` ends the notification."""

    words: str
    shown: tuple[Block, ...] = ()
    teaser: str = ""
    broadcast: bool = False


def line(event: TimelineEvent, scene: Scene) -> Posting | None:
    """What the thread says of this event; None for what the card alone shows."""
    tell = LINES.get(event.fact)
    if tell is None:
        return None
    told = tell(event, scene)
    return Posting(
        text=f"{told.words} {told.teaser}".strip(),
        blocks=(section(told.words), *told.shown),
        metadata=metadata(event.brand, event.case_id, name(event)),
        broadcast=told.broadcast,
    )


def name(event: TimelineEvent) -> str:
    """Under which name the line is posted once.

    A note goes by its message, as one written in the thread is there already; a delay by its reply, as one is enough.
    """
    if event.fact is Fact.NOTE_ADDED and "message_id" in event.data:
        return note_name(event.data["message_id"])
    if event.fact is Fact.REPLY_DEFERRED and "reason" in event.data:
        return f"delay-{event.data['reply_id']}"
    return f"{event.seq:08d}"


def note_name(message_id: str) -> str:
    return f"note-{message_id}"


def _with_message(words: str, scene: Scene) -> Line:
    return Line(words, (quoted(scene.message, QUOTE_SIZE, QUOTE_LINES),), in_a_line(scene.message, TEASER))


def _reopened(event: TimelineEvent, scene: Scene) -> Line:
    words = f":leftwards_arrow_with_hook: {scene.customer} wrote again, so this case is open again."
    return Line(words, broadcast=True)


def _taken(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":raised_hand: {scene.who} took this case.")


def _released(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f"{scene.who} gave this case back to the team. Press Take to continue.")


def _solved(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":white_check_mark: {scene.who} resolved this case.")


def _received(event: TimelineEvent, scene: Scene) -> Line:
    reach = "publicly" if scene.message and scene.message.public else "privately"
    return _with_message(f"*{scene.customer}* wrote {reach} on {scene.place}:", scene)


def _edited(event: TimelineEvent, scene: Scene) -> Line:
    return _with_message(f":pencil2: *{scene.customer}* changed a message. It says now:", scene)


def _deleted(event: TimelineEvent, scene: Scene) -> Line:
    sent = scene.message.at if scene.message else None
    which = f" written {moment(sent, scene.now)}" if sent else ""
    return Line(f":wastebasket: {scene.customer} took back a message{which}. Do not quote it to them.")


def _hidden(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":see_no_evil: A message of {scene.customer} is hidden on {scene.place} now.")


def _noted(event: TimelineEvent, scene: Scene) -> Line:
    return _with_message(f":memo: {scene.who} noted, for colleagues only:", scene)


def _queued(event: TimelineEvent, scene: Scene) -> Line:
    text = scene.reply.text if scene.reply else ""
    shown = quote(rich(quoted_text(text, QUOTE_SIZE, QUOTE_LINES)))
    return Line(f":outbox_tray: {scene.who} answers {_reach(event, scene)}:", (shown,), literal(text, TEASER))


def _deferred(event: TimelineEvent, scene: Scene) -> Line:
    reason = event.data.get("reason")
    if reason is None:
        return Line(f":repeat: {scene.who} looked: the answer is not there, so it is sent again now.")
    why = DELAYS.get(reason, "did not take it yet")
    return Line(f":hourglass: {scene.place} {why}. Heed sends the answer as soon as it can; there is nothing to do.")


def _sent(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":white_check_mark: The answer was sent {_reach(event, scene)}.")


def _failed(event: TimelineEvent, scene: Scene) -> Line:
    reason = str(event.data.get("reason") or "no reason given")
    why, do = FAILURES.get(reason, ("{place} refused it ({reason})", RETRY))
    because = why.format(place=scene.place, reason=literal(reason.replace("_", " "), REASON))
    return Line(f":x: *The answer did not get through:* {because}. {do}")


def _unknown(event: TimelineEvent, scene: Scene) -> Line:
    words = (
        f":grey_question: Nobody can tell whether the answer arrived: {scene.place} gave no clear sign. "
        "Look at the conversation there before anything is sent again, then press what you saw."
    )
    value = f"{event.brand}/{event.case_id}/{event.data.get('reply_id', '')}"
    seen = (button("It is there", THERE, value), button("It is not there: send again", MISSING, value))
    return Line(words, (actions(seen),))


def _elsewhere(event: TimelineEvent, scene: Scene) -> Line:
    return _with_message(f"A colleague answered on {scene.place}, outside of Heed:", scene)


def _warned(event: TimelineEvent, scene: Scene) -> Line:
    due = instant(event.data["due_at"])
    left = f", in {span(due - scene.now)}" if due > scene.now else ""
    words = f":warning: *Time runs out:* {_owed(event, scene)} by {moment(due, scene.now)}{left}. Press Take or Reply."
    return Line(words, broadcast=True)


def _breached(event: TimelineEvent, scene: Scene) -> Line:
    due = moment(instant(event.data["due_at"]), scene.now)
    return Line(f":rotating_light: *Too late:* {_owed(event, scene)} by {due}. Please do it now.", broadcast=True)


def _owed(event: TimelineEvent, scene: Scene) -> str:
    if event.data.get("metric") == Metric.RESOLUTION:
        return f"the case of {scene.customer} was promised to be resolved"
    return f"{scene.customer} was promised an answer"


def _reach(event: TimelineEvent, scene: Scene) -> str:
    mode = event.data.get("mode")
    return f"PUBLICLY on {scene.place}" if mode == Mode.PUBLIC else f"privately on {scene.place}"


DELAYS: Mapping[str, str] = {"rate_limited": "asks us to wait", "unreachable": "cannot be reached right now"}
RETRY = "Press Reply on the card to write another one."
FAILURES: Mapping[str, tuple[str, str]] = {
    "expired_token": ("Heed's access to {place} has run out", "Ask an admin to connect the account again, then reply."),
    "not_connected": ("Heed is not connected to that account on {place}", "Ask an admin to connect it, then reply."),
    "outside_window": ("{place} takes answers only for a while after a message", "Wait until they write again."),
    "blocked": ("the customer does not take messages from us on {place}", "Try another way to reach them."),
    "gone": ("what it answers is not on {place} any more", "If it still matters, write to them another way."),
    "too_long": ("it is too long for {place}", "Press Reply and write a shorter one."),
    "duplicate": ("{place} has had these very words already", "Look there first; if needed, word it differently."),
    "not_allowed": ("{place} does not allow our account to do this", "Ask an admin to check the account's rights."),
}

LINES: Mapping[Fact, Callable[[TimelineEvent, Scene], Line]] = {
    Fact.CASE_REOPENED: _reopened,
    Fact.CASE_TAKEN: _taken,
    Fact.CASE_RELEASED: _released,
    Fact.CASE_SOLVED: _solved,
    Fact.MESSAGE_RECEIVED: _received,
    Fact.MESSAGE_EDITED: _edited,
    Fact.MESSAGE_DELETED: _deleted,
    Fact.MESSAGE_HIDDEN: _hidden,
    Fact.NOTE_ADDED: _noted,
    Fact.REPLY_QUEUED: _queued,
    Fact.REPLY_DEFERRED: _deferred,
    Fact.REPLY_SENT: _sent,
    Fact.REPLY_FAILED: _failed,
    Fact.REPLY_UNKNOWN: _unknown,
    Fact.REPLY_ELSEWHERE: _elsewhere,
    Fact.CLOCK_WARNED: _warned,
    Fact.CLOCK_BREACHED: _breached,
}
