"""Those who are to be told are told: once however often it is asked, and in a storm once for all of it.

The row that says a notice was seen and the bundle it went into are one write, so a repeat counts nothing twice. What is
told in Slack is looked up before it is told again; what leaves by SNS carries its name for those who compare.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import bundling
from chalicelib.domain.bundling import Bundle, Gathered
from chalicelib.domain.card import Post
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.escalation import Way
from chalicelib.domain.instants import iso
from chalicelib.domain.notices import Notice, Page, notice, stale
from chalicelib.domain.oncall import on_call
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.bundles import ALOUD, taken_in
from chalicelib.service.ports import Meter, NoAnswer, NotSent, Pager, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.slack_once import FREE, LEASE, Once, Owner
from chalicelib.service.writing import deciding
from chalicelib.slack import notices as words
from chalicelib.slack.blocks import Posting

SILENCED, PAGED = "silenced", "paged"
"""What stands in place of a ts when nothing was posted in Slack."""
OUTSIDE = frozenset({Way.EMAIL, Way.SMS, Way.WEBHOOK})
REFUSED_PAUSE = timedelta(minutes=5)
UNREACHABLE_PAUSE = timedelta(seconds=15)
_GONE = frozenset({"message_not_found", "thread_not_found"})


@contextmanager
def offered_again(meter: Meter) -> Iterator[None]:
    """What Slack answers, as when to offer the work again."""
    try:
        yield
    except SlackBusy as busy:
        raise Later(busy.after, "Slack asks to wait") from busy
    except NotSent as error:
        raise Later(UNREACHABLE_PAUSE, "Slack cannot be reached") from error
    except NoAnswer as error:
        raise Later(LEASE, "Slack did not answer; what it did is looked up then") from error
    except SlackRefused as refused:
        meter.count("slack_refused", error=refused.error)
        raise Later(REFUSED_PAUSE, str(refused)) from refused


@dataclass(frozen=True, slots=True)
class Told:
    """Whose post it is, for posts that are no case's."""

    brand: str
    id: str


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
        told = notice(event)
        case = self.store.case(event.brand, event.case_id) if told else None
        if told is None or case is None:
            return
        post = self.store.post(told.brand, told.case_id, told.name)
        if post is None:
            post = self._taken_in(told, case)
        if post.ts is None:
            with offered_again(self.meter):
                self._call(told, case, post)

    def _taken_in(self, told: Notice, case: Case) -> Post:
        """Alone, into a bundle, or not at all any more."""
        seen = Post(told.brand, told.case_id, told.name, FREE)
        if stale(told, case):
            return self._silenced(seen)
        way, target = self._reached(told)
        seen = taken_in(self.store, seen, (told.queue, way, target), told.due_at, self.now)
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

    def _call(self, told: Notice, case: Case, post: Post) -> None:
        way, target = self._reached(told)
        if way in OUTSIDE:
            self._page(told, case, way, target)
            self.store.commit(replace(post, ts=PAGED))
            return
        place = self._place(told.queue, way, target)
        posting = words.calling(case, told, place, self.now)
        if way in (Way.ASSIGNEE, Way.ON_CALL):
            self._whisper(case, told.name, target, posting, place.channel)
        else:
            self._shout(case, told.name, place.channel, posting)

    def _page(self, told: Notice, case: Case, way: Way, target: str) -> None:
        due = f"; due {iso(told.due_at)}" if told.due_at else ""
        team = self._place(told.queue, way, target).name
        text = f"Case {case.id} in {team} waits and nobody has followed yet{due}."
        page = Page(f"{case.id}/{told.name}", told.brand, told.queue, way, target, f"{team}: escalated", text, (), 1)
        self.pager.page(replace(page, cases=(case.id,)))

    def _place(self, queue: str, way: str, target: str) -> words.Place:
        team = self.config.queues.get(queue)
        calls = f"<!subteam^{target}>" if way == Way.USER_GROUP else ""
        return words.Place(team.name, team.slack, calls) if team else words.Place(queue, "", calls)

    @property
    def once(self) -> Once:
        return Once(self.store, self.slack, self.now)

    def _whisper(self, owner: Owner, name: str, user: str, posting: Posting, channel: str) -> None:
        """A direct message. Its history is not ours to read, so one of unknown fate is sent again: better twice.

        Whom Slack does not let us reach leaves it to their team.
        """
        known = self.store.post(owner.brand, owner.id, name)
        if known is not None and not known.ts and known.claimed_at != FREE and self.now - known.claimed_at >= LEASE:
            self.store.commit(replace(known, claimed_at=FREE))
        try:
            self.once.post(owner, name, user, posting)
        except SlackRefused as refused:
            self.meter.count("slack_refused", error=refused.error)
            self.once.post(owner, name, channel, posting)

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

    def flush(self, bundle: Bundle) -> None:
        """Tell what was gathered, in one message. Raises Later or Conflict; the next sweep tries again."""
        closed = bundling.closed(bundle, self.now) if bundle.ripe(self.now) else bundle
        if closed.closing is None:
            return
        if closed != bundle:
            self.store.commit(closed)
        with offered_again(self.meter):
            self._sum_up(closed, closed.closing)
        deciding(lambda: self._told(closed))

    def _told(self, bundle: Bundle) -> None:
        """What was gathered meanwhile stays. Somebody else may have told it first."""
        now = self.store.bundle(bundle.brand, bundle.queue, bundle.way, bundle.target)
        if now is not None and now.closing == bundle.closing:
            self.store.commit(bundling.told(now))
            self.meter.count("notices_bundled", now.closing.count if now.closing else 0, way=now.way)

    def _sum_up(self, bundle: Bundle, gathered: Gathered) -> None:
        place = self._place(bundle.queue, bundle.way, bundle.target)
        name = f"{bundle.name}@{iso(gathered.since)}"
        if bundle.way in OUTSIDE:
            due = f"; the oldest was due {iso(gathered.due_at)}" if gathered.due_at else ""
            text = f"{gathered.count} more cases in {place.name} escalated{due}."
            about = (bundle.brand, bundle.queue, bundle.way, bundle.target)
            self.pager.page(Page(name, *about, f"{place.name}: escalated", text, gathered.cases, gathered.count))
            return
        found = [self.store.case(bundle.brand, case_id) for case_id in gathered.cases]
        cases = [case for case in found if case is not None and case.live]
        what = "promises in danger or broken" if bundle.way == ALOUD else "cases escalated"
        posting = words.summary((bundle.brand, name), what, gathered, cases, place, self.now)
        owner = Told(bundle.brand, words.BUNDLE)
        if bundle.way in (Way.ASSIGNEE, Way.ON_CALL):
            self._whisper(owner, name, bundle.target, posting, place.channel)
        else:
            self.once.post(owner, name, place.channel, posting)
