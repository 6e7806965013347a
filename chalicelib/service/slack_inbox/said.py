"""Words in a card's thread: an order when they begin with a mention of ours and are one, else a note, always."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.domain import ids
from chalicelib.domain.card import CardPlace, Post
from chalicelib.domain.commands import AddNote, Command
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.marks import mark
from chalicelib.domain.people import Agent, may
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox import asked, lookup
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import KEPT
from chalicelib.slack import answers, commands, hints, lines, verbs
from chalicelib.slack.blocks import EVENT_TYPE
from chalicelib.slack.cards import stands
from chalicelib.slack.incoming import Revised, Said
from chalicelib.slack.mrkdwn import plain
from chalicelib.slack.times import moment_of

REPEATS = timedelta(days=1)
"""Longer than Slack goes on telling of an event."""
UNRECORDED = timedelta(minutes=5)
"""After a lost answer a card is looked for within a minute or two, and written down."""


def said(inbox: Inbox, said: Said) -> None:
    """Most of what people say is none of our business, so it is asked first whose thread it is."""
    place = inbox.store.card_place(said.team, said.channel, said.thread_ts)
    if place is None and inbox.agent(said.user) and _may_be_a_card(inbox, said):
        place = _unrecorded(inbox, said)
    if place is None:
        return
    agent = inbox.who()
    if said.to_us is None:
        _noted(inbox, said, place, agent)
    else:
        _ordered(inbox, said, said.to_us, place, agent)


def _ordered(inbox: Inbox, said: Said, raw: str, place: CardPlace, agent: Agent) -> None:
    """An order, a list that is asked for, or a note; whichever it was taken for, its author knows."""
    if raw.strip().lower() in ("", verbs.HELP):
        inbox.back.answer(answers.tell(verbs.WAYS))
    elif listed := verbs.list_asked(raw):
        inbox.back.answer(asked.answer(inbox, listed, said.event_id, agent))
    else:
        _understood(inbox, said, raw, place, agent)


def _understood(inbox: Inbox, said: Said, raw: str, place: CardPlace, agent: Agent) -> None:
    text = plain(raw, lambda user: _name(inbox, said, user))
    about = (said.event_id, place.brand, place.case_id, agent.id)
    order = verbs.Order(*about, text, raw, inbox.now, inbox.agent_id, inbox.queues())
    try:
        command = verbs.understood(order)
        if command is not None:
            return _once(inbox, said, lookup.numbered(inbox, command, agent), agent)
    except Refusal as refusal:
        return inbox.tell(str(refusal))
    if _noted(inbox, said, place, agent):
        told = KEPT.format(hint=verbs.hint(raw)).replace("  ", " ")
        inbox.back.answer(hints.hint(told, raw, inbox.case(place.brand, place.case_id, agent)))


def _once(inbox: Inbox, said: Said, command: Command, agent: Agent) -> None:
    """Slack may tell of it again minutes later, when the case has long forgotten it; a note has a name of its own."""
    done = f"done/{said.event_id}"
    if inbox.store.mark(inbox.team, done) is not None:
        return
    _carry_out(inbox, said, command, agent)
    with suppress(Conflict):
        inbox.store.commit(mark(inbox.team, done, inbox.now, REPEATS))


def _noted(inbox: Inbox, said: Said, place: CardPlace, agent: Agent) -> bool:
    """Words in a card's thread are a note for colleagues. Returns whether they were kept."""
    text = plain(said.text, lambda user: _name(inbox, said, user))
    note = commands.from_said(said, place, agent.id, text)
    return _carry_out(inbox, said, note, agent, "This was not kept as a note: ")


def revised(inbox: Inbox, revised: Revised) -> None:
    """A note says what its author made of it. Words that were never kept as one, as orders, change nothing."""
    place = inbox.store.card_place(revised.team, revised.channel, revised.thread_ts)
    if place is not None:
        text = plain(revised.text or "", inbox.name)
        with suppress(Refusal):
            inbox.do(commands.from_revised(revised, place, inbox.who().id, text))


def _carry_out(inbox: Inbox, said: Said, command: Command, agent: Agent, but: str = "") -> bool:
    if isinstance(command, AddNote) and may(agent, command):
        _told_already(inbox, command, said)
    try:
        inbox.do(command)
    except Refusal as refusal:
        inbox.tell(f"{but}{refusal}")
        return False
    return True


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
