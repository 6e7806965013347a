"""The lines in a card's thread: the history of a case, told once and in order of telling."""

from collections.abc import Callable, Mapping

from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack import clockwords
from chalicelib.slack.blocks import Posting, context, metadata, section
from chalicelib.slack.buttons import MISSING, THERE
from chalicelib.slack.lines_of_cases import OF_CASES
from chalicelib.slack.lines_of_messages import OF_MESSAGES
from chalicelib.slack.lines_of_replies import FAILURES, OF_REPLIES
from chalicelib.slack.telling import Line, Scene

__all__ = ["FAILURES", "LINES", "MISSING", "THERE", "Line", "Scene", "line", "name", "note_name"]

LINES: Mapping[Fact, Callable[[TimelineEvent, Scene], Line]] = {**OF_CASES, **OF_MESSAGES, **OF_REPLIES}
"""Facts without one are shown by the card alone."""


def line(event: TimelineEvent, scene: Scene) -> Posting | None:
    """What the thread says of this event; None for what the card alone shows."""
    tell = LINES.get(event.fact)
    if tell is None:
        return None
    told = tell(event, scene)
    clocks = [context(words)] if (words := clockwords.told(event.clocks, scene.now)) else []
    return Posting(
        text=f"{told.words} {told.teaser}".strip(),
        blocks=(section(told.words), *told.shown, *clocks),
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
