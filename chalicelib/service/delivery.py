"""A queued reply goes out, at most once. Whatever is not proven is looked up, or left for a person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.channels.base import Channel, Credentials
from chalicelib.domain import ids
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.reply import Failed, Outcome, Outgoing, Reply, ReplyState, Sent, Unclear
from chalicelib.domain.reply import Later as TryLater
from chalicelib.service import sent
from chalicelib.service.files import FileStore
from chalicelib.service.ports import Http, Meter, NoAnswer, NotSent, Store, Vault
from chalicelib.service.uploads import handed_over
from chalicelib.service.writing import deciding

TIMEOUT = timedelta(seconds=10)
LEASE = timedelta(seconds=60)
"""A claim older than this belongs to a worker that died; it must outlast the timeout of a send."""
UNREACHABLE_PAUSE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends replies. ``clock`` is asked again after every wait for a network."""

    store: Store
    channel: Callable[[str], Channel]
    vault: Vault
    http: Http
    meter: Meter
    clock: Callable[[], datetime]
    config: sent.GetConfig
    files: FileStore

    def deliver(self, brand: str, reply_id: str) -> ReplyState | None:
        """Bring one reply as far as it can be brought now. Raises Later when another worker is at it."""
        reply = self.store.reply(brand, reply_id)
        if reply is None or reply.state in (ReplyState.HELD, ReplyState.SENT, ReplyState.FAILED):
            return reply.state if reply else None
        if reply.state is ReplyState.SENDING:
            return self._abandoned(reply)
        if reply.state is ReplyState.UNKNOWN:
            return self._look(reply)
        return self._send(reply)

    def _abandoned(self, reply: Reply) -> ReplyState:
        """Claimed before: by a worker that is still at it, or by one that died between sending and recording."""
        now = self.clock()
        left = (reply.claimed_at or now) + LEASE - now
        if left > timedelta():
            raise Later(left, "another worker is sending this reply")
        return self._look(self._end(reply, Unclear("the sender stopped before it could record the answer")))

    def _send(self, reply: Reply) -> ReplyState:
        now = self.clock()
        if reply.not_before and reply.not_before > now:
            raise Later(reply.not_before - now, "not yet")
        channel = self.channel(reply.channel)
        credentials = self.vault.hook(reply.channel, reply.account)
        refusal = _forbidden(channel, reply, credentials, now)
        media = refusal or handed_over(reply, channel, credentials or Credentials(), self.files, self.http)
        claimed = reply.claimed(self.clock())
        try:
            self.store.commit(claimed)
        except Conflict as conflict:
            raise Later(timedelta(seconds=1), "another worker claimed this reply") from conflict
        claimed = replace(claimed, version=claimed.version + 1)
        attempt = partial(self._attempt, channel, claimed, credentials or Credentials())
        outcome = attempt(media) if isinstance(media, str) else media
        ended = self._end(claimed, outcome)
        return self._look(ended) if ended.state is ReplyState.UNKNOWN else ended.state

    def _attempt(self, channel: Channel, reply: Reply, credentials: Credentials, media: str) -> Outcome:
        outgoing = replace(self._outgoing(reply), media=media)
        try:
            response = self.http.send(channel.render(outgoing, credentials), TIMEOUT)
        except NotSent:
            return TryLater(UNREACHABLE_PAUSE, "unreachable")
        except NoAnswer as error:
            return Unclear(str(error))
        return channel.outcome(reply.outgoing, response)

    def _outgoing(self, reply: Reply) -> Outgoing:
        return replace(reply.outgoing, link=self.files.link(reply.file.key)) if reply.file else reply.outgoing

    def _end(self, reply: Reply, outcome: Outcome) -> Reply:
        self.meter.count("replies", state=outcome.state.value, channel=reply.channel)
        return deciding(lambda: self._recorded(reply, outcome))

    def _recorded(self, reply: Reply, outcome: Outcome) -> Reply:
        """An echo may have settled it meanwhile; then that stands."""
        now_known = self.store.reply(reply.brand, reply.id) or reply
        if now_known.state is ReplyState.SENT:
            return now_known
        return sent.end(self.store, self.config, now_known, outcome, self.clock())

    def _look(self, reply: Reply) -> ReplyState:
        """Read back whether a reply of unknown fate was posted. Not finding it proves nothing."""
        if reply.state is not ReplyState.UNKNOWN:
            return reply.state
        native_id = self._read_back(reply)
        if native_id is None or self._others(reply, native_id):
            self.meter.count("replies_unknown")
            return reply.state
        return self._end(reply, Sent(native_id)).state

    def _read_back(self, reply: Reply) -> str | None:
        """The network's id of the post, if it lets us look and the post is there."""
        channel = self.channel(reply.channel)
        credentials = self.vault.hook(reply.channel, reply.account) or Credentials()
        request = channel.lookup(self._outgoing(reply), credentials)
        try:
            return channel.found(reply.outgoing, self.http.send(request, TIMEOUT)) if request else None
        except (NotSent, NoAnswer):
            return None

    def _others(self, reply: Reply, native_id: str) -> bool:
        """Whether what was found is another reply of ours in the same words, which proves nothing of this one."""
        known = self.store.message(reply.brand, ids.message_id(reply.brand, reply.account, native_id))
        return known is not None and known.reply_id not in (None, reply.id)


def _forbidden(channel: Channel, reply: Reply, credentials: Credentials | None, now: datetime) -> Failed | None:
    """Why sending is pointless, if it is."""
    if credentials is None or (credentials.token is None and not credentials.secrets):
        return Failed("not_connected", f"no credentials for {reply.channel}/{reply.account}")
    window = channel.window(reply.mode, credentials.options)
    if window is not None and reply.last_inbound_at is not None and now - reply.last_inbound_at > window:
        return Failed("outside_window")
    if reply.file and reply.file.mime not in channel.takes(reply.mode):
        return Failed("not_taken")
    if channel.length(reply.outgoing) > channel.limit(reply.outgoing).size:
        return Failed("too_long")
    return None
