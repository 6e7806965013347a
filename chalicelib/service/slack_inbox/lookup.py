"""Finding the case people mean: by its number or the link of its card, in the brands they work for."""

from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command, Link, Merge
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.people import Agent
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import IN_VAIN
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import UNNAMED
from chalicelib.slack import forms
from chalicelib.slack.answers import SHOWN, Found
from chalicelib.slack.references import case_number, spot

PAIRS, LISTED = 20, 50
"""How many lists (a team of a brand each) are looked through at most, and how far."""
MESSAGES = 20
"""So many of a case can be hidden or shown again."""


def named(inbox: Inbox, text: str, agent: Agent) -> Case:
    """Raises Refusal when the words name no case."""
    number, place = case_number(text), spot(text)
    if number is None and place is None:
        raise Refusal(UNNAMED)
    found = None
    if number is not None:
        found = next((case for brand in agent.brands if (case := inbox.case(brand, number, agent))), None)
    elif place is not None:
        card = inbox.store.card_place(inbox.team, place.channel, place.ts)
        found = inbox.case(card.brand, card.case_id, agent) if card else None
    if found is None:
        raise NotFound("There is no such case in your brands.")
    return found


def numbered(inbox: Inbox, command: Command, agent: Agent) -> Command:
    """The command with the other case by its number, however it was named. Raises Refusal."""
    if isinstance(command, Merge):
        return replace(command, into=named(inbox, command.into, agent).id)
    return replace(command, to=named(inbox, command.to, agent).id) if isinstance(command, Link) else command


def mine(inbox: Inbox, agent: Agent) -> Found:
    """This person's cases, the most urgent first."""
    lists = [inbox.store.assigned(brand, agent.id, LISTED) for brand in agent.brands]
    found = [case for one in lists for case in one if inbox.here(case)]
    urgent = sorted(found, key=lambda case: (case.due_at is None, case.due_at or inbox.now, case.id))
    return Found(urgent, more=any(len(one) >= LISTED for one in lists))


def worded(inbox: Inbox, found: Found, shown: int = SHOWN) -> Found:
    """With what the customers of the first ones wrote last: read together, a brand at a time."""
    wanted: dict[str, list[str]] = {}
    for case in found.cases[:shown]:
        if thread := case.thread():
            wanted.setdefault(case.brand, []).append(thread.last_message_id)
    read = [inbox.store.messages(brand, ids) for brand, ids in wanted.items()]
    return replace(found, latest={key: message for one in read for key, message in one.items()})


def permalink(inbox: Inbox, case: Case, beside: str = "") -> str:
    """Where its card is; nothing for who stands before it (``beside`` its time), or when Slack does not say."""
    card = inbox.store.card(case.brand, case.id)
    if card is None or card.ts == beside:
        return ""
    with suppress(*IN_VAIN):
        told = inbox.slack.call("chat.getPermalink", channel=card.slack_channel, message_ts=card.ts)
        return str(told["permalink"])
    return ""


def waiting(inbox: Inbox, agent: Agent) -> list[tuple[str, str, list[Case]]]:
    """(brand, queue, its live cases) as far as such lists go, for the brands of this person."""
    pairs = [(brand, queue) for queue in inbox.teams() for brand in agent.brands][:PAIRS]
    return [(brand, queue, inbox.store.queue(brand, queue, LISTED)) for brand, queue in pairs]


def free(inbox: Inbox, brand: str, queue: str, cases: list[Case]) -> list[Case]:
    """Those that wait for somebody: of a team that has more than its list holds they are asked for by themselves."""
    if len(cases) < LISTED:
        return [case for case in cases if case.waits]
    return list(inbox.store.waiting(brand, queue, LISTED))


def like(inbox: Inbox, words: str, agent: Agent) -> Found:
    """Open cases whose contact is called like this. Looks only at what waits, so its cost does not grow."""
    wanted = words.casefold().lstrip("@")
    found = {case.id: case for _, _, cases in waiting(inbox, agent) for case in cases}
    return Found([case for case in found.values() if wanted in _called(case)])


def _called(case: Case) -> str:
    return " ".join((*case.people, case.contact_handle or "")).casefold()


def written(inbox: Inbox, case: Case) -> list[Message]:
    """What the customer wrote lately and what stands on its network still, the newest first."""
    events = reversed(inbox.store.timeline(case.brand, case.id))
    told = [str(one.data.get("message_id")) for one in events if one.fact is Fact.MESSAGE_RECEIVED]
    latest = [thread.last_message_id for thread in case.threads.values()]
    found = inbox.store.messages(case.brand, list(dict.fromkeys([*told[:MESSAGES], *latest])))
    standing = [one for one in found.values() if _stands(one) and forms.able(case.thread(one.conversation_id or ""))]
    return sorted(standing, key=lambda one: one.at or inbox.now, reverse=True)


def _stands(message: Message) -> bool:
    return message.direction is Direction.INBOUND and message.deleted_at is None and message.erased_at is None
