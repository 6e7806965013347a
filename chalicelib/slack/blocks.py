"""The few block shapes we use. Customers' words go into rich text, which Slack shows literally; mrkdwn is for ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.message import Message
from chalicelib.slack.files import named, opened
from chalicelib.slack.mrkdwn import blank, clean, clip, literal, pieces

Block = dict[str, Any]

EVENT_TYPE = "heed_case"
PIECE, LONGEST, FILES = 2500, 12_000, 40
"""Letters and links of one block, and letters of one message: Slack takes as many of its own markup, and more than most
networks do."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One message as ``chat.postMessage`` takes it. ``metadata`` lets us find it again when Slack's answer got lost."""

    text: str
    blocks: tuple[Block, ...]
    metadata: Block = field(default_factory=dict)
    broadcast: bool = False


def metadata(brand: str, case_id: str, post: str) -> Block:
    """Ids only: every app of the workspace may read it."""
    return {"event_type": EVENT_TYPE, "event_payload": {"brand": brand, "case_id": case_id, "post": post}}


def mrkdwn(text: str) -> Block:
    """Our own words. ``verbatim`` keeps Slack from making links and mentions out of them."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


def plain_section(text: str) -> Block:
    return {"type": "section", "text": plain(text)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text)]}


def button(label: str, action: str, value: str, style: str | None = None) -> Block:
    made: Block = {"type": "button", "text": plain(label), "action_id": action, "value": value}
    return made | ({"style": style} if style else {})


def actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def rich(text: str, *styles: str) -> Block:
    """A piece of rich text. It is literal: no escaping, no parsing, no pings."""
    made: Block = {"type": "text", "text": text}
    return made | ({"style": dict.fromkeys(styles, True)} if styles else {})


def link(text: str, url: str) -> Block:
    """Only for addresses of which we know who answers there."""
    return {"type": "link", "url": url, "text": text}


def rich_line(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def quote(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(parts)}]}


def texts(node: Any) -> Iterator[str]:
    """Every text in some blocks, however deep."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        node = list(node.values())
    if isinstance(node, list | tuple):
        for one in node:
            yield from texts(one)


def quoted_text(text: str, size: int, lines: int) -> str:
    """The first lines of somebody's text, raw; never empty."""
    kept = clean(text).strip().split("\n")
    shown = clip("\n".join(kept[:lines]) + ("\n…" if len(kept) > lines else ""), size)
    return "(no text)" if blank(shown) else shown


def quoted(message: Message | None, size: int, lines: int) -> Block:
    """The beginning of a message: its first words, what is attached by name, and what became of it."""
    if message is None or message.deleted_at is not None:
        return _missing(message)
    words = [rich(quoted_text(message.words or "", size, lines))] if _worded(message) else []
    files = [rich(named(message.attachments), "italic")] if message.attachments else []
    between = [rich("\n")] if words and files else []
    return quote(*words, *between, *files, *_marks(message))


def in_plain(message: Message, size: int, lines: int = 1) -> str:
    """The same raw, for plain text."""
    if message.deleted_at is not None:
        return in_a_line(message, size)
    return quoted_text(message.words or named(message.attachments), size, lines)


def whole(message: Message | None, hosts: Sequence[str] = ()) -> tuple[Block, ...]:
    """A message as its author left it, all of it. Files open from ``hosts``, those of the message's network."""
    if message is None or message.deleted_at is not None:
        return (_missing(message),)
    words = [[rich(one)] for one in whole_text(message.words or "")] if _worded(message) else []
    files = [link(text, url) if url else rich(text, "italic") for text, url in opened(message.attachments, hosts)]
    parts = [*words, *(files[at : at + FILES] for at in range(0, len(files), FILES))]
    return tuple(quote(*part, *(_marks(message) if part is parts[-1] else ())) for part in parts)


def whole_text(text: str) -> Iterator[str]:
    """Somebody's text in pieces that a block bears; never empty. What Slack would not take is counted."""
    kept = clean(text).strip()
    shown = clip("(no text)" if blank(kept) else kept, LONGEST)
    left = len(kept) - LONGEST
    return pieces(shown + (f" ({left} more characters)" if left > 0 else ""), PIECE)


def _worded(message: Message) -> bool:
    return not blank(clean(message.words or "")) or not message.attachments


def _missing(message: Message | None) -> Block:
    return quote(rich("(taken back by its author)" if message else "(this message is not stored any more)", "italic"))


def _marks(message: Message) -> list[Block]:
    """What became of it."""
    marks = [word for word, holds in (("edited", message.edit), ("hidden on the network", message.hidden)) if holds]
    return [rich(f" ({', '.join(marks)})", "italic")] if marks else []


def in_a_line(message: Message | None, size: int) -> str:
    """The same for one line of mrkdwn: notifications."""
    if message is None or message.deleted_at is not None:
        return "(taken back by its author)" if message else "(no text)"
    return literal(message.words or "", size) or literal(named(message.attachments), size) or "(no text)"
