"""The windows in which agents write: each says plainly who will read the words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.channels.base import Capability, Channel
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.reply import Mode, Outgoing
from chalicelib.slack.blocks import Block, plain, plain_section
from chalicelib.slack.mrkdwn import clip, one_line
from chalicelib.slack.times import span, stamp

REPLY_VIEW, NOTE_VIEW = "reply", "note"
TEXT, WHERE = "text", "where"

TITLE, OPTION, RADIOS, SELECTS, TYPED, NAME = 24, 75, 10, 100, 3000, 80


@dataclass(frozen=True, slots=True)
class Destination:
    """One place where an answer of this case can go, and who reads it there."""

    thread: Thread
    mode: Mode

    @property
    def value(self) -> str:
        return f"{self.mode.value}:{self.thread.conversation_id}"

    def outgoing(self, reply_id: str, text: str) -> Outgoing:
        thread = self.thread
        return Outgoing(
            reply_id, thread.channel, thread.account, self.mode, text, thread.address, thread.last_inbound_at
        )


def destinations(case: Case) -> list[Destination]:
    """Every place where an answer can go: the conversation the customer wrote in last comes first."""
    latest = sorted(case.threads.values(), key=lambda thread: thread.last_inbound_at, reverse=True)
    return [Destination(thread, mode) for thread in latest for mode in _modes(thread)]


def _modes(thread: Thread) -> list[Mode]:
    here = [Mode.PUBLIC if thread.public else Mode.PRIVATE] if Capability.REPLY in thread.capabilities else []
    return here + ([Mode.PRIVATE_REPLY] if Capability.PRIVATE_REPLY in thread.capabilities else [])


def chosen(case: Case, value: str) -> Destination | None:
    """The destination that a window named, if the case still has it."""
    return next((one for one in destinations(case) if one.value == value), None)


def loading(title: str) -> Block:
    """Opened at once, because Slack's permission to open a window lasts three seconds."""
    words = "One moment… If this stays for more than a few seconds, close it and press the button again."
    return _view(title, [plain_section(words)])


def says(title: str, text: str) -> Block:
    """A window that only tells something."""
    return _view(title, [plain_section(clip(text, TYPED))])


def note(brand: str, case_id: str) -> Block:
    ids = {"brand": brand, "case": case_id}
    blocks = [plain_section("Only colleagues read notes. The customer never sees them."), _text_input("Your note")]
    return _view("Internal note", blocks, NOTE_VIEW, "Save note", ids)


def reply(case: Case, channel: Callable[[str], Channel], now: datetime) -> Block:
    """The reply window: network, PUBLIC or private, recipient, remaining time and the network's own limit.

    Raises ValueError for a case that cannot be answered anywhere.
    """
    where = destinations(case)[:SELECTS]
    if not where:
        raise ValueError(f"case {case.id} has no conversation that takes an answer")
    first = channel(where[0].thread.channel)
    recipient = plain_section(f"To {_recipient(case)}")
    ids = {"brand": case.brand, "case": case.id}
    if len(where) == 1:
        about = plain_section(f"{audience(where[0], first)}\n{_conditions(where[0], first, now)}")
        return _view(
            f"Reply on {first.title}",
            [recipient, about, _text_input("Your answer")],
            REPLY_VIEW,
            "Send publicly" if where[0].mode is Mode.PUBLIC else "Send privately",
            ids | {WHERE: where[0].value},
        )
    blocks = [recipient, _choice(where, channel, now), _text_input("Your answer")]
    return _view("Reply", blocks, REPLY_VIEW, "Send", ids)


def audience(where: Destination, channel: Channel) -> str:
    """Who will read the words, so plainly that nobody sends them to the wrong people."""
    if where.mode is Mode.PUBLIC:
        return f"PUBLIC on {channel.title}: everyone can read it"
    if where.mode is Mode.PRIVATE:
        return f"Private message on {channel.title}: only they read it"
    return f"Private on {channel.title}, about their comment: only they read it"


def too_long(channel: Channel, outgoing: Outgoing) -> str | None:
    """What to tell somebody whose answer the network would not take."""
    limit, length = channel.limit(outgoing), channel.length(outgoing)
    over = length - limit.size
    if over <= 0:
        return None
    return f"{channel.title} takes {limit.size} {limit.unit} and this has {length}. Shorten it by {over}."


def errors(block_id: str, text: str) -> Block:
    """Keeps the window open, with the words in it, and says what is wrong."""
    return {"response_action": "errors", "errors": {block_id: clip(text, 2000)}}


def _recipient(case: Case) -> str:
    name = one_line(case.contact_name, NAME) or "somebody"
    handle = one_line((case.contact_handle or "").lstrip("@"), NAME)
    return f"{name} (@{handle})" if handle and handle != name.lstrip("@") else name


def _choice(where: Sequence[Destination], channel: Callable[[str], Channel], now: datetime) -> Block:
    options = [_option(one, channel(one.thread.channel), now) for one in where]
    kind = {"type": "radio_buttons"} if len(options) <= RADIOS else {"type": "static_select"}
    element = {**kind, "action_id": WHERE, "options": options, "initial_option": options[0]}
    return {"type": "input", "block_id": WHERE, "label": plain("Where does it go?"), "element": element}


def _option(where: Destination, channel: Channel, now: datetime) -> Block:
    return {
        "text": plain(clip(audience(where, channel), OPTION)),
        "value": where.value,
        "description": plain(clip(_conditions(where, channel, now), OPTION)),
    }


def _conditions(where: Destination, channel: Channel, now: datetime) -> str:
    limit = channel.limit(where.outgoing("draft", ""))
    wrote = f"they wrote {stamp(where.thread.last_inbound_at, now)}"
    return f"{_remaining(where, channel, now)}up to {limit.size} {limit.unit}; {wrote}"


def _remaining(where: Destination, channel: Channel, now: datetime) -> str:
    window = channel.window(where.mode, {})
    if window is None:
        return ""
    left = where.thread.last_inbound_at + window - now
    return f"open for {span(left)}; " if left > timedelta() else "too late here, it will be refused; "


def _text_input(label: str) -> Block:
    element = {"type": "plain_text_input", "action_id": TEXT, "multiline": True, "max_length": TYPED}
    return {"type": "input", "block_id": TEXT, "label": plain(label), "element": element}


def _view(
    title: str, blocks: list[Block], callback: str = "", submit: str = "", ids: Mapping[str, str] | None = None
) -> Block:
    view: Block = {"type": "modal", "title": plain(clip(title, TITLE)), "blocks": blocks}
    if not submit:
        return view | {"close": plain("Close")}
    kept = {"callback_id": callback, "private_metadata": json.dumps(ids or {})}
    return view | kept | {"submit": plain(submit), "close": plain("Cancel")}
