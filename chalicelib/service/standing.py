"""Where the card of a case stands, and that it shows the case as it is: in its team's channel, once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.errors import Conflict, Later
from chalicelib.service.desk_words import Words
from chalicelib.service.ports import Meter, Row, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.slack_once import Once, content
from chalicelib.service.slack_outage import PASSING, about
from chalicelib.service.writing import ATTEMPTS, deciding
from chalicelib.slack import cards

DEBOUNCE = timedelta(seconds=5)
"""So often at most a card is edited for news that can wait a moment."""
PAUSE = timedelta(seconds=15)
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message"})
"""What stood there is no more, or another app's: then nothing that is pressed there reaches us either."""
FIXED = "edit_window_closed"
"""The workspace lets nobody edit what is old. The card stays where it is, with buttons that work."""


@dataclass(frozen=True, slots=True)
class Standing:
    store: Store
    once: Once
    slack: SlackApi
    words: Words
    meter: Meter
    now: datetime

    def card(self, case: Case) -> Card:
        """The card in the channel of its team. One that stands elsewhere is put up anew, and remembers where it was."""
        card = self.store.card(case.brand, case.id) or self._stood(case, None)
        return card if card.slack_channel == self.words.queue.slack else self._stood(case, card)

    def again(self, case: Case, card: Card) -> Card:
        """Somebody deleted it, with its thread."""
        return self._stood(case, card, gone=True)

    def _stood(self, case: Case, before: Card | None, *, gone: bool = False) -> Card:
        """Put the card up. One found by look-up shows an older state, so it counts as showing nothing.

        It may be found where the case was when somebody began to put it up.
        """
        channel, team = self.words.queue.slack, self.words.workspace.team
        moves = before.moves + 1 if before else 0
        stands = Card(case.brand, case.id, channel, "", 0, team, moves)
        if before is not None and stands.name not in before.begun:
            deciding(partial(self._changed, before, lambda known: replace(known, begun=(*known.begun, stands.name))))
        made: list[Card] = []

        def rows(where: str, ts: str, fresh: bool) -> tuple[Row, ...]:
            known = self.store.card(case.brand, case.id)
            there = self._team(where) or team
            new = replace(stands, slack_channel=where, ts=ts, team=there, shows=case.seq if fresh else 0)
            made.append(_after(known, new, None if gone else before))
            return made[-1], CardPlace(there, where, ts, case.brand, case.id)

        self.once.post(case, stands.name, channel, self.words.card(case, stands.name), rows=rows)
        return made[-1].written if made else self._known(case)

    def adopted(self, card: Card, case: Case) -> Card:
        """What was put up where the case was for a moment, by somebody who died over it, is a place it has left.

        Raises Later while whoever began it may still be at it.
        """
        for name in card.begun:
            try:
                post = self.once.found(case, name, self.words.card(case, name))
            except SlackRefused as refused:
                if refused.error in PASSING:
                    raise
                post = None
            card = deciding(partial(self._changed, card, partial(_without, name, self._place(post) if post else "")))
        return card

    def _place(self, post: Post) -> str:
        return f"{self._team(post.slack_channel or '')}/{post.slack_channel}/{post.ts}"

    def _team(self, channel: str) -> str:
        """The workspace of a channel, if it is still some team's."""
        workspace = self.words.config.workspace_at(channel)
        return workspace.team if workspace else ""

    def _known(self, case: Case) -> Card:
        card = self.store.card(case.brand, case.id)
        if card is None:
            raise Later(PAUSE, "the card was taken down meanwhile")
        return card

    def cleared(self, card: Card, case: Case) -> Card:
        """Where it stood before it says where the case went, and nothing can be pressed there any more.

        Each place is remembered as done: were it all done again after every wait, many places would never be. What
        Slack refuses for good is left as it is; in an outage of Slack's the place stays to be cleared.
        """
        for place in card.left:
            team, channel, ts = place.split("/")
            where = {"team": team} if team and self.words.config.workspaces else {}
            try:
                self.slack.call("chat.update", channel=channel, ts=ts, **where, **content(self.words.gone(case)))
            except SlackRefused as refused:
                if refused.error in PASSING:
                    raise
            card = self._left(card, place)
        return card

    def _left(self, card: Card, place: str) -> Card:
        def without(known: Card) -> Card:
            return replace(known, left=tuple(one for one in known.left if one != place))

        return deciding(lambda: self._changed(card, without))

    def refreshed(self, card: Card, case: Case, *, calm: bool) -> Card:
        """Show the case as it is now. When two workers cross, the one that lost shows it again: nothing old stays.

        ``calm`` news wait a few seconds for more of them. Raises SlackBusy then.
        """
        if card.shows >= case.seq:
            return card
        if calm and card.shows and card.edited_at and card.edited_at <= self.now < card.edited_at + DEBOUNCE:
            raise SlackBusy(card.edited_at + DEBOUNCE - self.now)
        for _ in range(ATTEMPTS):
            shown = replace(card, shows=case.seq, edited_at=self.now)
            try:
                self._edit(card, case)
                self.store.commit(shown)
            except SlackRefused as refused:
                return self._refused(refused, card, case)
            except Conflict:
                card, case = self._doubted(card), self.store.case(case.brand, case.id) or case
            else:
                return shown.written
        raise Later(PAUSE, "the card is being changed by others")

    def _edit(self, card: Card, case: Case) -> None:
        posting = self.words.card(case, card.name)
        self.slack.call("chat.update", channel=card.slack_channel, ts=card.ts, **content(posting))

    def _refused(self, refused: SlackRefused, card: Card, case: Case) -> Card:
        if refused.error in GONE:
            return self.again(case, card)
        if refused.error != FIXED:
            raise refused
        self.meter.count(f"slack_{about(FIXED)}_refused")
        self.once.post(case, f"fixed-{card.name}", card.slack_channel, cards.fixed(case, card.name), card.ts)
        return card

    def _doubted(self, card: Card) -> Card:
        """Our update may have covered a newer one: recorded first, so that a crash now does not leave it so."""
        return deciding(lambda: self._changed(card, lambda known: replace(known, shows=0)))

    def _changed(self, card: Card, change: Callable[[Card], Card]) -> Card:
        after = change(self.store.card(card.brand, card.case_id) or card)
        self.store.commit(after)
        return after.written


def _after(known: Card | None, new: Card, before: Card | None) -> Card:
    """The record of a card that has just been put up. If another one was put up meanwhile, ours is one too many."""
    if known is None:
        return new
    begun = tuple(one for one in known.begun if one != new.name)
    if known.moves != new.moves - 1:
        return replace(known, left=(*known.left, new.place), begun=begun)
    left = (*known.left, before.place) if before else known.left
    return replace(new, left=left, begun=begun, version=known.version)


def _without(name: str, place: str, known: Card) -> Card:
    """The record once it is known what came of a card that was begun: that it stands there, or nothing."""
    if name not in known.begun:
        return known
    stands = place and place not in (known.place, *known.left)
    left = (*known.left, place) if stands else known.left
    return replace(known, left=left, begun=tuple(one for one in known.begun if one != name))
