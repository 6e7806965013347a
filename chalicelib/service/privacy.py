"""Everything about one person: taken out, kept from deletion, or erased in every store and kept erased.

An erasure is noted outside the table first, then the contact becomes a tombstone, then row after row loses what is
personal. Each step may be done again, so a crash anywhere is mended by doing it all again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from chalicelib.domain import audit, ids, lifecycle, privacy
from chalicelib.domain.card import Card, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.draft import Draft
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.message import Message
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import (
    Belonging,
    Meter,
    NoAnswer,
    NotSent,
    Shelf,
    SlackApi,
    SlackBusy,
    SlackRefused,
    Store,
)
from chalicelib.service.writing import deciding

OPEN = "erasures/open"
DONE = "erasures/done"
RAW = ("inbound", "unknown", "stranger")
BATCH = 100


class Held(Refusal):
    """The person's data is under legal hold."""

    def __init__(self) -> None:
        super().__init__("This person's data is under legal hold. Release the hold first.")


def contact(store: Store, brand: str, contact_id: str) -> Contact:
    """The contact, or who they turned out to be. Raises NotFound."""
    found, _ = store.contact(brand, contact_id)
    if found is not None and found.same_as is not None:
        found, _ = store.contact(brand, found.same_as)
    if found is None:
        raise NotFound("There is no such contact in this brand.")
    return found


def cases(store: Store, person: Contact) -> Iterator[Case]:
    for number in range(1, person.cases + 1):
        case = store.case(person.brand, ids.case_id(person.id, number))
        if case is not None:
            yield case


def request(shelf: Shelf, erasure: Erasure) -> None:
    """Note that it must happen. Asked twice it is one request; one that was carried out stays so."""
    if requested(shelf, erasure.code) is None:
        shelf.keep(OPEN, erasure.code, json.dumps(privacy.as_data(erasure)).encode())


def requested(shelf: Shelf, code: str) -> Erasure | None:
    """The request behind a confirmation code, whether it was carried out or not."""
    body = shelf.find(f"{DONE}/{code}.json") or shelf.find(f"{OPEN}/{code}.json")
    return privacy.load_erasure(json.loads(body)) if body else None


@dataclass(slots=True)
class Erased:
    """What was erased, counted. ``left`` are lines in Slack that could not be deleted."""

    cases: int = 0
    messages: int = 0
    replies: int = 0
    conversations: int = 0
    drafts: int = 0
    objects: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Eraser:
    """Carries out erasures. Without Slack the lines that stand there are counted as left."""

    store: Store
    shelf: Shelf
    slack: SlackApi | None
    meter: Meter
    now: datetime
    erased: Erased = field(default_factory=Erased)

    def work(self) -> int:
        """Carry out what was asked for; returns how many requests are still open, because of a hold."""
        held = 0
        for key in list(self.shelf.names(OPEN)):
            body = self.shelf.find(key)
            try:
                if body is not None:
                    self.carry_out(privacy.load_erasure(json.loads(body)))
            except Held:
                held += 1
        self.meter.count("erasures_held", held)
        return held

    def again(self) -> int:
        """Carry out all that was ever carried out: after a restore, what was erased is there again."""
        done = list(self.shelf.names(DONE))
        for key in done:
            body = self.shelf.find(key)
            if body is not None:
                self.carry_out(privacy.load_erasure(json.loads(body)))
        return len(done)

    def carry_out(self, erasure: Erasure) -> Erased:
        """Erase the people of one request. Raises Held before anything is touched."""
        people = list(self._people(erasure))
        if any(person.held_at for person in people):
            raise Held
        request(self.shelf, erasure)
        for person in people:
            marked = deciding(partial(self._marked, person, erasure))
            for case in cases(self.store, marked):
                self._case(case, erasure)
        self._raw(erasure, people)
        for person in people:
            deciding(partial(self._settled, person, erasure))
        done = replace(erasure, done_at=erasure.done_at or self.now)
        self.shelf.keep(DONE, erasure.code, json.dumps(privacy.as_data(done)).encode())
        self.shelf.drop(f"{OPEN}/{erasure.code}.json")
        self.meter.count("erasures_done")
        return self.erased

    def _people(self, erasure: Erasure) -> Iterator[Contact]:
        """Those named, and whoever they turned out to be. One that an old backup does not know is marked, too."""
        for contact_id in erasure.contacts:
            found, _ = self.store.contact(erasure.brand, contact_id)
            yield found or privacy.tombstone(None, contact_id, erasure)
            if found is not None and found.same_as is not None:
                other, _ = self.store.contact(erasure.brand, found.same_as)
                yield other or privacy.tombstone(None, found.same_as, erasure)

    def _marked(self, person: Contact, erasure: Erasure) -> Contact:
        known, _ = self.store.contact(person.brand, person.id)
        if known is not None and known.erased_at is not None and known.erased_at >= erasure.at and not known.erasing:
            return known
        marked = privacy.tombstone(known, person.id, erasure)
        if marked != known:
            self.store.commit(marked)
        return marked

    def _settled(self, person: Contact, erasure: Erasure) -> None:
        known, _ = self.store.contact(person.brand, person.id)
        if known is not None and known.erasing == erasure.code:
            self.store.commit(replace(known, erasing=None))

    def _case(self, case: Case, erasure: Erasure) -> None:
        if case.erased_at is None and case.opened_at <= erasure.at:
            deciding(partial(self._emptied, case.brand, case.id, erasure))

    def _emptied(self, brand: str, case_id: str, erasure: Erasure) -> None:
        """Read first, closed last: what is written to the case meanwhile makes the closing fail, and it starts anew."""
        case = self.store.case(brand, case_id)
        if case is None or case.erased_at is not None:
            return
        rows = self.store.belongings(brand, case_id)
        events = [row for row in rows if isinstance(row, TimelineEvent)]
        for reply_id in {*privacy.named_ids(events, "reply_id"), *case.open_replies}:
            self._reply(brand, reply_id)
        self._messages(brand, {*privacy.named_ids(events, "message_id"), *_latest(case)})
        for conversation_id in {*privacy.named_ids(events, "conversation_id"), *case.threads}:
            self._conversation(brand, conversation_id)
        self._leavings(rows)
        after, happened = privacy.erased_case(case, self.now, erasure.by, erasure.code)
        after, timeline = lifecycle.recorded(case, after, happened, self.now)
        self.store.commit(after, *timeline)
        self.erased.cases += 1

    def _reply(self, brand: str, reply_id: str) -> None:
        """Its message first: only the reply knows under which id the network has it."""
        reply = self.store.reply(brand, reply_id)
        if reply is not None and reply.native_id is not None:
            self._messages(brand, {ids.message_id(brand, reply.account, reply.native_id)})
        deciding(partial(self._reply_emptied, brand, reply_id))

    def _reply_emptied(self, brand: str, reply_id: str) -> None:
        reply = self.store.reply(brand, reply_id)
        if reply is not None and reply.text != privacy.GONE:
            self.store.commit(privacy.erased_reply(reply, self.now))
            self.erased.replies += 1

    def _messages(self, brand: str, message_ids: set[str]) -> None:
        wanted = sorted(message_ids)
        for start in range(0, len(wanted), BATCH):
            for message in self.store.messages(brand, wanted[start : start + BATCH]).values():
                deciding(partial(self._message, message))

    def _message(self, message: Message) -> None:
        known = self.store.message(message.brand, message.id)
        if known is not None and known.erased_at is None:
            self.store.commit(privacy.erased_message(known, self.now))
            self.erased.messages += 1

    def _conversation(self, brand: str, conversation_id: str) -> None:
        known = self.store.conversation(brand, conversation_id)
        if known is not None and known.native_id != privacy.GONE:
            self.store.commit(privacy.erased_conversation(known))
            self.erased.conversations += 1

    def _leavings(self, rows: Sequence[Belonging]) -> None:
        """Words of agents that were not sent, and the lines below the card; the card itself follows the case."""
        card = next((row for row in rows if isinstance(row, Card)), None)
        for row in rows:
            if isinstance(row, Draft) and row.text:
                self.store.commit(privacy.erased_draft(row, self.now))
                self.erased.drafts += 1
            if isinstance(row, TimelineEvent) and audit.sealed(row) != row:
                self.store.commit(audit.sealed(row))
            if isinstance(row, Post) and row.ts and card is not None and row.ts != card.ts:
                self.erased.left += not self._deleted(row.slack_channel or card.slack_channel, row.ts)

    def _deleted(self, channel: str, ts: str) -> bool:
        """Best effort: what an archived channel or a colleague's own message refuses is left to people."""
        if self.slack is None:
            return False
        try:
            self.slack.call("chat.delete", channel=channel, ts=ts)
        except SlackRefused as refused:
            return refused.error == "message_not_found"
        except (SlackBusy, NotSent, NoAnswer):
            return False
        return True

    def _raw(self, erasure: Erasure, people: Sequence[Contact]) -> None:
        """Bytes that wait in the archive and name one of them: few are there, as they are not kept for long."""
        contacts = [person.id for person in people]
        channels = {identity.channel for person in people for identity in person.identities}
        for prefix in RAW:
            for key in list(self.shelf.names(prefix)):
                body = self.shelf.find(key)
                if body is not None and _speaks(body, erasure.brand, channels, contacts):
                    self.shelf.drop(key)
                    self.erased.objects += 1


def _latest(case: Case) -> set[str]:
    told = [case.last_message_id, *(thread.last_message_id for thread in case.threads.values())]
    return {one for one in told if one}


def _speaks(body: bytes, brand: str, channels: set[str], contacts: list[str]) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return any(privacy.speaks_of(told, brand, channel, contacts) for channel in channels)
