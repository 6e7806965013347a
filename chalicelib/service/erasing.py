"""One case forgets one person. Each step may be done again, so that a run that breaks off is followed by one that ends.

Rows first, then what stands in Slack, then the case says that it was done, and Slack is looked through again for what
was told meanwhile; last the free words of colleagues: so no word is ever missing from the audit trail without the event
that says why.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.domain import audit, lifecycle, privacy
from chalicelib.domain.card import Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.privacy import GONE, Erasure
from chalicelib.domain.reply import Reply, enclosed
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.person import Contents, Share, cases, contents
from chalicelib.service.ports import Row, Store
from chalicelib.service.slack_once import LEASE
from chalicelib.service.takedown import Takedown, posts
from chalicelib.service.writing import deciding

BATCH = 25
"""Rows that are emptied in one write."""
Emptied = Message | Reply | Action | Conversation | Draft
TOLD = frozenset({Fact.CASE_ERASED, Fact.CONTACT_ERASED})


class Busy(Exception):
    """The desk posts something of the case at this very moment; what it is can be deleted only after."""


@dataclass(slots=True)
class Erased:
    """What was erased, counted. ``left`` are lines in Slack that only people can delete."""

    cases: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``tick`` is called before each write, and may raise to end the run."""

    store: Store
    takedown: Takedown
    drop: Callable[[str], None]
    tick: Callable[[], None]
    now: datetime
    erased: Erased = field(default_factory=Erased)

    def everywhere(self, person: Contact, erasure: Erasure) -> None:
        """Take the person out of every case. What is written to one meanwhile makes that one start anew."""
        led: list[str] = []
        for case in cases(self.store, person, erasure.at):
            deciding(partial(self._case, case.id, person.id, tuple(led), erasure))
            led.append(case.id)

    def _case(self, case_id: str, person: str, led: Sequence[str], erasure: Erasure) -> None:
        case = self.store.case(erasure.brand, case_id)
        if case is None:
            return
        found = contents(self.store, case)
        share = found.share(person, led)
        self._rows(found, share)
        left = self._lines(found, share)
        if _told(found.events, person, erasure.code) is None and case.erased_at is None:
            self._close(case, share, person, erasure)
            left = self._lines(found, share)
        self._words(found, share, person, erasure)
        self.erased.left += left

    def _rows(self, found: Contents, share: Share) -> None:
        """Words, names, files and the network's ids go from every row that is theirs."""
        for key in (one.key for reply in share.replies for one in enclosed(reply)):
            self.drop(key)
        emptied: list[Emptied] = [
            *(privacy.erased_message(one, self.now) for one in (*share.messages, *share.joint) if not one.erased_at),
            *(privacy.erased_reply(one, self.now) for one in share.replies if one.text != GONE),
            *(privacy.erased_action(one) for one in share.actions if one.reason),
            *(privacy.erased_conversation(one) for one in share.conversations if one.native_id != GONE),
            *(privacy.erased_draft(row, self.now) for row in found.belongings if isinstance(row, Draft) and row.text),
        ]
        for start in range(0, len(emptied), BATCH):
            self._written(emptied[start : start + BATCH])

    def _written(self, rows: Sequence[Emptied]) -> None:
        self.tick()
        self.store.commit(*rows)
        self.erased.rows.update(type(row).__name__ for row in rows)

    def _lines(self, found: Contents, share: Share) -> int:
        """Posts are looked for only now: what the desk tells from here on has no words any more."""
        now = self.store.belongings(found.case.brand, found.case.id)
        if any(isinstance(row, Post) and row.begun(self.now, LEASE) for row in now):
            raise Busy
        return self.takedown.all(posts(found, share, now), now)

    def _close(self, case: Case, share: Share, person: str, erasure: Erasure) -> None:
        """Nobody is left in it: closed and about nobody. Else the others go on, and it says that one was erased."""
        self.tick()
        fact = Fact.CASE_ERASED if share.alone else Fact.CONTACT_ERASED
        gone = [*(one.id for one in share.conversations), *(one.id for one in share.replies)]
        pared = privacy.pared_case(case, gone, share.tags, own=share.own)
        after = privacy.erased_case(case, self.now) if share.alone else pared
        told = Happening(fact, self.now, erasure.by, {"code": erasure.code, "contact": person})
        after, timeline = lifecycle.recorded(case, after, [told], self.now)
        self.store.commit(after, *timeline)
        self.erased.cases += share.alone

    def left_behind(self, brand: str, case_id: str) -> None:
        """The history of a case that is over by its age may outlive it."""
        self._sealed([row for row in self.store.belongings(brand, case_id) if isinstance(row, TimelineEvent)])

    def _words(self, found: Contents, share: Share, person: str, erasure: Erasure) -> None:
        """Up to the event that says why: what colleagues do with the case afterwards is about nobody who is gone."""
        now = self.store.belongings(found.case.brand, found.case.id)
        events = [row for row in now if isinstance(row, TimelineEvent)]
        why = _told(events, person, erasure.code)
        self._sealed([one for one in events if share.words(one) and (why is None or one.seq <= why)])

    def _sealed(self, events: Sequence[TimelineEvent]) -> None:
        """What colleagues wrote into events is replaced by its hash, which is what the chain holds."""
        bare: list[Row] = [sealed for event in events if (sealed := audit.sealed(event)) != event]
        for start in range(0, len(bare), BATCH):
            self.tick()
            self.store.commit(*bare[start : start + BATCH])


def _told(events: Iterable[TimelineEvent], person: str, code: str) -> int | None:
    """The seq of the event that says so, if there is one."""
    said = (one for one in events if one.fact in TOLD)
    return next((one.seq for one in said if (one.data.get("code"), one.data.get("contact")) == (code, person)), None)
