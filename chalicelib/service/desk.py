"""Every case event becomes visible in Slack: the card shows the case as it is, its thread tells what happened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain.card import Card, CardPlace
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config, Queue
from chalicelib.domain.config import Slack as Workspace
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.ids import case_id, split_case_id
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.domain.turns import ALARM, LINE, PEOPLE, card_rank
from chalicelib.service.backlog import Backlog
from chalicelib.service.bundles import aloud
from chalicelib.service.pace import Turns
from chalicelib.service.ports import Meter, NoAnswer, NotSent, Row, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.slack_once import LEASE, Once, content
from chalicelib.service.writing import ATTEMPTS, deciding
from chalicelib.slack import cards, lines
from chalicelib.slack.blocks import Posting

UNREACHABLE_PAUSE = timedelta(seconds=15)
REFUSED_PAUSE = timedelta(minutes=5)
"""A refusal (archived channel, revoked token, ...) needs a person, so the next try can wait."""
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})


def show(
    event: TimelineEvent,
    *,
    store: Store,
    slack: SlackApi,
    config: Config,
    channel: Callable[[str], Channel],
    meter: Meter,
    now: datetime,
    turns: Turns | None = None,
) -> None:
    """Bring one event to the desk, once however often it is asked. Raises Later when it must be offered again."""
    case = store.case(event.brand, event.case_id)
    if case is None or config.slack is None:
        return
    queue = config.queues.get(case.queue)
    workspace = config.workspace(queue) if queue else None
    if queue is None or not queue.slack or workspace is None:
        meter.count("desk_without_channel", queue=case.queue)
        return
    once = Once(store, slack, now, new=turns is None or turns.since is None)
    if turns is not None:
        turns.rank = rank(event, case, config, now)
        once = replace(once, ahead=turns.ahead)
    desk = Desk(store, once, slack, config, workspace, queue, channel, now)
    try:
        desk.show(event, case)
    except SlackBusy as busy:
        raise Later(busy.after, "Slack asks to wait") from busy
    except NotSent as error:
        raise Later(UNREACHABLE_PAUSE, "Slack cannot be reached") from error
    except NoAnswer as error:
        raise Later(LEASE, "Slack did not answer; what it did is looked up then") from error
    except SlackRefused as refused:
        meter.count("slack_refused", error=refused.error)
        raise Later(REFUSED_PAUSE, str(refused)) from refused


def rank(event: TimelineEvent, case: Case, config: Config, now: datetime) -> str:
    """How urgent this is to be seen: what people do first, then what is about to break, cards, and all other news."""
    if event.actor in config.agents or event.fact in (Fact.CASE_ASSIGNED, Fact.CASE_NOTIFIED):
        return PEOPLE
    if event.fact in (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED):
        return ALARM
    if event.fact in (Fact.CASE_OPENED, Fact.CASE_REOPENED) or case.assignee is not None:
        return card_rank(case.due_at, now)
    return LINE


@dataclass(frozen=True, slots=True)
class Desk:
    store: Store
    once: Once
    slack: SlackApi
    config: Config
    workspace: Workspace
    queue: Queue
    channel: Callable[[str], Channel]
    now: datetime

    def show(self, event: TimelineEvent, case: Case) -> None:
        card = self.store.card(case.brand, case.id) or self._stand(case, 0)
        if card.shows < case.seq:
            card = self._refresh(card, case)
        self._tell(event, case, card)

    def _stand(self, case: Case, version: int) -> Card:
        """Put the card up. One found by look-up shows an older state, so it counts as showing nothing."""

        def rows(ts: str, fresh: bool) -> tuple[Row, ...]:
            shows = case.seq if fresh else 0
            card = Card(case.brand, case.id, self.queue.slack, ts, shows, version)
            return card, CardPlace(self.workspace.team, self.queue.slack, ts, case.brand, case.id)

        self.once.post(case, cards.POST, self.queue.slack, self._card(case), rows=rows)
        card = self.store.card(case.brand, case.id)
        if card is None:
            raise Later(UNREACHABLE_PAUSE, "the card was taken down meanwhile")
        return card

    def _stand_again(self, case: Case, card: Card) -> Card:
        self.once.forget(case, cards.POST, card.ts)
        return self._stand(case, card.version)

    def _refresh(self, card: Card, case: Case) -> Card:
        """Show the case as it is now. When two workers cross, the one that lost shows it again: nothing old stays."""
        for _ in range(ATTEMPTS):
            shown = replace(card, shows=case.seq)
            try:
                self._update(card, case)
                self.store.commit(shown)
            except SlackRefused as refused:
                if refused.error not in GONE:
                    raise
                return self._stand_again(case, card)
            except Conflict:
                card, case = self._doubted(card), self.store.case(case.brand, case.id) or case
            else:
                return replace(shown, version=shown.version + 1)
        raise Later(UNREACHABLE_PAUSE, "the card is being changed by others")

    def _update(self, card: Card, case: Case) -> None:
        self.slack.call("chat.update", channel=card.slack_channel, ts=card.ts, **content(self._card(case)))

    def _doubted(self, card: Card) -> Card:
        """Our update may have covered a newer one: recorded first, so that a crash now does not leave it so."""
        return deciding(lambda: self._marked(card))

    def _marked(self, card: Card) -> Card:
        marked = replace(self.store.card(card.brand, card.case_id) or card, shows=0)
        self.store.commit(marked)
        return replace(marked, version=marked.version + 1)

    def _tell(self, event: TimelineEvent, case: Case, card: Card) -> None:
        posting = self._line(event, case)
        if posting is None:
            return
        try:
            self._say(event, case, posting, card)
        except SlackRefused as refused:
            if refused.error not in GONE:
                raise
            self._say(event, case, posting, self._stand_again(case, card))

    def _say(self, event: TimelineEvent, case: Case, posting: Posting, card: Card) -> None:
        if posting.broadcast and not aloud(self.store, event, self.now):
            posting = replace(posting, broadcast=False)
        backlog = Backlog(self.store, self.once)
        if not backlog.tells(event, posting, case, card.slack_channel, card.ts):
            self.once.post(case, lines.name(event), card.slack_channel, posting, card.ts)

    def _past(self, case: Case) -> cards.Past:
        """What is known of the contact. Only somebody who came before has an earlier case to look at."""
        contact, _ = self.store.contact(case.brand, case.contact_id)
        person, number = split_case_id(case.id)
        earlier = self.store.case(case.brand, case_id(person, number - 1)) if number > 1 else None
        solved_at = earlier.solved_at if earlier else None
        return cards.Past(solved_at, contact.tags, contact.unreachable) if contact else cards.Past(solved_at)

    def _card(self, case: Case) -> Posting:
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
        )

    def _line(self, event: TimelineEvent, case: Case) -> Posting | None:
        message = self._message(event.brand, event.data.get("message_id"))
        reply = self._reply(event.brand, event.data.get("reply_id"))
        about = reply or message
        scene = lines.Scene(
            actor=self._name(event.actor),
            contact=case.contact_name,
            network=self._network(about.channel if about else event.channel),
            now=self.now,
            message=message,
            reply=reply,
            other=self._other(event.data.get("to")),
            hosts=self._hosts(message.channel if message else ""),
        )
        return lines.line(event, scene)

    def _other(self, key: str | None) -> str:
        """The colleague or the team to whom something went."""
        if not key:
            return ""
        team = self.config.queues.get(key)
        return self._name(key) if key in self.config.agents or team is None else team.name

    def _message(self, brand: str, message_id: str | None) -> Message | None:
        return self.store.message(brand, message_id) if message_id else None

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
