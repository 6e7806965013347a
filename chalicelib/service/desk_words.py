"""What the desk says: all that a card and a line speak of is looked up here, each thing once for one piece of work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.channels.base import Channel
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config, Queue
from chalicelib.domain.config import Slack as Workspace
from chalicelib.domain.ids import case_id, split_case_id
from chalicelib.domain.message import Message
from chalicelib.domain.people import Agent, Approvers, may_approve
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.slack import cards, lines
from chalicelib.slack.blocks import Posting

CALLED = 5
"""So many people are called at most."""


@dataclass(frozen=True, slots=True)
class Words:
    store: Store
    config: Config
    workspace: Workspace
    queue: Queue
    channel: Callable[[str], Channel]
    now: datetime
    _messages: dict[str, Message | None] = field(default_factory=dict)

    def card(self, case: Case, post: str) -> Posting:
        """The card as the case is, posted once under that name."""
        latest = self._message(case.brand, case.last_message_id)
        shown = latest or case.thread()
        return cards.card(
            case,
            latest,
            network=self._network(shown.channel if shown else ""),
            queue=self.queue.name,
            assignee=self._name(case.assignee) if case.assignee else None,
            now=self.now,
            past=self._past(case),
            translate=self.workspace.translate,
            post=post,
        )

    def gone(self, case: Case) -> Posting:
        """What stays where the card of a case stood before."""
        return cards.moved(case, self.queue.name, self.queue.slack)

    def line(self, event: TimelineEvent, case: Case) -> Posting | None:
        message = self._message(event.brand, event.data.get("message_id"))
        reply = self._reply(event.brand, event.data.get("reply_id"))
        about = reply or message
        scene = lines.Scene(
            actor=self._name(event.actor),
            contact=case.facing(case.threads.get(about.conversation_id or "") if about else None).contact_name,
            network=self._network(about.channel if about else event.channel),
            now=self.now,
            message=message,
            reply=reply,
            other=self._other(event.data.get("to") or event.data.get("from")),
            hosts=self._hosts(message.channel) if message else (),
            calls=" ".join(f"<@{one}>" for one in self._called(event, reply)) if reply else "",
        )
        return lines.line(event, scene)

    def _called(self, event: TimelineEvent, reply: Reply) -> list[str]:
        """Who has to act, by their Slack ids: the author of an answer in trouble, those who may let a held one go.

        Where anybody may approve, nobody in particular is called.
        """
        agents, approvers = self.config.agents, self.config.approvers
        people: list[Agent | None] = []
        if event.fact in (Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN):
            people = [agents.get(reply.agent)]
        elif event.fact is Fact.REPLY_HELD and approvers is not Approvers.ANYONE:
            people = [one for one in agents.values() if may_approve(one, reply.agent, approvers)]
        return [one.slack for one in people if one and one.slack and event.brand in one.brands][:CALLED]

    def _past(self, case: Case) -> cards.Past:
        """What is known of the contact. Only somebody who came before has an earlier case to look at."""
        contact, _ = self.store.contact(case.brand, case.contact_id)
        person, number = split_case_id(case.id)
        earlier = self.store.case(case.brand, case_id(person, number - 1)) if number > 1 else None
        solved_at = earlier.solved_at if earlier else None
        return cards.Past(solved_at, contact.tags, contact.unreachable) if contact else cards.Past(solved_at)

    def _other(self, key: str | None) -> str:
        """The colleague or the team to whom something went."""
        if not key:
            return ""
        team = self.config.queues.get(key)
        return self._name(key) if key in self.config.agents or team is None else team.name

    def _message(self, brand: str, message_id: str | None) -> Message | None:
        """A new message is mostly what its own line and the card both show."""
        if message_id and message_id not in self._messages:
            self._messages[message_id] = self.store.message(brand, message_id)
        return self._messages.get(message_id or "")

    def _reply(self, brand: str, reply_id: str | None) -> Reply | None:
        return self.store.reply(brand, reply_id) if reply_id else None

    def _name(self, agent: str) -> str:
        known = self.config.agents.get(agent)
        return known.name if known else agent

    def _hosts(self, name: str) -> tuple[str, ...]:
        try:
            return self.channel(name).media_hosts
        except LookupError:
            return ()

    def _network(self, name: str) -> str:
        """What people call the network; the bare name for a channel that was since removed, or a note."""
        try:
            return self.channel(name).title
        except LookupError:
            return name or "another channel"
