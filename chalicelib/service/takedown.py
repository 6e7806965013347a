"""What stands in Slack of somebody who is erased is deleted there, line by line, however often it takes."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.card import Card, Post
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.backlog import AGAIN
from chalicelib.service.person import Contents, Share
from chalicelib.service.ports import Belonging, SlackApi, SlackRefused, Store
from chalicelib.service.slack_once import Once
from chalicelib.slack import digest, lines
from chalicelib.slack.blocks import Posting, metadata

TAKEN = "taken down"
"""What stands in place of a ts once the post is gone, so that nobody posts it again."""
GONE = "message_not_found"
NAMING = frozenset({Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED})
"""Lines that say to whom something was promised: to the one whose case it is. So do notices."""
HOPELESS = frozenset(
    {
        GONE,
        "cant_delete_message",
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "thread_not_found",
        "compliance_exports_prevent_deletion",
    }
)
"""What asking again would not change: only people can delete it. Any other refusal is mended, and then asked again."""


@dataclass(frozen=True, slots=True)
class Takedown:
    """``slack`` is None where there is no Slack; it is asked for only when something stands there.

    ``tick`` is called before each call, and may raise to end the run.
    """

    store: Store
    slack: Callable[[], SlackApi | None]
    tick: Callable[[], None]
    now: datetime

    def all(self, posts: Iterable[Post], belongings: Iterable[Belonging]) -> int:
        """Delete these posts; returns how many only people can delete. Raises what the port raises."""
        card = next((row for row in belongings if isinstance(row, Card)), None)
        return sum(not self._down(post, card) for post in posts)

    def _down(self, post: Post, card: Card | None) -> bool:
        slack, channel = self.slack(), post.slack_channel or (card.slack_channel if card else None)
        if slack is None or channel is None:
            return False
        self.tick()
        try:
            if ts := post.ts or self._sought(slack, post, channel):
                slack.call("chat.delete", channel=channel, ts=ts)
        except SlackRefused as refused:
            if refused.error not in HOPELESS:
                raise
            if refused.error != GONE or post.slack_channel is None:
                return False
        self.store.commit(replace(post, ts=TAKEN))
        return True

    def _sought(self, slack: SlackApi, post: Post, channel: str) -> str | None:
        """Where one stands that was begun and never recorded, if it does."""
        sign = Posting("", (), metadata(post.brand, post.case_id, post.name))
        return Once(self.store, slack, self.now).sought(post, channel, sign)


def posts(found: Contents, share: Share, belongings: Iterable[Belonging]) -> Iterator[Post]:
    """What may speak of this person, among what belongs to the case now. The card itself shows the case as it is."""
    standing = [row for row in belongings if isinstance(row, Post) and (row.stands or _may_stand(row))]
    card = next((row.ts for row in belongings if isinstance(row, Card)), None)
    spared = frozenset[str]() if share.alone else _spared(found, share, {row.name for row in standing})
    yield from (row for row in standing if (row.ts is None or row.ts != card) and row.name not in spared)


def _may_stand(post: Post) -> bool:
    """Mails and calls are claimed for no channel. A card the desk looks for, and then it shows the case as it is."""
    return post.unsettled and bool(post.slack_channel) and not post.is_card


def _spared(found: Contents, share: Share, standing: set[str]) -> set[str]:
    """Lines of a shared case that tell of others; where it is not this person's, all that names whose it is."""
    theirs = _telling(share.events, standing) | {lines.note_name(note.id) for note in share.joint}
    others = [event for event in found.events if event.fact not in NAMING]
    told = _telling(others, standing) if share.own else standing
    return told - theirs


def _telling(events: Collection[TimelineEvent], standing: Iterable[str]) -> set[str]:
    """Lines, and what tells several of them at once."""
    together = {
        name
        for name in standing
        if name.startswith(f"{AGAIN}-") or any(digest.tells(name, event.seq) for event in events)
    }
    return {lines.name(event) for event in events} | (together if events else set())
