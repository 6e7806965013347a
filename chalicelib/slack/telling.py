"""One line of a card's thread: what it may speak of, and what it is made of."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.answers import BOT, author
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.blocks import Block, in_a_line, quote, quoted, quoted_text, rich
from chalicelib.slack.mrkdwn import literal

QUOTE_SIZE, QUOTE_LINES, TEASER, NAME, REASON = 2500, 60, 120, 80, 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line may speak of. ``actor``, ``contact`` and ``network`` are names as people know them.

    ``other`` is the colleague or team to whom something went, ``hosts`` are where the message's network keeps files.
    """

    actor: str
    contact: str
    network: str
    now: datetime
    message: Message | None = None
    reply: Reply | None = None
    other: str = ""
    hosts: tuple[str, ...] | None = None

    @property
    def to(self) -> str:
        return literal(self.other, NAME) or "somebody"

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


def with_message(words: str, scene: Scene) -> Line:
    return Line(words, (quoted(scene.message, QUOTE_SIZE, QUOTE_LINES, scene.hosts),), in_a_line(scene.message, TEASER))


def with_reply(words: str, scene: Scene, *below: Block) -> Line:
    text = scene.reply.text if scene.reply else ""
    return Line(words, (quote(rich(quoted_text(text, QUOTE_SIZE, QUOTE_LINES))), *below), literal(text, TEASER))


def with_note(words: str, note: object) -> Line:
    """Our words, and below them what a colleague wrote beside them, literally."""
    text = str(note or "").strip()
    return Line(
        words, (quote(rich(quoted_text(text, QUOTE_SIZE, QUOTE_LINES))),) if text else (), literal(text, TEASER)
    )


def reach(event: TimelineEvent, scene: Scene) -> str:
    mode = event.data.get("mode") or (scene.reply.mode if scene.reply else None)
    return f"PUBLICLY on {scene.place}" if mode == Mode.PUBLIC else f"privately on {scene.place}"


def bot(event: TimelineEvent) -> str:
    """The machine that did it, by the name ``care.yaml`` gives it."""
    return f"The bot {literal(author(event).removeprefix(BOT), NAME)}"


def about(event: TimelineEvent, subject: object = "") -> str:
    """What a button below a line is about."""
    return f"{event.brand}/{event.case_id}/{subject}"
