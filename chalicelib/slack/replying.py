"""The reply window says it all: network, PUBLIC or private, recipient, remaining time, and the network's own limit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain.case import Case
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode
from chalicelib.slack import inputs
from chalicelib.slack.blocks import Block, button, in_plain, plain, plain_section
from chalicelib.slack.destinations import Destination, audience, conditions, destinations, left, limits, place
from chalicelib.slack.inputs import ANEW, OPTION, SELECTS, TYPED, Choice
from chalicelib.slack.modals import (
    ALSO,
    APPROVAL,
    FILE,
    LENGTH,
    MACRO,
    NAME,
    NOT_SENT,
    PROMISED,
    PUBLIC,
    REPLY_VIEW,
    TEXT,
    TOLD_PUBLICLY,
    WHERE,
    hint,
    recipient,
    view,
)
from chalicelib.slack.mrkdwn import clip, one_line
from chalicelib.slack.times import span

RADIOS, NAMES, PUBLIC_SIZE = 10, 5, 280
QUOTED = 500, 6
"""So many characters and lines of the customer's words."""

Options = Mapping[str, Mapping[str, str]]
"""What the policy says of accounts, by their keys: some are given longer than others."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the window at first: for whom it was chosen (``where``), and for everyone beside it (``public``).

    ``kept`` says whence they come, ``refused`` why they could not leave a moment ago.
    """

    text: str = ""
    where: str = ""
    public: str = ""
    kept: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Aids:
    """What the reply window knows beside the case.

    ``latest`` is what the customer wrote last, ``macro`` the saved reply that was chosen, ``turn`` counts how often the
    text was filled anew. ``about`` is the conversation the agent pointed at. With ``approval`` their answers always
    wait for a colleague.
    """

    words: Words = Words()
    macros: Sequence[Choice] = ()
    writing: Sequence[str] = ()
    macro: str = ""
    turn: int = 0
    about: str = ""
    undo: timedelta | None = None
    approval: bool = False
    options: Options = field(default_factory=dict)
    latest: Message | None = None


NO_AIDS = Aids()


def reply(case: Case, channel: Callable[[str], Channel], now: datetime, aids: Aids = NO_AIDS) -> Block:
    """Raises ValueError for a case that cannot be answered anywhere."""
    where = _ordered(destinations(case), aids.about)[:SELECTS]
    if not where:
        raise ValueError(f"case {case.id} has no conversation that takes an answer")
    only = where[0] if len(where) == 1 else None
    blocks = [
        *([plain_section(clip(f"{NOT_SENT}: {aids.words.refused}", TYPED))] if aids.words.refused else []),
        plain_section(_to(case, only)),
        *([plain_section(f"They wrote: {in_plain(aids.latest, *QUOTED)}")] if aids.latest else []),
        _only(only, channel, now, aids) if only else _choice(where, channel, now, aids),
        *_macros(aids),
        _answer_input(where, channel, aids),
        _room(where, channel, aids),
        *_file(where, channel),
        *_public_words(where, aids),
        _promised(),
        _approval(aids),
        *_hints(aids),
    ]
    kept = inputs.ids(case.brand, case.id, **({WHERE: only.value} if only else {}), turn=str(aids.turn))
    kept = {**kept, **({MACRO: aids.macro} if aids.macro else {})}
    title = f"Reply on {channel(only.thread.channel).title}" if only else "Reply"
    return view(title, blocks, REPLY_VIEW, _send(only), kept) | {"notify_on_close": True}


def _to(case: Case, only: Destination | None) -> str:
    """Whom the words reach. Of several people each place names its own."""
    if only is not None:
        return f"To {recipient(case.facing(only.thread))}"
    if len(case.people) == 1:
        return f"To {recipient(case)}"
    names = ", ".join(one_line(one, NAME) for one in case.people[:NAMES])
    return f"Several people are in this case: {names}. Choose the place first; a saved reply names who reads it there."


def _ordered(where: list[Destination], about: str) -> list[Destination]:
    return sorted(where, key=lambda one: one.thread.conversation_id != about) if about else where


def _send(only: Destination | None) -> str:
    if only is None:
        return "Send"
    return "Send publicly" if only.mode is Mode.PUBLIC else "Send privately"


def _only(where: Destination, channel: Callable[[str], Channel], now: datetime, aids: Aids) -> Block:
    network = channel(where.thread.channel)
    return plain_section(f"{audience(where, network)}\n{conditions(where, network, now, _options(where, aids))}")


def _options(where: Destination, aids: Aids) -> Mapping[str, str]:
    return aids.options.get(where.thread.account, {})


def _choice(where: Sequence[Destination], channel: Callable[[str], Channel], now: datetime, aids: Aids) -> Block:
    """Words that were meant for a place go nowhere else: one that is gone is asked for anew."""
    options = [_option(one, channel(one.thread.channel), now, aids) for one in where]
    kind = {"type": "radio_buttons"} if len(options) <= RADIOS else {"type": "static_select"}
    meant = [one for one in options if one["value"] == aids.words.where] if aids.words.where else options
    element = {**kind, "action_id": WHERE, "options": options} | ({"initial_option": meant[0]} if meant else {})
    return inputs.field(WHERE, "Where does it go?", element)


def _option(where: Destination, channel: Channel, now: datetime, aids: Aids) -> Block:
    return {
        "text": plain(clip(audience(where, channel), OPTION)),
        "value": where.value,
        "description": plain(conditions(where, channel, now, _options(where, aids), OPTION)),
    }


def _macros(aids: Aids) -> list[Block]:
    """Choosing one fills the text, so that it is seen before it is sent."""
    if not aids.macros:
        return []
    element = inputs.select(MACRO, aids.macros, initial=aids.macro, hint="Start from a saved reply")
    return [inputs.field(MACRO, "Saved reply", element, optional=True) | {"dispatch_action": True}]


def _answer_input(where: Sequence[Destination], channel: Callable[[str], Channel], aids: Aids) -> Block:
    """Slack tells us of it while it is being written, so that the words are not lost with the window."""
    at = f"{TEXT}{ANEW}{aids.turn}" if aids.turn else TEXT
    element = inputs.typed(inputs.text(TEXT, initial=aids.words.text))
    room = limits(where, channel, TYPED)
    made = inputs.field(TEXT, "Your answer", element, at=at, hint=room, optional=bool(_takers(where, channel)))
    return made | {"dispatch_action": True}


def _room(where: Sequence[Destination], channel: Callable[[str], Channel], aids: Aids) -> Block:
    """What the words leave of the place they are for. Counted when it is asked for: a window that changes by itself
    takes the letters from under somebody's fingers.
    """
    meant = [one for one in where if one.value == aids.words.where] or where
    told = left(meant[0], channel, aids.words.text) if aids.words.text else "Each network counts in its own way."
    return plain_section(told) | {"accessory": button("Length left", LENGTH, LENGTH)}


def _file(where: Sequence[Destination], channel: Callable[[str], Channel]) -> list[Block]:
    """Where no network takes one, none is asked for."""
    takers = _takers(where, channel)
    if not takers:
        return []
    told = f"It follows your words as a message of its own, or goes without any ({', '.join(takers)})."
    return [inputs.field(FILE, "A file", inputs.file(FILE), optional=True, hint=told)]


def _takers(where: Sequence[Destination], channel: Callable[[str], Channel]) -> list[str]:
    """The places that take a file."""
    networks = [(one, channel(one.thread.channel)) for one in where]
    return list(dict.fromkeys(place(one, network) for one, network in networks if network.takes(one.mode)))


def _public_words(where: Sequence[Destination], aids: Aids) -> list[Block]:
    """A private answer to a comment leaves the comment unanswered for everybody else, unless we say so there."""
    if not any(one.public for one in where):
        return []
    tick = inputs.tick(
        ALSO,
        "Also answer PUBLICLY that we sent a private message",
        "For a private answer to a comment",
        ticked=bool(aids.words.public),
    )
    words = inputs.text(PUBLIC, multiline=False, initial=aids.words.public or TOLD_PUBLICLY, size=PUBLIC_SIZE)
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
        return hint("A colleague approves your answer before it leaves.")
    element = inputs.tick(APPROVAL, "Ask a colleague to approve it first")
    return inputs.field(APPROVAL, "Before it goes", element, optional=True)


def _hints(aids: Aids) -> list[Block]:
    names = [one_line(name, NAME) for name in aids.writing[:NAMES]]
    others = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} writing an answer to this case too."
    undo = f"You can take it back for {span(aids.undo)} after sending." if aids.undo else ""
    return [hint(words) for words in (others if names else "", clip(aids.words.kept, TYPED), undo) if words]
