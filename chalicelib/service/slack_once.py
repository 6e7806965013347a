"""Slack has no idempotency key, so a post is claimed before it is made and looked for before it is made again."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from chalicelib.domain.card import FREE, Post
from chalicelib.domain.errors import Conflict, Later
from chalicelib.service.ports import NotSent, Row, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.writing import deciding
from chalicelib.slack.blocks import Posting

LEASE = timedelta(seconds=60)
"""A claim older than this belongs to a worker that died; it must outlast any call to Slack."""
RETRY = timedelta(seconds=2)
FRESH = timedelta(seconds=5)
SKEW = timedelta(seconds=10)
"""How far Slack's clock and ours may be apart: both are set by the network, so seconds are generous."""
NO_THREAD = "thread_not_found"
"""Slack's word for a thread whose root is gone with all below it."""
PAGE = 200
TOGETHER = 50
"""Mentions that are noted in one write."""
Rows = Callable[[str, str, bool], Iterable[Row]]
"""What to record with a post, from its channel, its ts and whether it was made just now. Asked again when a row has
moved on."""


class Owner(Protocol):
    """Whose posts they are: a case, or whatever else has an id."""

    @property
    def brand(self) -> str: ...

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Once:
    """Posts under a name, once per case. Raises Later while another worker is at it.

    ``new`` is for work that nobody has begun before: the claim itself then finds out whether that is so. ``ahead`` is
    asked before a claim whether it is a post's turn in a channel. A claim says for which channel and thread it was
    made: there its post is looked for, wherever it would go by now.
    """

    store: Store
    slack: SlackApi
    now: datetime
    new: bool = False
    ahead: Callable[[str], None] = field(default=lambda channel: None)

    def post(
        self,
        case: Owner,
        name: str,
        channel: str,
        posting: Posting,
        thread_ts: str | None = None,
        rows: Rows | None = None,
        about: Iterable[Owner] = (),
    ) -> None:
        """Make the post if it was not made yet, and record it together with ``rows``. Raises what the port raises.

        ``about`` are cases it speaks of although it is not theirs: with each it is noted where.
        """
        claim = self._first(case, name, channel, thread_ts) if self.new else None
        known = claim or self.store.post(case.brand, case.id, name)
        if known is not None and known.ts:
            return
        asked = (known and known.slack_channel) or channel
        ts = self.sought(known, asked, posting) if known and not claim else None
        if claim is None:
            fresh = known or Post(case.brand, case.id, name, FREE)
            claim = known if known and ts else self._claimed(fresh, channel, thread_ts)
        made, where = (ts, asked) if ts else self._posted(claim, channel, posting, thread_ts)
        self._note([Post(one.brand, one.id, f"in-{name}", self.now, made, where) for one in about])
        stands = asked if ts else channel
        done = replace(claim, ts=made, slack_channel=where)
        self._record(done, lambda: rows(stands, made, ts is None) if rows else ())

    def found(self, case: Owner, name: str, posting: Posting) -> Post | None:
        """One that may have been posted, if it was: with its ts, and where it stands. Raises what :meth:`post` does."""
        post = self.store.post(case.brand, case.id, name)
        if post is None or post.ts:
            return post
        ts = self.sought(post, post.slack_channel or "", posting)
        return replace(post, ts=ts) if ts else None

    def _note(self, mentions: list[Post]) -> None:
        """Before the post itself is recorded, so that a crash between the two cannot lose them."""
        for start in range(0, len(mentions), TOGETHER):
            with suppress(Conflict):
                self.store.commit(*mentions[start : start + TOGETHER])

    def _record(self, post: Post, rows: Callable[[], Iterable[Row]]) -> None:
        try:
            deciding(lambda: self.store.commit(post, *rows()))
        except Conflict as conflict:
            raise Later(RETRY, "another worker posts this in Slack") from conflict

    def _first(self, case: Owner, name: str, channel: str, thread_ts: str | None) -> Post | None:
        """The claim; None when there is one already."""
        self.ahead(channel)
        claim = Post(case.brand, case.id, name, self.now, slack_channel=channel, thread_ts=thread_ts)
        try:
            self.store.commit(claim)
        except Conflict:
            return None
        return replace(claim, version=claim.version + 1)

    def _claimed(self, post: Post, channel: str, thread_ts: str | None) -> Post:
        self.ahead(channel)
        claim = replace(post, claimed_at=self.now, slack_channel=channel, thread_ts=thread_ts)
        try:
            self.store.commit(claim)
        except Conflict as conflict:
            raise Later(RETRY, "another worker posts this in Slack") from conflict
        return replace(claim, version=claim.version + 1)

    def _posted(self, claim: Post, channel: str, posting: Posting, thread_ts: str | None) -> tuple[str, str]:
        """The ts, and the channel as Slack calls it."""
        try:
            answer = self.slack.call("chat.postMessage", **_message(channel, posting, thread_ts))
        except (SlackBusy, SlackRefused, NotSent):
            with suppress(Conflict):
                self.store.commit(replace(claim, claimed_at=FREE))
            raise
        return str(answer["ts"]), str(answer.get("channel") or channel)

    def sought(self, post: Post, channel: str, posting: Posting) -> str | None:
        """The ts under which Slack has a post whose answer never arrived. Raises Later while it may still arrive."""
        if post.claimed_at == FREE:
            return None
        age = self.now - post.claimed_at
        if age < LEASE:
            raise Later(RETRY if age < FRESH else LEASE - age, "another worker posts this in Slack")
        since, until = post.claimed_at - SKEW, post.claimed_at + LEASE + SKEW
        span = {"oldest": f"{since.timestamp():.6f}", "latest": f"{until.timestamp():.6f}", "limit": PAGE}
        method, where = _place(channel, post.thread_ts)
        told = self._told(method, {**where, **span, "include_all_metadata": True})
        try:
            return next((str(one["ts"]) for one in told if _is(one, posting)), None)
        except SlackRefused as refused:
            if refused.error == NO_THREAD:
                return None
            raise

    def _told(self, method: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every message of that time, page by page: much may have been said since in a busy channel."""
        cursor: str | None = ""
        while cursor is not None:
            answer = self.slack.call(method, **arguments, **({"cursor": cursor} if cursor else {}))
            yield from answer.get("messages", ())
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None


def _place(channel: str, thread_ts: str | None) -> tuple[str, dict[str, Any]]:
    """How to look where a post may stand."""
    if thread_ts:
        return "conversations.replies", {"channel": channel, "ts": thread_ts}
    return "conversations.history", {"channel": channel}


def content(posting: Posting) -> dict[str, Any]:
    """What a message shows; as ``chat.update`` takes it."""
    return {"text": posting.text, "blocks": list(posting.blocks), "metadata": posting.metadata}


def _message(channel: str, posting: Posting, thread_ts: str | None) -> dict[str, Any]:
    thread = {"thread_ts": thread_ts, "reply_broadcast": posting.broadcast} if thread_ts else {}
    return {"channel": channel, **content(posting), **thread, "unfurl_links": False, "unfurl_media": False}


def _is(message: dict[str, Any], posting: Posting) -> bool:
    told = message.get("metadata") or {}
    return all(told.get(key) == value for key, value in posting.metadata.items())
