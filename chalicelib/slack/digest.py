"""Many lines of a thread in one, for when Slack let us wait so long that telling each would bury the desk."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.message import Message
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import Block, Posting, metadata, quote, rich, section
from chalicelib.slack.mrkdwn import clip, one_line
from chalicelib.slack.times import moment, stamp

SIZE = 20
"""So many events stand in one digest."""
WORDS, ALL_WORDS = 110, 2600
ALONE = frozenset({Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN, Fact.REPLY_HELD, Fact.ACT_FAILED, Fact.CASE_ESCALATED})
"""Somebody has to act on these, so each is told by itself; so is all that calls the channel or has buttons."""
TOLD: Mapping[Fact, str] = {
    Fact.MESSAGE_RECEIVED: "messages of the customer",
    Fact.MESSAGE_EDITED: "messages changed",
    Fact.MESSAGE_DELETED: "messages taken back",
    Fact.NOTE_ADDED: "notes",
    Fact.REPLY_QUEUED: "answers written",
    Fact.REPLY_SENT: "answers sent",
    Fact.REPLY_ELSEWHERE: "answers given outside of Heed",
}


def span(seq: int) -> tuple[int, int]:
    """The first and the last event of the digest that would tell this one."""
    first = (seq - 1) // SIZE * SIZE + 1
    return first, first + SIZE - 1


def name(seq: int) -> str:
    """Under which name that digest is posted once."""
    first, last = span(seq)
    return f"digest-{first:08d}-{last:08d}"


def fits(event: TimelineEvent, line: Posting) -> bool:
    """Whether this line may be told together with others."""
    buttons = any(block["type"] == "actions" for block in line.blocks)
    return not (line.broadcast or buttons or event.fact in ALONE)


def digest(events: Sequence[TimelineEvent], messages: Mapping[str, Message], now: datetime) -> Posting:
    """What happened, counted, and what was written, in short. Raises IndexError for no events."""
    first, last = events[0], events[-1]
    words = (
        f":scroll: *{len(events)} things at once*, because Slack was busy or away: "
        f"{_counted(events)}, from {moment(first.at, now)} to {moment(last.at, now)}. "
        "The card shows the case as it is now."
    )
    named = (messages.get(event.data.get("message_id", "")) for event in events)
    written = [message for message in named if message is not None]
    return Posting(
        text=words,
        blocks=(section(words), *([_quoted(written, now)] if written else [])),
        metadata=metadata(first.brand, first.case_id, name(first.seq)),
    )


def _counted(events: Sequence[TimelineEvent]) -> str:
    counts = Counter(TOLD.get(event.fact, "other things") for event in events)
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _quoted(messages: Sequence[Message], now: datetime) -> Block:
    """Each message in a line of its own, as far as there is room; words that were taken back stay away."""
    lines = [f"{stamp(one.at, now) if one.at else ''}  {_words(one)}".strip() for one in messages]
    return quote(rich(clip("\n".join(lines), ALL_WORDS)))


def _words(message: Message) -> str:
    if message.deleted_at is not None:
        return "(taken back by its author)"
    files = f" [{len(message.attachments)} attached]" if message.attachments else ""
    return (one_line(message.words or "", WORDS) + files).strip() or "(no text)"
