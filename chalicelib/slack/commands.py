"""What a person did in Slack, as a command. Its id is Slack's own, so that a repeat does nothing.

Text in a thread is always a note: words for the customer leave by the reply window only.
"""

from chalicelib.domain.card import CardPlace
from chalicelib.domain.commands import AddNote, Answer, Command, Resolve, Settle, Take
from chalicelib.slack.cards import RESOLVE, TAKE
from chalicelib.slack.incoming import Click, Said, Submitted
from chalicelib.slack.lines import MISSING, THERE
from chalicelib.slack.modals import TEXT, Destination


def from_click(click: Click, agent: str) -> Command | None:
    """What the button asks for; None for buttons that only open a window, and for ones we do not know."""
    press = f"{click.channel}:{click.ts}:{click.action_ts}"
    if click.action == TAKE:
        return Take(press, click.brand, click.case_id, agent)
    if click.action == RESOLVE:
        return Resolve(press, click.brand, click.case_id, agent)
    if click.action in (THERE, MISSING):
        return Settle(press, click.brand, click.case_id, agent, click.subject, click.action == THERE)
    return None


def from_note(submitted: Submitted, agent: str) -> AddNote:
    text = submitted.values.get(TEXT, "")
    return AddNote(submitted.view_id, submitted.brand, submitted.case_id, agent, text)


def from_reply(submitted: Submitted, agent: str, where: Destination) -> Answer:
    text = submitted.values.get(TEXT, "")
    conversation_id = where.thread.conversation_id
    return Answer(submitted.view_id, submitted.brand, submitted.case_id, agent, text, where.mode, conversation_id)


def from_said(said: Said, place: CardPlace, agent: str, text: str) -> AddNote:
    """``text`` is the note as the agent meant it; files stay in Slack and are named."""
    named = [f"[file in Slack: {name}]" for name in said.files]
    words = "\n".join(part for part in (text, *named) if part)
    return AddNote(said.event_id, place.brand, place.case_id, agent, words)
