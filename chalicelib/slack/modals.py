"""The windows in which agents write: each says plainly who will read the words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain.case import Case
from chalicelib.domain.reply import Mode
from chalicelib.slack import inputs
from chalicelib.slack.blocks import Block, plain, plain_section
from chalicelib.slack.destinations import (
    Destination,
    audience,
    chosen,
    conditions,
    destinations,
    left,
    too_long,
)
from chalicelib.slack.inputs import OPTION, SELECTS, TYPED, Choice
from chalicelib.slack.interactions import ANEW
from chalicelib.slack.mrkdwn import clip, one_line
from chalicelib.slack.times import span, stamp

__all__ = ["Destination", "audience", "chosen", "destinations", "too_long"]

REPLY_VIEW, NOTE_VIEW = "reply", "note"
TEXT, WHERE, MACRO, APPROVAL = "text", "where", "macro", "approval"
ALSO, PUBLIC, PROMISED = "also", "public", "promised"

TITLE, RADIOS, NAME, NAMES, PUBLIC_SIZE = 24, 10, 80, 5, 280
NOT_SENT = "NOT SENT"
TOLD_PUBLICLY = "We have sent you a private message about this."


@dataclass(frozen=True, slots=True)
class Aids:
    """What the reply window knows beside the case.

    ``text`` is what stands in it at first, ``kept_at`` since when it is a kept draft, ``macro`` the saved reply it is.
    ``turn`` counts how often it was filled anew. ``about`` is the conversation the agent pointed at. With ``approval``
    their answers always wait for a colleague. ``refused`` says why these words could not leave a moment ago.
    """

    macros: Sequence[Choice] = ()
    writing: Sequence[str] = ()
    text: str = ""
    kept_at: datetime | None = None
    macro: str = ""
    turn: int = 0
    about: str = ""
    undo: timedelta | None = None
    approval: bool = False
    refused: str = ""


NO_AIDS = Aids()


def loading(title: str) -> Block:
    """Opened at once, because Slack's permission to open a window lasts three seconds."""
    words = "One moment… If this stays for more than a few seconds, close it and press the button again."
    return view(title, [plain_section(words)])


def says(title: str, text: str) -> Block:
    """A window that only tells something."""
    return view(title, [plain_section(clip(text, TYPED) or "-")])


def note(brand: str, case_id: str) -> Block:
    blocks = [plain_section("Only colleagues read notes. The customer never sees them."), _text_input("Your note")]
    return view("Internal note", blocks, NOTE_VIEW, "Save note", inputs.ids(brand, case_id))


def reply(case: Case, channel: Callable[[str], Channel], now: datetime, aids: Aids = NO_AIDS) -> Block:
    """The reply window: network, PUBLIC or private, recipient, remaining time and the network's own limit.

    Raises ValueError for a case that cannot be answered anywhere.
    """
    where = _ordered(destinations(case), aids.about)[:SELECTS]
    if not where:
        raise ValueError(f"case {case.id} has no conversation that takes an answer")
    first, only = channel(where[0].thread.channel), where[0] if len(where) == 1 else None
    blocks = [
        *([plain_section(clip(f"{NOT_SENT}: {aids.refused}", TYPED))] if aids.refused else []),
        plain_section(f"To {recipient(case)}"),
        _only(only, first, now) if only else _choice(where, channel, now),
        *_macros(aids),
        _answer_input(aids),
        *_room(where, channel, aids),
        *_public_words(where),
        _promised(),
        _approval(aids),
        *_hints(aids, now),
    ]
    kept = inputs.ids(case.brand, case.id, **({WHERE: only.value} if only else {}), turn=str(aids.turn))
    made = view(f"Reply on {first.title}" if only else "Reply", blocks, REPLY_VIEW, _send(only), kept)
    return made | {"notify_on_close": True}


def errors(block_id: str, text: str) -> Block:
    """Keeps the window open, with the words in it, and says what is wrong."""
    return {"response_action": "errors", "errors": {block_id: clip(text, 2000)}}


def shows(made: Block) -> Block:
    """Shows another window in the place of the one that was sent."""
    return {"response_action": "update", "view": made}


def recipient(case: Case) -> str:
    name = one_line(case.contact_name, NAME) or "somebody"
    handle = one_line((case.contact_handle or "").lstrip("@"), NAME)
    return f"{name} (@{handle})" if handle and handle != name.lstrip("@") else name


def _ordered(where: list[Destination], about: str) -> list[Destination]:
    return sorted(where, key=lambda one: one.thread.conversation_id != about) if about else where


def _send(only: Destination | None) -> str:
    if only is None:
        return "Send"
    return "Send publicly" if only.mode is Mode.PUBLIC else "Send privately"


def _only(where: Destination, channel: Channel, now: datetime) -> Block:
    return plain_section(f"{audience(where, channel)}\n{conditions(where, channel, now)}")


def _choice(where: Sequence[Destination], channel: Callable[[str], Channel], now: datetime) -> Block:
    options = [_option(one, channel(one.thread.channel), now) for one in where]
    kind = {"type": "radio_buttons"} if len(options) <= RADIOS else {"type": "static_select"}
    element = {**kind, "action_id": WHERE, "options": options, "initial_option": options[0]}
    return inputs.field(WHERE, "Where does it go?", element)


def _option(where: Destination, channel: Channel, now: datetime) -> Block:
    return {
        "text": plain(clip(audience(where, channel), OPTION)),
        "value": where.value,
        "description": plain(clip(conditions(where, channel, now), OPTION)),
    }


def _macros(aids: Aids) -> list[Block]:
    """Choosing one fills the text, so that it is seen before it is sent."""
    if not aids.macros:
        return []
    element = inputs.select(MACRO, aids.macros, initial=aids.macro, hint="Start from a saved reply")
    return [inputs.field(MACRO, "Saved reply", element, optional=True) | {"dispatch_action": True}]


def _answer_input(aids: Aids) -> Block:
    """Slack tells us of it while it is being written, so that the words are not lost with the window."""
    at = f"{TEXT}{ANEW}{aids.turn}" if aids.turn else TEXT
    element = inputs.text(TEXT, initial=aids.text) | {
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}
    }
    return inputs.field(TEXT, "Your answer", element, at=at) | {"dispatch_action": True}


def _room(where: Sequence[Destination], channel: Callable[[str], Channel], aids: Aids) -> list[Block]:
    return [_hint(left(where[0], channel, aids.text))] if aids.text else []


def _public_words(where: Sequence[Destination]) -> list[Block]:
    """A private answer to a comment leaves the comment unanswered for everybody else, unless we say so there."""
    if not any(one.public for one in where):
        return []
    tick = inputs.tick(ALSO, "Also answer PUBLICLY that we sent a private message", "For a private answer to a comment")
    words = inputs.text(PUBLIC, multiline=False, initial=TOLD_PUBLICLY, size=PUBLIC_SIZE)
    return [
        inputs.field(ALSO, "Both ways", tick, optional=True),
        inputs.field(PUBLIC, "What everyone can read then", words, optional=True),
    ]


def _promised() -> Block:
    """What is named to a customer is a promise, and gets a clock of its own."""
    hint = "If your answer says by when they hear from you again. It is kept by our next answer, or by resolving."
    return inputs.field(PROMISED, "A time that you name to them", inputs.moment(PROMISED), optional=True, hint=hint)


def _approval(aids: Aids) -> Block:
    if aids.approval:
        return _hint("A colleague approves your answer before it leaves.")
    element = inputs.tick(APPROVAL, "Ask a colleague to approve it first")
    return inputs.field(APPROVAL, "Before it goes", element, optional=True)


def _hints(aids: Aids, now: datetime) -> list[Block]:
    names = [one_line(name, NAME) for name in aids.writing[:NAMES]]
    others = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} writing an answer to this case too."
    kept = f"These are your words of {stamp(aids.kept_at, now)}; they were not sent." if aids.kept_at else ""
    undo = f"You can take it back for {span(aids.undo)} after sending." if aids.undo else ""
    return [_hint(words) for words in (others if names else "", kept, undo) if words]


def _hint(words: str) -> Block:
    return {"type": "context", "elements": [plain(words)]}


def _text_input(label: str) -> Block:
    return inputs.field(TEXT, label, inputs.text(TEXT))


def view(
    title: str, blocks: list[Block], callback: str = "", submit: str = "", ids: Mapping[str, str] | None = None
) -> Block:
    made: Block = {"type": "modal", "title": plain(clip(title, TITLE)), "blocks": blocks}
    if callback:
        made |= {"callback_id": callback, "private_metadata": json.dumps(ids or {})}
    if not submit:
        return made | {"close": plain("Close")}
    return made | {"submit": plain(submit), "close": plain("Cancel")}
