"""Those who are to be told are told: once however often it is asked, and in a storm once for all of it.

The row that says a notice was seen and the bundle it went into are one write, so a repeat counts nothing twice. What is
told in Slack is looked up before it is told again; what leaves by SNS carries its name for those who compare.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import notices
from chalicelib.domain.card import FREE, Post
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict
from chalicelib.domain.escalation import OUTSIDE, Way
from chalicelib.domain.notices import Notice, Page
from chalicelib.domain.oncall import on_call
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.bundles import taken_in
from chalicelib.service.paging import Paging
from chalicelib.service.ports import Meter, Pager, SlackApi, SlackRefused, Store
from chalicelib.service.slack_once import LEASE, Once, Owner
from chalicelib.service.slack_outage import offered_again
from chalicelib.slack import notices as words
from chalicelib.slack.blocks import Posting

SILENCED = "silenced"
"""What stands in place of a ts when nothing was posted in Slack."""
_GONE = frozenset({"message_not_found", "thread_not_found"})


@dataclass(frozen=True, slots=True)
class Herald:
    store: Store
    slack: SlackApi
    pager: Pager
    config: Config
    meter: Meter
    now: datetime

    def tell(self, event: TimelineEvent) -> None:
        """Tell what an event asks for, if it asks for anything. Raises Later when it must be offered again."""
        queue = self.config.queues.get(event.queue)
        asked = list(notices.notices(event, queue.alerts if queue else ()))
        case = self.store.case(event.brand, event.case_id) if asked else None
        for told in asked if case else ():
            assert case is not None
            self._tell(told, case)

    def _tell(self, told: Notice, case: Case) -> None:
        post = self.store.post(told.brand, told.case_id, told.name)
        if post is None:
            post = self._taken_in(told, case)
        elif post.ts is None and self._needless(told, case, post):
            post = self._silenced(post)
        if post.ts is None:
            with offered_again(self.meter):
                self._call(told, case)

    def _needless(self, told: Notice, case: Case, post: Post) -> bool:
        """Who acted while it could not leave is left in peace. What may stand in Slack is looked for all the same."""
        return (post.claimed_at == FREE or told.way in OUTSIDE) and notices.over(case, told.what, told.at)

    def _taken_in(self, told: Notice, case: Case) -> Post:
        """Alone, into a bundle, or not at all any more."""
        seen = Post(told.brand, told.case_id, told.name, FREE)
        if notices.over(case, told.what, told.at):
            return self._silenced(seen)
        way, target = self._reached(told)
        seen = taken_in(self.store, seen, (told.queue, way, target, told.what), told.due_at, self.now)
        self.meter.count("notices_gathered" if seen.ts else "notices_told", way=way)
        return seen

    def _silenced(self, seen: Post) -> Post:
        silenced = replace(seen, ts=SILENCED)
        with suppress(Conflict):
            self.store.commit(silenced)
        return silenced

    def _reached(self, told: Notice) -> tuple[Way, str]:
        """By which way to whom, now: the person on call, or their team where a person cannot be reached in Slack."""
        who: str | None = told.target
        if told.way is Way.ON_CALL:
            rotation = self.config.rotations.get(told.target)
            who = on_call(rotation, self.now).who if rotation else None
        elif told.way is not Way.ASSIGNEE:
            return told.way, told.target
        agent = self.config.agents.get(who or "")
        reachable = agent is not None and agent.slack and told.brand in agent.brands
        return (told.way, agent.slack) if agent and agent.slack and reachable else (Way.TEAM, "")

    def _call(self, told: Notice, case: Case) -> None:
        way, target = self._reached(told)
        place = self.place(told.queue, [(way, target)])
        if way in OUTSIDE:
            subject, text = f"{place.name}: {notices.HEADS[told.what]}", notices.sentence(told, place.name)
            about = (f"{case.id}/{told.name}", told.brand, told.queue, way, target)
            self.paging.page(case, told.name, Page(*about, subject, text, (case.id,), 1))
            return
        posting = words.calling(case, told, place, self.now)
        if way in (Way.ASSIGNEE, Way.ON_CALL):
            self.whisper(case, told.name, target, posting, place.channel)
        else:
            self._shout(case, told.name, place.channel, posting)

    def place(self, queue: str, told: Sequence[tuple[str, str]]) -> words.Place:
        team = self.config.queues.get(queue)
        calls = " ".join(f"<!subteam^{target}>" for way, target in told if way == Way.USER_GROUP)
        return words.Place(team.name, team.slack, calls) if team else words.Place(queue, "", calls)

    @property
    def once(self) -> Once:
        return Once(self.store, self.slack, self.now)

    @property
    def paging(self) -> Paging:
        return Paging(self.store, self.pager, self.now)

    def whisper(
        self, owner: Owner, name: str, user: str, posting: Posting, channel: str, about: Iterable[Case] = ()
    ) -> None:
        """A direct message. Its history is not ours to read, so one of unknown fate is sent again: better twice.

        Whom Slack does not let us reach leaves it to their team.
        """
        known = self.store.post(owner.brand, owner.id, name)
        if known is not None and not known.ts and known.claimed_at != FREE and self.now - known.claimed_at >= LEASE:
            self.store.commit(replace(known, claimed_at=FREE))
        try:
            self.once.post(owner, name, user, posting, about=about)
        except SlackRefused as refused:
            self.meter.count("slack_refused", error=refused.error)
            self.once.post(owner, name, channel, posting, about=about)

    def _shout(self, case: Case, name: str, channel: str, posting: Posting) -> None:
        """In the thread of the case, seen in the channel too; without a card in the channel alone."""
        card = self.store.card(case.brand, case.id)
        if card is not None and card.slack_channel == channel:
            try:
                self.once.post(case, name, channel, words.loud(posting), card.ts)
                return
            except SlackRefused as refused:
                if refused.error not in _GONE:
                    raise
        self.once.post(case, name, channel, posting)
