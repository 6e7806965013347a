"""Slack has no idempotency key, so a post is claimed before it is made and looked for before it is made again."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from chalicelib.domain.card import Post
from chalicelib.domain.errors import Conflict, Later
from chalicelib.service.ports import NotSent, Row, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.slack.blocks import Posting

LEASE = timedelta(seconds=60)
"""A claim older than this belongs to a worker that died; it must outlast any call to Slack."""
RETRY = timedelta(seconds=2)
FRESH = timedelta(seconds=5)
SKEW = timedelta(seconds=30)
"""How far Slack's clock and ours may be apart."""
LOOKED_AT = 100
FREE = datetime.fromtimestamp(0, UTC)
"""The ``claimed_at`` of a claim given back: Slack had surely posted nothing."""

Rows = Callable[[str, bool], Iterable[Row]]
"""What to record with a post, from its ts and whether it was made just now."""


class Owner(Protocol):
    """Whose posts they are: a case, or whatever else has an id."""

    @property
    def brand(self) -> str: ...

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Once:
    """Posts under a name, once per case. Raises Later while another worker is at it."""

    store: Store
    slack: SlackApi
    now: datetime

    def post(
        self,
        case: Owner,
        name: str,
        channel: str,
        posting: Posting,
        thread_ts: str | None = None,
        rows: Rows | None = None,
    ) -> None:
        """Make the post if it was not made yet, and record it together with ``rows``. Raises what the port raises."""
        known = self.store.post(case.brand, case.id, name)
        if known is not None and known.ts:
            return
        ts = self._found(known, channel, posting, thread_ts) if known else None
        claim = known if known and ts else self._claimed(known or Post(case.brand, case.id, name, FREE))
        made = ts or self._posted(claim, channel, posting, thread_ts)
        with_it = rows(made, ts is None) if rows else ()
        self._commit(replace(claim, ts=made), *with_it)

    def forget(self, case: Owner, name: str, ts: str) -> None:
        """What was posted under this name and ts is gone from Slack: the next post is a first one."""
        known = self.store.post(case.brand, case.id, name)
        if known is not None and known.ts == ts:
            self._commit(replace(known, ts=None, claimed_at=FREE))

    def _commit(self, *rows: Row) -> None:
        try:
            self.store.commit(*rows)
        except Conflict as conflict:
            raise Later(RETRY, "another worker posts this in Slack") from conflict

    def _claimed(self, post: Post) -> Post:
        claim = replace(post, claimed_at=self.now)
        self._commit(claim)
        return replace(claim, version=claim.version + 1)

    def _posted(self, claim: Post, channel: str, posting: Posting, thread_ts: str | None) -> str:
        try:
            answer = self.slack.call("chat.postMessage", **_message(channel, posting, thread_ts))
        except (SlackBusy, SlackRefused, NotSent):
            with suppress(Conflict):
                self.store.commit(replace(claim, claimed_at=FREE))
            raise
        return str(answer["ts"])

    def _found(self, post: Post, channel: str, posting: Posting, thread_ts: str | None) -> str | None:
        """The ts under which Slack has a post whose answer never arrived. Raises Later while it may still arrive."""
        if post.claimed_at == FREE:
            return None
        age = self.now - post.claimed_at
        if age < LEASE:
            raise Later(RETRY if age < FRESH else LEASE - age, "another worker posts this in Slack")
        since, until = post.claimed_at - SKEW, post.claimed_at + LEASE + SKEW
        span = {"oldest": f"{since.timestamp():.6f}", "latest": f"{until.timestamp():.6f}", "limit": LOOKED_AT}
        where = {"channel": channel, **({"ts": thread_ts} if thread_ts else {})}
        method = "conversations.replies" if thread_ts else "conversations.history"
        answer = self.slack.call(method, **where, **span, include_all_metadata=True)
        return next((str(one["ts"]) for one in answer.get("messages", ()) if _is(one, posting)), None)


def content(posting: Posting) -> dict[str, Any]:
    """What a message shows; as ``chat.update`` takes it."""
    return {"text": posting.text, "blocks": list(posting.blocks), "metadata": posting.metadata}


def _message(channel: str, posting: Posting, thread_ts: str | None) -> dict[str, Any]:
    thread = {"thread_ts": thread_ts, "reply_broadcast": posting.broadcast} if thread_ts else {}
    return {"channel": channel, **content(posting), **thread, "unfurl_links": False, "unfurl_media": False}


def _is(message: dict[str, Any], posting: Posting) -> bool:
    told = message.get("metadata") or {}
    return all(told.get(key) == value for key, value in posting.metadata.items())
