"""Every case event becomes visible in Slack: the card shows the case as it is, its thread tells what happened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels.base import Channel
from chalicelib.domain.card import Card
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config, Queue
from chalicelib.domain.config import Slack as Workspace
from chalicelib.domain.message import Evidence
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.domain.turns import ALARM, CARD, LINE, PEOPLE, card_rank
from chalicelib.service.backlog import Backlog
from chalicelib.service.bundles import aloud
from chalicelib.service.desk_words import Words
from chalicelib.service.pace import Turns
from chalicelib.service.ports import Meter, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.retelling import Retelling
from chalicelib.service.slack_once import Once
from chalicelib.service.slack_outage import offered_again
from chalicelib.service.standing import GONE, Standing
from chalicelib.slack import lines
from chalicelib.slack.blocks import Posting


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
    with offered_again(meter):
        queue, workspace = _place(case, config)
        once = Once(store, slack, now, new=turns is None or turns.since is None)
        urgency = rank(event, case, config, now)
        if turns is not None:
            turns.rank, once = urgency, replace(once, ahead=turns.ahead)
        words = Words(store, config, workspace, queue, channel, now)
        standing = Standing(store, once, slack, words, meter, now)
        backlog = Backlog(store, once, words.line)
        retelling = Retelling(store, slack, words, backlog)
        Desk(store, once, words, standing, backlog, retelling, now, urgency >= CARD).show(event, case)


def _place(case: Case, config: Config) -> tuple[Queue, Workspace]:
    """Raises SlackRefused for a team that is not in the policy file any more: its news wait for a person's care."""
    queue = config.queues.get(case.queue)
    workspace = config.workspace(queue) if queue else None
    if queue is None or not queue.slack or workspace is None:
        raise SlackRefused("no_channel")
    return queue, workspace


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
    """``calm`` is news for which a card that was edited just now can wait a moment."""

    store: Store
    once: Once
    words: Words
    standing: Standing
    backlog: Backlog
    retelling: Retelling
    now: datetime
    calm: bool

    def show(self, event: TimelineEvent, case: Case) -> None:
        """Whatever of card and line has to wait, the other one is not kept from what it can be told now."""
        card, late = self._standing(case), None
        try:
            card = self.standing.refreshed(card, case, calm=self.calm)
        except SlackBusy as busy:
            late = busy
        try:
            self._tell(event, case, card)
        except SlackBusy as busy:
            raise SlackBusy(min(busy.after, late.after), busy.turn) if late else busy from busy
        if late:
            raise late
        if event.fact is Fact.MESSAGE_DELETED and self.words.config.brands[case.brand].evidence is not Evidence.TEXT:
            self.retelling(event, case)
        if card.begun:
            self.standing.cleared(self.standing.adopted(card, case), case)

    def _standing(self, case: Case) -> Card:
        """The card where its team is. One that came from elsewhere brings along what happened there."""
        card = self.standing.card(case)
        if not card.left:
            return card
        self.backlog.history(case, card)
        return self.standing.cleared(card, case)

    def _tell(self, event: TimelineEvent, case: Case, card: Card) -> None:
        posting = self.words.line(event, case)
        if posting is None:
            return
        try:
            self._say(event, case, posting, card)
        except SlackRefused as refused:
            if refused.error not in GONE:
                raise
            self._say(event, case, posting, self.standing.again(case, card))

    def _say(self, event: TimelineEvent, case: Case, posting: Posting, card: Card) -> None:
        if posting.broadcast and not aloud(self.store, event, self.now):
            posting = replace(posting, broadcast=False)
        if not self.backlog.tells(event, posting, case, card):
            self.once.post(case, lines.name(event), card.slack_channel, posting, card.ts)
