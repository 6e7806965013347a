"""Words in a card's thread: an order when they begin with a mention of ours and are one, else a note, always."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.domain import ids
from chalicelib.domain.card import CardPlace, Post
from chalicelib.domain.commands import AddNote, Command
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.people import Agent, may
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import KEPT, NOT_SET_UP
from chalicelib.slack import answers, commands, lines, verbs
from chalicelib.slack.blocks import EVENT_TYPE
from chalicelib.slack.cards import stands
from chalicelib.slack.incoming import Revised, Said
from chalicelib.slack.mrkdwn import plain
from chalicelib.slack.times import moment_of

UNRECORDED = timedelta(minutes=5)
"""After a lost answer a card is looked for within a minute or two, and written down."""


def said(inbox: Inbox, said: Said, agent: Agent | None) -> None:
    place = inbox.store.card_place(said.team, said.channel, said.thread_ts)
    if place is None and agent is not None and _may_be_a_card(inbox, said):
        place = _unrecorded(inbox, said)
    if place is None:
        return
    if agent is None:
        inbox.tell(NOT_SET_UP)
    elif said.to_us is None:
        _noted(inbox, said, place, agent)
    else:
        _ordered(inbox, said, said.to_us, place, agent)


def _ordered(inbox: Inbox, said: Said, raw: str, place: CardPlace, agent: Agent) -> None:
    if raw.strip().lower() in ("", verbs.HELP):
        inbox.back.answer(answers.tell(answers.WAYS))
        return
    text = plain(raw, lambda user: _name(inbox, said, user))
    about = (said.event_id, place.brand, place.case_id, agent.id)
    order = verbs.Order(*about, text, raw, inbox.now, inbox.agent_id, inbox.queues())
    try:
        command = verbs.understood(order)
    except Refusal as refusal:
        inbox.tell(str(refusal))
        return
    if command is not None:
        _carry_out(inbox, said, command, agent)
        return
    _noted(inbox, said, place, agent)
    if verbs.known(raw):
        inbox.tell(KEPT)


def _noted(inbox: Inbox, said: Said, place: CardPlace, agent: Agent) -> None:
    """Words in a card's thread are a note for colleagues."""
    text = plain(said.text, lambda user: _name(inbox, said, user))
    _carry_out(inbox, said, commands.from_said(said, place, agent.id, text), agent, "This was not kept as a note: ")


def revised(inbox: Inbox, revised: Revised, agent: Agent | None) -> None:
    """A note says what its author made of it. Words that were never kept as one, as orders, change nothing."""
    place = inbox.store.card_place(revised.team, revised.channel, revised.thread_ts)
    if place is not None and agent is not None:
        text = plain(revised.text or "", inbox.name)
        with suppress(Refusal):
            inbox.do(commands.from_revised(revised, place, agent.id, text))


def _carry_out(inbox: Inbox, said: Said, command: Command, agent: Agent, but: str = "") -> None:
    if isinstance(command, AddNote) and may(agent, command):
        _told_already(inbox, command, said)
    try:
        inbox.do(command)
    except Refusal as refusal:
        inbox.tell(f"{but}{refusal}")


def _name(inbox: Inbox, said: Said, user: str) -> str | None:
    return "@heed" if user == said.bot else inbox.name(user)


def _may_be_a_card(inbox: Inbox, said: Said) -> bool:
    """Only what we posted a moment ago can be a card that is not written down yet; for no other is Slack asked."""
    return bool(said.bot) and said.parent == said.bot and inbox.errand.at - moment_of(said.thread_ts) < UNRECORDED


def _unrecorded(inbox: Inbox, said: Said) -> CardPlace | None:
    """A card stands in Slack a moment before we know where, after a lost answer a minute: then it tells itself."""
    where = {"channel": said.channel, "ts": said.thread_ts}
    try:
        answer = inbox.slack.call("conversations.replies", **where, limit=1, include_all_metadata=True)
    except SlackRefused:
        return None
    (root, *_) = answer.get("messages") or [{}]
    told = root.get("metadata") or {}
    named = told.get("event_payload") or {}
    ours = (root.get("app_id"), told.get("event_type")) == (said.app, EVENT_TYPE)
    if not ours or not stands(str(named.get("post"))):
        return None
    return CardPlace(said.team, said.channel, said.thread_ts, str(named["brand"]), str(named["case_id"]))


def _told_already(inbox: Inbox, note: AddNote, said: Said) -> None:
    """The thread shows these words: recorded before the note exists, so that the desk cannot repeat them.

    Those below a card that has moved since are told again where it stands now.
    """
    card = inbox.store.card(note.brand, note.case_id)
    if card is not None and card.ts != said.thread_ts:
        return
    name = lines.note_name(ids.note_id(note.brand, note.id))
    with suppress(Conflict):
        inbox.store.commit(Post(note.brand, note.case_id, name, inbox.now, said.ts, said.channel))
