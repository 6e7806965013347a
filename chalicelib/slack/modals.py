"""What every window is made of, and the small ones: loading, a word to somebody, a note."""

import json
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.slack import inputs
from chalicelib.slack.blocks import Block, plain, plain_section
from chalicelib.slack.inputs import TYPED
from chalicelib.slack.mrkdwn import clip, one_line
from chalicelib.slack.times import stamp

REPLY_VIEW, NOTE_VIEW = "reply", "note"
TEXT, WHERE, MACRO, APPROVAL = "text", "where", "macro", "approval"
ALSO, PUBLIC, PROMISED, FILE = "also", "public", "promised", "file"
LENGTH = "length"

TITLE, NAME = 24, 80
NOT_SENT = "NOT SENT"
TOLD_PUBLICLY = "We have sent you a private message about this."
ASK_TO_WRITE = "Please send us a private message, so that we can look into this with you."


def loading(title: str) -> Block:
    """Opened at once, because Slack's permission to open a window lasts three seconds."""
    words = "One moment… If this stays for more than a few seconds, close it and press the button again."
    return view(title, [plain_section(words)])


def says(title: str, text: str) -> Block:
    """A window that only tells something."""
    return view(title, [plain_section(clip(text, TYPED) or "-")])


def note(brand: str, case_id: str, text: str = "", kept: str = "") -> Block:
    """Words for colleagues. Slack tells us of them while they are written, as of an answer."""
    element = inputs.typed(inputs.text(TEXT, initial=text))
    blocks = [
        plain_section("Only colleagues read notes. The customer never sees them."),
        inputs.field(TEXT, "Your note", element) | {"dispatch_action": True},
        *([hint(kept)] if kept else []),
    ]
    made = view("Internal note", blocks, NOTE_VIEW, "Save note", inputs.ids(brand, case_id))
    return made | {"notify_on_close": True}


def not_sent(at: datetime, now: datetime) -> str:
    """Whence the words come that stand in a window."""
    return f"These are your words of {stamp(at, now)}; they were not sent."


def errors(block_id: str, text: str) -> Block:
    """Keeps the window open, with the words in it, and says what is wrong."""
    return {"response_action": "errors", "errors": {block_id: clip(text, 2000)}}


def recipient(case: Case) -> str:
    name = one_line(case.contact_name, NAME) or "somebody"
    handle = one_line((case.contact_handle or "").lstrip("@"), NAME)
    return f"{name} (@{handle})" if handle and handle != name.lstrip("@") else name


def hint(words: str) -> Block:
    return {"type": "context", "elements": [plain(words)]}


def view(
    title: str, blocks: list[Block], callback: str = "", submit: str = "", ids: Mapping[str, str] | None = None
) -> Block:
    made: Block = {"type": "modal", "title": plain(clip(title, TITLE)), "blocks": blocks}
    if callback:
        made |= {"callback_id": callback, "private_metadata": json.dumps(ids or {})}
    if not submit:
        return made | {"close": plain("Close")}
    return made | {"submit": plain(submit), "close": plain("Cancel")}
