"""Erasure: everything of one person goes from every store, and nothing brings it back.

An erasure is noted outside the table first, then the contact becomes a tombstone, then case after case forgets them.
Each step may be done again, so whatever breaks off is mended by the next run, which soon is where the last one was.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain import ids, privacy
from chalicelib.domain.contact import Contact
from chalicelib.domain.errors import Refusal
from chalicelib.domain.logbook import Entry
from chalicelib.domain.message import Message
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.timeline import Fact
from chalicelib.service import logbook, raw
from chalicelib.service.erasing import Busy, Erased, Forgetting
from chalicelib.service.person import cases
from chalicelib.service.ports import Meter, NoAnswer, NotSent, Shelf, SlackApi, SlackBusy, Store
from chalicelib.service.takedown import Takedown
from chalicelib.service.writing import deciding

OPEN = "erasures/open"
DONE = "erasures/done"
LATE = timedelta(hours=24)
"""What is open for longer wants a person, unless a legal hold keeps it."""


class Held(Refusal):
    """The person's data is under legal hold."""

    def __init__(self) -> None:
        super().__init__("This person's data is under legal hold. Release the hold first.")


class OutOfTime(Exception):
    """This run has to end; the next one goes on."""


NOT_YET = (OutOfTime, Busy, SlackBusy, NotSent, NoAnswer)
"""Nothing is wrong; the next run goes on."""


def request(shelf: Shelf, erasure: Erasure) -> None:
    """Note that it must happen. Asked twice it is one request; one that was carried out stays so."""
    if requested(shelf, erasure.code) is None:
        _keep(shelf, OPEN, erasure)


def requested(shelf: Shelf, code: str) -> Erasure | None:
    """The request behind a confirmation code, whether it was carried out or not."""
    return _read(shelf, f"{DONE}/{code}.json") or _read(shelf, f"{OPEN}/{code}.json")


def requests(shelf: Shelf, where: str) -> list[Erasure]:
    """Those that are open or done, oldest first."""
    found = (_read(shelf, key) for key in list(shelf.names(where)))
    return sorted((one for one in found if one), key=lambda one: (one.at, one.code))


def _read(shelf: Shelf, key: str) -> Erasure | None:
    body = shelf.find(key)
    return privacy.load_erasure(json.loads(body)) if body else None


def _keep(shelf: Shelf, where: str, erasure: Erasure) -> None:
    shelf.keep(where, erasure.code, json.dumps(privacy.as_data(erasure)).encode())


def mark(store: Store, erasure: Erasure) -> list[Contact]:
    """Make tombstones of them: from now on nothing from before is taken, and what they write begins a new case.

    Somebody whom an old backup does not know is marked, too.
    """
    return [deciding(partial(_marked, store, one, erasure)) for one in erasure.contacts]


def _marked(store: Store, contact_id: str, erasure: Erasure) -> Contact:
    known, _ = store.contact(erasure.brand, contact_id)
    if known is not None and known.erased_at is not None and known.erased_at >= erasure.at and not known.erasing:
        return known
    marked = privacy.tombstone(known, contact_id, erasure)
    if marked != known:
        store.commit(marked)
    return marked


def held(store: Store, erasure: Erasure) -> bool:
    """Whether a legal hold keeps one of these people, or a case that they share with somebody."""
    found = [store.contact(erasure.brand, one)[0] for one in erasure.contacts]
    known = [one for one in found if one]
    return any(one.held_at for one in known) or any(case.held_at for one in known for case in cases(store, one))


@dataclass(slots=True)
class Outcome:
    """What became of several requests, by their codes: ``held`` by a legal hold, ``waiting`` for time, for Slack, or
    for their second run.
    """

    done: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def tried(self, codes: Sequence[str], work: Callable[..., object]) -> bool:
        """Whether the work that these requests want was done."""
        try:
            work()
        except Held:
            self.held += codes
        except NOT_YET:
            self.waiting += codes
        except Exception as error:  # one erasure must not keep the others waiting
            self.failures.append(error)
        else:
            return True
        return False


@dataclass(frozen=True, slots=True)
class Eraser:
    """Carries out erasures, until ``ends`` if that is given. ``slack`` gives None where there is no Slack."""

    store: Store
    shelf: Shelf
    slack: Callable[[], SlackApi | None]
    meter: Meter
    clock: Callable[[], datetime]
    ends: datetime | None = None

    def work(self) -> Outcome:
        """Carry out what was asked for. One that fails does not keep the others waiting.

        Nothing is done in its first run: a worker may have read a name just before it went, and tell it just after.
        """
        wanted = requests(self.shelf, OPEN)
        outcome = self._each(wanted, {one.code for one in wanted if one.looked is not None})
        over = {*outcome.done, *outcome.held}
        late = [one for one in wanted if one.code not in over and self.clock() - one.at > LATE]
        self.meter.count("erasures_held", len(outcome.held))
        self.meter.count("erasures_late", len(late))
        return outcome

    def again(self) -> Outcome:
        """Carry out all that was ever carried out: after a restore, what was erased is there again."""
        wanted = requests(self.shelf, DONE)
        return self._each(wanted, {one.code for one in wanted})

    def carry_out(self, erasure: Erasure) -> Erased:
        """Erase the people of one request. Raises Held before anything is touched."""
        self._tick()
        if held(self.store, erasure):
            raise Held
        request(self.shelf, erasure)
        erased = Erased()
        erased.objects = self._finish([self._forget(erasure, erased)])
        return erased

    def _each(self, wanted: Sequence[Erasure], ending: Collection[str]) -> Outcome:
        """``ending`` are the codes of those that may be done with this run."""
        outcome, forgotten = Outcome(), list[Erasure]()
        for erasure in wanted:
            outcome.tried([erasure.code], lambda one=erasure: forgotten.append(self._forget(one, Erased())))
        outcome.waiting += [one.code for one in forgotten if one.code not in ending]
        ended = [one for one in forgotten if one.code in ending]
        codes = [one.code for one in ended]
        if outcome.tried(codes, partial(self._finish, ended)):
            outcome.done += codes
        return outcome

    def _tick(self) -> None:
        if self.ends is not None and self.clock() >= self.ends:
            raise OutOfTime

    def _forget(self, erasure: Erasure, erased: Erased) -> Erasure:
        """Every row of theirs; returns the request as one of which only the archive is still to be looked through."""
        self._tick()
        if erasure.looked and erasure.done_at is None:
            return erasure
        if held(self.store, erasure):
            raise Held
        takedown = Takedown(self.store, self.slack, self._tick, self.clock())
        forgetting = Forgetting(self.store, takedown, self.shelf.drop, self._tick, self.clock(), erased)
        for person in mark(self.store, erasure):
            forgetting.everywhere(person, erasure)
            self._left_behind(person, forgetting)
        forgotten = replace(erasure, looked="", left=erased.left)
        if erasure.done_at is None:
            _keep(self.shelf, OPEN, forgotten)
        return forgotten

    def _left_behind(self, person: Contact, forgetting: Forgetting) -> None:
        """Histories of cases that are over by their age, and edits of messages that never came."""
        for number in range(1, person.cases + 1):
            case_id = ids.case_id(person.id, number)
            if self.store.case(person.brand, case_id) is None:
                forgetting.left_behind(person.brand, case_id)
        for stub in self.store.several(Message, person.brand, person.stubs).values():
            if stub.direction is None and stub.erased_at is None:
                self.store.commit(privacy.erased_message(stub, self.clock()))

    def _finish(self, forgotten: Sequence[Erasure]) -> int:
        """Look once through the archive for all of them, then note that they are done; returns the objects deleted."""
        fresh = [erasure for erasure in forgotten if erasure.done_at is None]
        wanted = [self._wanted(one) for one in fresh]
        objects = self._raw(fresh, wanted) if fresh else 0
        for erasure in forgotten:
            for contact_id in erasure.contacts:
                deciding(partial(self._settled, contact_id, erasure))
        for erasure, who in zip(fresh, wanted, strict=True):
            if who.channels:
                self._enter(erasure)
            _keep(self.shelf, DONE, replace(erasure, done_at=self.clock()))
            self.shelf.drop(f"{OPEN}/{erasure.code}.json")
            self.meter.count("erasures_done")
        return objects

    def _enter(self, erasure: Erasure) -> None:
        """Into the logbook."""
        told = {"code": erasure.code, "contacts": list(erasure.contacts), "reason": erasure.reason}
        told |= {"caller": erasure.caller} if erasure.caller else {}
        entry = Entry(Fact.PERSON_ERASED, erasure.by, {**told, "left": erasure.left})
        logbook.enter(self.store, erasure.brand, entry, self.clock())
        logbook.forget(self.store, erasure.brand, erasure.contacts)

    def _raw(self, fresh: Sequence[Erasure], wanted: Sequence[raw.Wanted]) -> int:
        """When time runs out, the requests remember how far it came."""
        looked = min(one.looked or "" for one in fresh)

        def seen(key: str) -> None:
            nonlocal looked
            looked = key
            self._tick()

        try:
            return raw.drop(self.shelf, wanted, looked, seen)
        except OutOfTime:
            for one in fresh:
                _keep(self.shelf, OPEN, replace(one, looked=looked))
            raise

    def _wanted(self, erasure: Erasure) -> raw.Wanted:
        known = [self.store.contact(erasure.brand, one)[0] for one in erasure.contacts]
        channels = {identity.channel for person in known if person for identity in person.identities}
        return raw.Wanted(erasure.brand, frozenset(erasure.contacts), frozenset(channels))

    def _settled(self, contact_id: str, erasure: Erasure) -> None:
        known, _ = self.store.contact(erasure.brand, contact_id)
        if known is not None and known.erasing == erasure.code:
            self.store.commit(replace(known, erasing=None, stubs=()))
