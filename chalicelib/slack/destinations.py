"""Where an answer of a case can go, who reads it there, and what that network allows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.channels.base import Capability, Channel, Limit
from chalicelib.domain.case import Case, Thread
from chalicelib.domain.reply import Mode, Outgoing
from chalicelib.slack.mrkdwn import one_line
from chalicelib.slack.times import span, stamp

NAME = 24
"""So much of a name leaves room in an option for what matters: who can read it."""

LIMITS = 6
"""Of so many places a hint names the limit."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A destination as a window names it, with the network, so that words are measured without a look at the case.

    Windows of an earlier release name none; then it is empty.
    """

    mode: Mode
    conversation_id: str
    network: str = ""

    @property
    def value(self) -> str:
        return f"{self.mode.value}:{self.conversation_id}:{self.network}"

    def outgoing(self, text: str) -> Outgoing:
        """As much of a reply as its length depends on."""
        return Outgoing("draft", self.network, "", self.mode, text, {})


def aim(value: str) -> Aim | None:
    mode, _, rest = value.partition(":")
    conversation_id, _, network = rest.partition(":")
    return Aim(Mode(mode), conversation_id, network) if mode in set(Mode) and conversation_id else None


@dataclass(frozen=True, slots=True)
class Destination:
    """One place where an answer of this case can go, and who reads it there.

    ``to`` is their name, where the case has several people.
    """

    thread: Thread
    mode: Mode
    to: str = ""

    @property
    def value(self) -> str:
        return Aim(self.mode, self.thread.conversation_id, self.thread.channel).value

    @property
    def public(self) -> "Destination | None":
        """Where one can say in public that an answer went out in private; None where that makes no sense."""
        both = self.mode is Mode.PRIVATE_REPLY and Capability.REPLY in self.thread.capabilities
        return replace(self, mode=Mode.PUBLIC) if both and self.thread.public else None

    def outgoing(self, reply_id: str, text: str) -> Outgoing:
        thread = self.thread
        return Outgoing(
            reply_id, thread.channel, thread.account, self.mode, text, thread.address, thread.last_inbound_at
        )


def destinations(case: Case) -> list[Destination]:
    """Every place where an answer can go: the conversation the customer wrote in last comes first."""
    latest = sorted(case.threads.values(), key=lambda thread: thread.last_inbound_at, reverse=True)
    several = len(case.people) > 1
    names = {one.conversation_id: case.facing(one).contact_name if several else "" for one in latest}
    return [Destination(one, mode, names[one.conversation_id]) for one in latest for mode in _modes(one)]


def _modes(thread: Thread) -> list[Mode]:
    here = [Mode.PUBLIC if thread.public else Mode.PRIVATE] if Capability.REPLY in thread.capabilities else []
    return here + ([Mode.PRIVATE_REPLY] if Capability.PRIVATE_REPLY in thread.capabilities else [])


def destination(case: Case, value: str) -> Destination | None:
    """The destination that a window named, if the case still has it."""
    named = aim(value)
    wanted = (named.mode, named.conversation_id) if named else None
    return next((one for one in destinations(case) if (one.mode, one.thread.conversation_id) == wanted), None)


def audience(where: Destination, channel: Channel) -> str:
    """Who will read the words, so plainly that nobody sends them to the wrong people."""
    to = f" to {one_line(where.to, NAME)}" if where.to else ""
    if where.mode is Mode.PUBLIC:
        return f"PUBLIC{to} on {channel.title}: everyone can read it"
    if where.mode is Mode.PRIVATE:
        return f"Private message{to} on {channel.title}: only they read it"
    return f"Private{to} on {channel.title}, about their comment: only they read it"


def conditions(where: Destination, channel: Channel, now: datetime, options: Mapping[str, str], size: int = 300) -> str:
    """How long the network still takes an answer there, how long it may be, and when they wrote: what fits of it."""
    limit = channel.limit(where.outgoing("draft", ""))
    remaining = _remaining(where, channel, now, options)
    facts = [*remaining, f"up to {limit.size} {limit.unit}", f"they wrote {stamp(where.thread.last_inbound_at, now)}"]
    while len("; ".join(facts)) > size:
        facts.pop()
    return "; ".join(facts)


def _remaining(where: Destination, channel: Channel, now: datetime, options: Mapping[str, str]) -> list[str]:
    """By the same options of the account by which it is delivered."""
    window = channel.window(where.mode, options)
    if window is None:
        return []
    left = where.thread.last_inbound_at + window - now
    return [f"open for {span(left)}" if left > timedelta() else "too late here, it will be refused"]


def limits(where: Sequence[Destination], channel: Callable[[str], Channel], box: int) -> str:
    """How long the words may be, place by place, and what a box of Slack's holds where a network takes more."""
    found: dict[str, Limit] = {}
    for one in where:
        network = channel(one.thread.channel)
        found.setdefault(place(one, network), network.limit(one.outgoing("draft", "")))
    told = [f"{place}: up to {limit.size} {limit.unit}" for place, limit in list(found.items())[:LIMITS]]
    more = [f"this box holds {box}"] if any(limit.size > box for limit in found.values()) else []
    return "; ".join([*told, *more]) + "."


def place(where: Destination, channel: Channel) -> str:
    """In few words, without who reads it there."""
    return f"{channel.title} {'in public' if where.mode is Mode.PUBLIC else 'in private'}"


def too_long(channel: Channel, outgoing: Outgoing) -> str | None:
    """What to tell somebody whose answer the network would not take."""
    limit, length = channel.limit(outgoing), channel.length(outgoing)
    over = length - limit.size
    if over <= 0:
        return None
    return f"{channel.title} takes {limit.size} {limit.unit} and this has {length}. Shorten it by {over}."


def left(where: Destination, channel: Callable[[str], Channel], text: str) -> str:
    """How much room a text leaves, in the network's own measure."""
    network, outgoing = channel(where.thread.channel), where.outgoing("draft", text)
    limit = network.limit(outgoing)
    room = limit.size - network.length(outgoing)
    told = f"{room} left of" if room >= 0 else f"{-room} too many for"
    return f"{place(where, network)}: {told} {limit.size} {limit.unit}."
