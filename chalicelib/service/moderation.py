"""What agents asked to be done to a message is done on its network, and the case learns how it ended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.channels.base import Channel
from chalicelib.domain import lifecycle
from chalicelib.domain.commands import Act
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import ENDED, Action, ActionState, Outcome
from chalicelib.domain.reply import Failed, Unclear
from chalicelib.domain.reply import Later as TryLater
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.delivery import LEASE, TIMEOUT, UNREACHABLE_PAUSE
from chalicelib.service.merged import followed
from chalicelib.service.ports import Http, Meter, NoAnswer, NotSent, Row, Store, Vault
from chalicelib.service.writing import deciding

_FACTS = {ActionState.DONE: Fact.ACT_DONE, ActionState.FAILED: Fact.ACT_FAILED}
_NEWS = {Act.HIDE: Kind.HIDDEN, Act.DELETE: Kind.DELETE}


@dataclass(frozen=True, slots=True)
class Moderation:
    """Carries acts out. ``clock`` is asked again after every wait for a network."""

    store: Store
    config: Config
    channel: Callable[[str], Channel]
    vault: Vault
    http: Http
    meter: Meter
    clock: Callable[[], datetime]

    def carry_out(self, brand: str, action_id: str) -> ActionState | None:
        """Bring one act to its end. Raises Later when it has to wait; what ended stays as it ended."""
        action = self.store.action(brand, action_id)
        if action is None or action.state in ENDED:
            return action.state if action else None
        now = self.clock()
        wait = _wait(action, now)
        if wait > timedelta():
            raise Later(wait, "not yet")
        claimed = self._claimed(action, now)
        outcome = self._attempt(claimed)
        ended = deciding(lambda: self._recorded(claimed, outcome))
        self.meter.count("acts", act=action.act.value, state=ended.state.value, channel=action.channel)
        if ended.state not in ENDED:
            raise Later((ended.not_before or now) - now, "the network gave no final answer")
        return ended.state

    def _claimed(self, action: Action, now: datetime) -> Action:
        claimed = action.claimed(now)
        try:
            self.store.commit(claimed)
        except Conflict as conflict:
            raise Later(timedelta(seconds=1), "another worker claimed this act") from conflict
        return replace(claimed, version=claimed.version + 1)

    def _attempt(self, action: Action) -> Outcome:
        message = self.store.message(action.brand, action.message_id)
        if message is None or message.native_id is None or message.erased_at is not None:
            return Failed("gone", "the message was erased meanwhile")
        channel = self.channel(action.channel)
        credentials = self.vault.hook(action.channel, action.account)
        if credentials is None or credentials.token is None:
            return Failed("not_connected")
        request = channel.act(action.act, message.native_id, credentials)
        if request is None:
            return Failed("not_allowed")
        try:
            return channel.act_outcome(action.act, self.http.send(request, TIMEOUT))
        except NotSent:
            return TryLater(UNREACHABLE_PAUSE, "unreachable")
        except NoAnswer as error:
            return Unclear(str(error))

    def _recorded(self, claimed: Action, outcome: Outcome) -> Action:
        """A worker that was slow, and was overtaken by another, changes nothing any more."""
        known = self.store.action(claimed.brand, claimed.id)
        if known is None or known.version != claimed.version:
            return known or claimed
        now = self.clock()
        ended = known.ended(outcome, now)
        rows: list[Row] = [ended]
        if ended.state in ENDED:
            rows += self._told(ended, now)
        self.store.commit(*rows)
        return ended

    def _told(self, action: Action, now: datetime) -> list[Row]:
        """The message as it is now, and the case that knows it."""
        message = self.store.message(action.brand, action.message_id)
        case = followed(self.store, self.store.case(action.brand, action.case_id))
        rows: list[Row] = []
        if message is not None:
            rows.append(self._after(message, action, now))
        if case is not None:
            data = {"action_id": action.id, "message_id": action.message_id, "act": action.act.value}
            data |= {"reason": action.failure} if action.failure else {}
            happening = Happening(_FACTS[action.state], now, lifecycle.SYSTEM, data)
            after, timeline = lifecycle.recorded(case, case, [happening], now)
            rows += [after, *timeline]
        return rows

    def _after(self, message: Message, action: Action, now: datetime) -> Message:
        after = replace(message, acting=None if message.acting == action.id else message.acting)
        if action.state is not ActionState.DONE:
            return after
        if action.act is Act.UNHIDE:
            return replace(after, hidden=False)
        if action.act not in _NEWS:
            return after
        news = Event(_NEWS[action.act], message.channel, of=message.native_id, at=now)
        return after.heard(news, now, self.config.brands[action.brand].evidence)


def _wait(action: Action, now: datetime) -> timedelta:
    """How long it is not our turn: not yet, or another worker is at it."""
    if action.state is ActionState.SENDING:
        return (action.claimed_at or now) + LEASE - now
    return (action.not_before or now) - now
