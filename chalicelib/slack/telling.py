"""One line of a card's thread: what it may speak of, and what it is made of."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.answers import BOT, author
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Reply, Then, enclosed
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.slack.blocks import Block, button, in_a_line, quote, rich, section, whole, whole_text
from chalicelib.slack.buttons import FILE
from chalicelib.slack.mrkdwn import literal

TEASER, NAME, REASON = 120, 80, 200


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line may speak of. ``actor``, ``contact`` and ``network`` are names as people know them.

    ``other`` is the colleague or team to whom something went, ``hosts`` are where the message's network keeps files,
    ``calls`` are mentions of those who have to act.
    """

    actor: str
    contact: str
    network: str
    now: datetime
    message: Message | None = None
    reply: Reply | None = None
    other: str = ""
    hosts: tuple[str, ...] = ()
    calls: str = ""

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
    return Line(words, whole(scene.message, scene.hosts), in_a_line(scene.message, TEASER))


def with_reply(words: str, scene: Scene, *below: Block) -> Line:
    text = scene.reply.text if scene.reply else ""
    said = (_clipped(scene.reply),) if scene.reply and scene.reply.file else _quoted(text)
    return Line(words, (*said, *_then(scene.reply), *below), literal(text, TEASER))


def what(scene: Scene) -> str:
    """What became of something, or did not: words, or a file by its name."""
    file = scene.reply.file if scene.reply else None
    return f"file {literal(file.name, NAME)}" if file else "answer"


def _clipped(reply: Reply, words: str = "") -> Block:
    """The file of an answer by its name, with a button for those who want to see it."""
    (file,) = enclosed(reply)
    see = button("See it", FILE, f"{reply.brand}/{reply.case_id}/{reply.id}")
    return section(f":paperclip: {literal(file.name, REASON)}{words}") | {"accessory": see}


def _then(reply: Reply | None) -> tuple[Block, ...]:
    """What is done when it was sent. Whoever approves the words approves that as well."""
    then = (reply.then if reply else None) or Then()
    solves = ["the case is resolved"] if then.resolved_by else []
    priority = [f"its priority is {then.priority.value}"] if then.priority else []
    tags = [f"it is tagged {literal(', '.join(then.tags), REASON)}"] if then.tags else []
    file = [_clipped(reply, " follows as a message of its own.")] if reply and then.file else []
    said = [section("Once it was sent, everyone can read:"), *_quoted(then.publicly)] if then.publicly else []
    done = ", ".join([*tags, *priority, *solves])
    return (*file, *said, *([section(f"Once it was sent, {done}.")] if done else []))


def with_note(words: str, note: object) -> Line:
    """Our words, and below them what a colleague wrote beside them, literally."""
    text = str(note or "").strip()
    return Line(words, _quoted(text) if text else (), literal(text, TEASER))


def _quoted(text: str) -> tuple[Block, ...]:
    return tuple(quote(rich(one)) for one in whole_text(text))


def reach(event: TimelineEvent, scene: Scene) -> str:
    mode = event.data.get("mode") or (scene.reply.mode if scene.reply else None)
    return f"PUBLICLY on {scene.place}" if mode == Mode.PUBLIC else f"privately on {scene.place}"


def bot(event: TimelineEvent) -> str:
    """The machine that did it, by the name ``care.yaml`` gives it."""
    return f"The bot {literal(author(event).removeprefix(BOT), NAME)}"


def about(event: TimelineEvent, subject: object = "") -> str:
    """What a button below a line is about."""
    return f"{event.brand}/{event.case_id}/{subject}"
