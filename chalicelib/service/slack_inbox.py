"""What people do in Slack goes through the one command bus; what they get back is an answer in plain words."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Channel
from chalicelib.domain import ids
from chalicelib.domain.card import CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Command
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, NotAllowed, Refusal
from chalicelib.domain.people import Agent, may
from chalicelib.service.ports import SlackApi, SlackRefused, Store
from chalicelib.slack import commands, lines, modals
from chalicelib.slack.blocks import EVENT_TYPE
from chalicelib.slack.cards import NOTE, POST, REPLY
from chalicelib.slack.incoming import Challenge, Click, Ignored, Incoming, Probe, Said, Submitted
from chalicelib.slack.mrkdwn import escape, plain

Bus = Callable[[Command, datetime], object]
Answer = dict[str, Any]

NOT_SET_UP = "You are not set up in Heed; ask an admin to add you in care.yaml."
BUSY = "Somebody else changed this case at the same moment. Please try again."
TOO_SLOW = "Slack closed the window before it could open. Press the button again."
NO_CASE = "This case is not there any more."
NO_PLACE = "There is no conversation in this case that takes an answer. Write to the customer another way."
PLACE_LEFT = "That conversation is not part of this case any more. Copy your words and open the reply window again."


def handle(
    incoming: Incoming,
    *,
    store: Store,
    bus: Bus,
    slack: SlackApi,
    config: Config,
    channel: Callable[[str], Channel],
    now: datetime,
) -> Answer:
    """Act on what Slack posted and return the body of our answer. Doing it twice does it once."""
    if isinstance(incoming, Challenge):
        return {"challenge": incoming.challenge}
    if isinstance(incoming, Probe | Ignored) or not _ours(incoming, config):
        return {}
    inbox = Inbox(store, bus, slack, config, channel, now)
    agent = config.agent_in_slack(incoming.user)
    if isinstance(incoming, Click):
        return inbox.click(incoming, agent)
    if isinstance(incoming, Submitted):
        return inbox.submitted(incoming, agent)
    return inbox.said(incoming, agent)


def _ours(incoming: Click | Submitted | Said, config: Config) -> bool:
    """Only our workspace and our app count; nobody else's buttons do anything."""
    ours = config.slack
    return ours is not None and (incoming.team, incoming.app) == (ours.team, ours.app)


@dataclass(frozen=True, slots=True)
class Inbox:
    store: Store
    bus: Bus
    slack: SlackApi
    config: Config
    channel: Callable[[str], Channel]
    now: datetime

    def click(self, click: Click, agent: Agent | None) -> Answer:
        if agent is None:
            return self._tell(click, NOT_SET_UP)
        window = _WINDOWS.get(click.action)
        if window is None:
            command = commands.from_click(click, agent.id)
            return self._ask(command, click) if command else {}
        if not may(agent, AddNote("", click.brand, click.case_id, agent.id, "")):
            return self._tell(click, str(NotAllowed()))
        try:
            window(self, click)
        except SlackRefused:
            return self._tell(click, TOO_SLOW)
        return {}

    def _note_window(self, click: Click) -> None:
        self.slack.call("views.open", trigger_id=click.trigger_id, view=modals.note(click.brand, click.case_id))

    def _reply_window(self, click: Click) -> None:
        """The permission to open a window lasts three seconds, so it opens before the case is read."""
        opened = self.slack.call("views.open", trigger_id=click.trigger_id, view=modals.loading("Reply"))
        view = self._reply_view(click)
        with suppress(SlackRefused):  # closed again by the agent meanwhile
            self.slack.call("views.update", view_id=opened["view"]["id"], view=view)

    def _reply_view(self, click: Click) -> dict[str, Any]:
        case = self._case(click)
        if case is None:
            return modals.says("Reply", NO_CASE)
        if not modals.destinations(case):
            return modals.says("Reply", NO_PLACE)
        return modals.reply(case, self.channel, self.now)

    def submitted(self, submitted: Submitted, agent: Agent | None) -> Answer:
        if agent is None:
            return modals.errors(modals.TEXT, NOT_SET_UP)
        try:
            if submitted.callback == modals.NOTE_VIEW:
                self.bus(commands.from_note(submitted, agent.id), self.now)
            elif submitted.callback == modals.REPLY_VIEW:
                return self._reply(submitted, agent)
        except Refusal as refusal:
            return modals.errors(modals.TEXT, str(refusal))
        except Conflict:
            return modals.errors(modals.TEXT, BUSY)
        return {}

    def _reply(self, submitted: Submitted, agent: Agent) -> Answer:
        case = self._case(submitted)
        named = submitted.values.get(modals.WHERE) or submitted.metadata.get(modals.WHERE, "")
        where = modals.chosen(case, named) if case else None
        if where is None:
            return modals.errors(modals.TEXT, PLACE_LEFT)
        command = commands.from_reply(submitted, agent.id, where)
        outgoing = where.outgoing(submitted.view_id, command.text.strip())
        too_long = modals.too_long(self.channel(where.thread.channel), outgoing)
        if too_long:
            return modals.errors(modals.TEXT, too_long)
        self.bus(command, self.now)
        return {}

    def said(self, said: Said, agent: Agent | None) -> Answer:
        """Words in a card's thread are a note for colleagues, always."""
        place = self.store.card_place(said.team, said.channel, said.thread_ts)
        if place is None and agent is not None:
            place = self._unrecorded(said)
        if place is None:
            return {}
        if agent is None:
            return self._tell(said, NOT_SET_UP)
        command = commands.from_said(said, place, agent.id, plain(said.text, self._name))
        if may(agent, command):
            self._told_already(command, said.ts)
        try:
            self.bus(command, self.now)
        except Refusal as refusal:
            return self._tell(said, f"This was not kept as a note: {refusal}")
        return {}

    def _unrecorded(self, said: Said) -> CardPlace | None:
        """A card stands in Slack a moment before we know where, after a lost answer a minute: then it tells itself."""
        where = {"channel": said.channel, "ts": said.thread_ts}
        try:
            answer = self.slack.call("conversations.replies", **where, limit=1, include_all_metadata=True)
        except SlackRefused:
            return None
        (root, *_) = answer.get("messages") or [{}]
        told = root.get("metadata") or {}
        named = told.get("event_payload") or {}
        if (root.get("app_id"), told.get("event_type"), named.get("post")) != (said.app, EVENT_TYPE, POST):
            return None
        return CardPlace(said.team, said.channel, said.thread_ts, str(named["brand"]), str(named["case_id"]))

    def _told_already(self, note: AddNote, ts: str) -> None:
        """The thread shows these words: recorded before the note exists, so that the desk cannot repeat them."""
        name = lines.note_name(ids.note_id(note.brand, note.id))
        with suppress(Conflict):
            self.store.commit(Post(note.brand, note.case_id, name, self.now, ts))

    def _ask(self, command: Command, click: Click) -> Answer:
        try:
            self.bus(command, self.now)
        except Refusal as refusal:
            return self._tell(click, str(refusal))
        except Conflict:
            return self._tell(click, BUSY)
        return {}

    def _case(self, about: Click | Submitted) -> Case | None:
        try:
            ids.split_case_id(about.case_id)
        except ValueError:
            return None
        return self.store.case(about.brand, about.case_id)

    def _name(self, user: str) -> str | None:
        agent = self.config.agent_in_slack(user)
        return agent.name if agent else None

    def _tell(self, about: Click | Said, text: str) -> Answer:
        """Words for this person only. When Slack refuses even those, there is nobody left to tell."""
        thread = {"thread_ts": about.thread_ts} if about.thread_ts else {}
        with suppress(SlackRefused):
            words = escape(text)
            self.slack.call("chat.postEphemeral", channel=about.channel, user=about.user, text=words, **thread)
        return {}


_WINDOWS: Mapping[str, Callable[[Inbox, Click], None]] = {NOTE: Inbox._note_window, REPLY: Inbox._reply_window}
