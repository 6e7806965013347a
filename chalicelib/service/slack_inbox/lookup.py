"""Finding the case people mean: by its number or the link of its card, in the brands they work for."""

from dataclasses import replace

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command, Link, Merge
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.people import Agent
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import UNNAMED
from chalicelib.slack.references import case_number, spot

PAIRS, LISTED = 20, 50
"""How many lists (a team of a brand each) are looked through at most, and how far."""


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


def mine(inbox: Inbox, agent: Agent) -> list[Case]:
    """This person's cases, the most urgent first."""
    found = [
        case for brand in agent.brands for case in inbox.store.assigned(brand, agent.id, LISTED) if inbox.here(case)
    ]
    return sorted(found, key=lambda case: (case.due_at is None, case.due_at or inbox.now, case.id))


def waiting(inbox: Inbox, agent: Agent) -> list[tuple[str, str, list[Case]]]:
    """(brand, queue, its live cases) as far as such lists go, for the brands of this person."""
    pairs = [(brand, queue) for queue in inbox.teams() for brand in agent.brands][:PAIRS]
    return [(brand, queue, inbox.store.queue(brand, queue, LISTED)) for brand, queue in pairs]


def like(inbox: Inbox, words: str, agent: Agent) -> list[Case]:
    """Open cases whose contact is called like this. Looks only at what waits, so its cost does not grow."""
    wanted = words.casefold().lstrip("@")
    found = {case.id: case for _, _, cases in waiting(inbox, agent) for case in cases}
    return [case for case in found.values() if wanted in " ".join((*case.people, case.contact_handle or "")).casefold()]
