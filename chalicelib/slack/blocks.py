"""The few block shapes we use. Customers' words go into rich text, which Slack shows literally; mrkdwn is for ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.message import Message
from chalicelib.slack.files import named, opened
from chalicelib.slack.mrkdwn import blank, clean, clip, literal

Block = dict[str, Any]

EVENT_TYPE = "heed_case"


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


def rich_line(*pieces: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


def quote(*pieces: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(pieces)}]}


def quoted_text(text: str, size: int, lines: int) -> str:
    """The first lines of somebody's text, raw; never empty."""
    kept = clean(text).strip().split("\n")
    shown = clip("\n".join(kept[:lines]) + ("\n…" if len(kept) > lines else ""), size)
    return "(no text)" if blank(shown) else shown


def quoted(message: Message | None, size: int, lines: int, hosts: Sequence[str] | None = None) -> Block:
    """A message as its author left it: the words, what is attached, and what became of it.

    Files open from ``hosts``, those of the message's network; without them they are only named.
    """
    if message is None:
        return quote(rich("(this message is not stored any more)", "italic"))
    if message.deleted_at is not None:
        return quote(rich("(taken back by its author)", "italic"))
    pieces: list[Block] = []
    if not blank(clean(message.words or "")) or not message.attachments:
        pieces.append(rich(quoted_text(message.words or "", size, lines)))
    if message.attachments:
        pieces += [rich("\n")] if pieces else []
        pieces += _attached(message, hosts)
    marks = [word for word, holds in (("edited", message.edit), ("hidden on the network", message.hidden)) if holds]
    if marks:
        pieces.append(rich(f" ({', '.join(marks)})", "italic"))
    return quote(*pieces)


def in_a_line(message: Message | None, size: int) -> str:
    """The same for one line of mrkdwn: notifications."""
    if message is None or message.deleted_at is not None:
        return "(taken back by its author)" if message else "(no text)"
    return literal(message.words or "", size) or literal(named(message.attachments), size) or "(no text)"


def _attached(message: Message, hosts: Sequence[str] | None) -> list[Block]:
    if hosts is None:
        return [rich(named(message.attachments), "italic")]
    return [link(text, url) if url else rich(text, "italic") for text, url in opened(message.attachments, hosts)]
