"""The few block shapes we use. Customers' words go into rich text, which Slack shows literally; mrkdwn is for ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.message import Message
from chalicelib.slack.mrkdwn import clean, clip, literal, one_line

Block = dict[str, Any]

EVENT_TYPE = "heed_case"
ATTACHMENTS_NAMED = 3


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


def rich_line(*pieces: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


def quote(*pieces: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(pieces)}]}


def quoted_text(text: str, size: int, lines: int) -> str:
    """The first lines of somebody's text, raw; never empty."""
    kept = clean(text).strip().split("\n")
    return clip("\n".join(kept[:lines]) + ("\n…" if len(kept) > lines else ""), size) or "(no text)"


def quoted(message: Message | None, size: int, lines: int) -> Block:
    """A message as its author left it: the words, what is attached, and what became of it."""
    if message is None:
        return quote(rich("(this message is not stored any more)", "italic"))
    if message.deleted_at is not None:
        return quote(rich("(taken back by its author)", "italic"))
    pieces: list[Block] = []
    if (message.words or "").strip() or not message.attachments:
        pieces.append(rich(quoted_text(message.words or "", size, lines)))
    if message.attachments:
        pieces.append(rich(("\n" if pieces else "") + _attached(message), "italic"))
    marks = [word for word, holds in (("edited", message.edit), ("hidden on the network", message.hidden)) if holds]
    if marks:
        pieces.append(rich(f" ({', '.join(marks)})", "italic"))
    return quote(*pieces)


def in_a_line(message: Message | None, size: int) -> str:
    """The same for one line of mrkdwn: notifications."""
    if message is None or message.deleted_at is not None:
        return "(taken back by its author)" if message else "(no text)"
    return literal(message.words or "", size) or literal(_attached(message), size) or "(no text)"


def _attached(message: Message) -> str:
    """``[image] [document: bill.pdf] and 3 more``."""
    shown = [
        f"[{one_line(one.kind, 20) or 'file'}{': ' + one_line(one.name, 40) if one.name else ''}]"
        for one in message.attachments[:ATTACHMENTS_NAMED]
    ]
    more = len(message.attachments) - len(shown)
    return " ".join(shown) + (f" and {more} more" if more else "")
