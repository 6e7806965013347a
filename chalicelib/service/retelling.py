"""A message its author took back is not to be read in Slack any more: the lines that quoted it are told anew."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.card import Card, Post
from chalicelib.domain.case import Case
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.backlog import AGAIN, Backlog
from chalicelib.service.desk_words import Words
from chalicelib.service.ports import SlackApi, SlackRefused, Store
from chalicelib.service.slack_once import content
from chalicelib.service.takedown import Takedown
from chalicelib.service.writing import deciding
from chalicelib.slack import lines
from chalicelib.slack.blocks import Posting

QUOTING = frozenset({Fact.MESSAGE_RECEIVED, Fact.MESSAGE_EDITED})
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"})


@dataclass(frozen=True, slots=True)
class Retelling:
    store: Store
    slack: SlackApi
    words: Words
    backlog: Backlog

    def __call__(self, event: TimelineEvent, case: Case) -> None:
        """Tell again whatever quoted the message this event is about. Raises what the port raises.

        After a merge older lines stand below the card of the case in which it was told then.
        """
        message = self.store.message(event.brand, str(event.data.get("message_id")))
        self._in_thread(event, case)
        first = self.store.case(event.brand, message.case_id) if message and message.case_id else None
        if first is not None and first.id != case.id:
            self._in_thread(event, first)
            self._card(first)

    def _card(self, case: Case) -> None:
        """The card of a case that was merged is not refreshed by itself."""
        card = self.store.card(case.brand, case.id)
        if card is not None:
            self._update(card.slack_channel, card.ts, self.words.card(case, card.name))

    def _in_thread(self, event: TimelineEvent, case: Case) -> None:
        """Each post is remembered as told anew: were it all done again after every wait, many would never be."""
        rows = self.store.belongings(case.brand, case.id)
        mark = f"{event.case_id}/{event.seq}"
        posts = {row.name: row for row in rows if isinstance(row, Post) and row.stands}
        card = next((row for row in rows if isinstance(row, Card)), None)
        quoting = [row for row in rows if isinstance(row, TimelineEvent) and _quotes(row, event)]
        for name, posting in [told for one in quoting for told in self._told(one, case, posts)]:
            channel = posts[name].slack_channel or (card.slack_channel if card else None)
            if channel is not None and mark not in posts[name].retold:
                self._update(channel, str(posts[name].ts), posting)
                self._remember(posts[name], mark)
        takedown = Takedown(self.store, lambda: self.slack, lambda: None, self.words.now)
        for post in _histories(quoting, posts.values()):
            if mark not in post.retold and takedown.all([post], rows):
                self._remember(post, mark)

    def _remember(self, post: Post, mark: str) -> None:
        def remembered() -> None:
            known = self.store.post(post.brand, post.case_id, post.name)
            if known is not None:
                self.store.commit(replace(known, retold=(*known.retold, mark)))

        deciding(remembered)

    def _told(self, event: TimelineEvent, case: Case, posts: Collection[str]) -> Iterator[tuple[str, Posting]]:
        """The posts that tell an event, and what they say from now on."""
        line, page = self.words.line(event, case), self.backlog.again(event, case, posts)
        if line is not None and lines.name(event) in posts:
            yield lines.name(event), line
        if page is not None:
            yield page

    def _update(self, channel: str, ts: str, posting: Posting) -> None:
        try:
            self.slack.call("chat.update", channel=channel, ts=ts, **content(posting))
        except SlackRefused as refused:
            if refused.error not in GONE:
                raise


def _quotes(event: TimelineEvent, deleted: TimelineEvent) -> bool:
    return event.fact in QUOTING and event.data.get("message_id") == deleted.data.get("message_id")


def _histories(quoting: Iterable[TimelineEvent], posts: Iterable[Post]) -> Iterator[Post]:
    """What was told once more where the card came to. It is not known of which events; the lines themselves stay."""
    since = min((event.at for event in quoting), default=None)
    for post in posts:
        if since is not None and post.name.startswith(f"{AGAIN}-") and post.claimed_at >= since:
            yield post
