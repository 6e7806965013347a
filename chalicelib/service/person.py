"""Everything of one person, wherever it stands: in their own cases, and in those into which these were merged.

Whose a row is, the row says itself: after a merge one case holds the words of several people. What colleagues write
there from then on may mean any of them, and is nobody's alone.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.audit import seal
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.errors import NotFound
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.privacy import GONE, NOBODY, named_ids
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.merged import FURTHEST
from chalicelib.service.ports import Belonging, Store


def contact(store: Store, brand: str, contact_id: str) -> Contact:
    """Raises NotFound."""
    found, _ = store.contact(brand, contact_id)
    if found is None:
        raise NotFound("There is no such contact in this brand.")
    return found


def cases(store: Store, person: Contact, until: datetime | None = None) -> Iterator[Case]:
    """Their own cases, or those that began by then, and the cases in which these go on; each once."""
    seen: set[str] = set()
    for number in range(1, person.cases + 1):
        wanted: str | None = ids.case_id(person.id, number)
        for _ in range(FURTHEST):
            case = store.case(person.brand, wanted) if wanted and wanted not in seen else None
            if case is None or (until and case.contact_id == person.id and case.opened_at > until):
                break
            seen.add(case.id)
            yield case
            wanted = case.merged_into


@dataclass(frozen=True, slots=True)
class Share:
    """What of one case is one person's. ``alone``: nobody else has a part in the case.

    ``joint`` are notes that may mean others as well, and so may the free words of events from ``since`` on. ``events``
    tell of them; their numbers are ``seqs``. ``tags`` are those that the case had of this person alone.
    """

    alone: bool
    own: bool
    since: int
    events: tuple[TimelineEvent, ...]
    seqs: frozenset[int]
    messages: tuple[Message, ...]
    joint: tuple[Message, ...]
    replies: tuple[Reply, ...]
    actions: tuple[Action, ...]
    conversations: tuple[Conversation, ...]
    tags: tuple[str, ...]

    def words(self, event: TimelineEvent) -> bool:
        """Whether what colleagues wrote into an event of the case may be about this person."""
        return self.own or event.seq >= self.since or event.seq in self.seqs


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is stored of one case, and whose it is."""

    case: Case
    belongings: tuple[Belonging, ...]
    messages: tuple[Message, ...]
    replies: tuple[Reply, ...]
    actions: tuple[Action, ...]
    conversations: tuple[Conversation, ...]

    @property
    def events(self) -> tuple[TimelineEvent, ...]:
        return tuple(row for row in self.belongings if isinstance(row, TimelineEvent))

    def people(self) -> set[str]:
        """Those of whom something is left in it."""
        speaking = [one for one in self.messages if one.erased_at is None and one.direction is not Direction.NOTE]
        talks = [one.contact_id for one in self.conversations if one.native_id != GONE]
        named = [self.case.contact_id] if self.case.contact_name != NOBODY else []
        owners = self._owners()
        return {*talks, *named, *(self._owner(one, owners) for one in speaking)}

    def share(self, person: str, led: Collection[str] = ()) -> Share:
        """``led`` are the ids of the cases that led here: what came with those, came with this person."""
        owners = self._owners()
        said = [one for one in self.messages if one.direction is not Direction.NOTE]
        messages = [one for one in said if self._owner(one, owners) == person]
        replies = [one for one in self.replies if self._owner(one, owners) == person]
        conversations = [one for one in self.conversations if one.contact_id == person]
        theirs = {one.id for one in messages}
        actions = [one for one in self.actions if one.message_id in theirs]
        since, alone = self._joined(), self.people() <= {person}
        own = self.case.contact_id == person
        notes, joint = self._notes(person, since, alone=alone)
        rows: list[Any] = [*messages, *notes, *replies, *actions, *conversations]
        named = {row.id for row in rows}
        events = self.events if alone else tuple(one for one in self.events if named & set(_named(one)))
        return Share(
            alone=alone,
            own=own,
            since=since,
            events=events,
            seqs=frozenset(one.seq for one in events),
            messages=(*messages, *notes),
            joint=joint,
            replies=tuple(replies),
            actions=tuple(actions),
            conversations=tuple(conversations),
            tags=tuple(self._tags(person, since, led)) if not alone else self.case.tags,
        )

    def _tags(self, person: str, since: int, led: Collection[str]) -> Iterator[str]:
        """Tags of the time before others came, or that came with this person. The trail may hold them by their hash."""
        told = [one for one in self.events if "tags" in one.changed]
        own = [one for one in told if one.seq < since and self.case.contact_id == person][-1:]
        joining = [one for one in told if one.data.get("from") in led]
        for tag in self.case.tags:
            if any(_gives(one, tag) for one in own) or any(_brings(one, tag) for one in joining):
                yield tag

    def _notes(self, person: str, since: int, *, alone: bool) -> tuple[list[Message], tuple[Message, ...]]:
        """The notes that are about this person, and those that may be."""
        notes = [one for one in self.messages if one.direction is Direction.NOTE]
        later = {one.data.get("message_id") for one in self.events if one.seq >= since} if not alone else set()
        own = [one for one in notes if one.id not in later and one.contact_id == person]
        return own, tuple(one for one in notes if one.id in later)

    def _owners(self) -> dict[str, str]:
        return {one.id: one.contact_id for one in self.conversations}

    def _owner(self, row: Message | Reply, owners: dict[str, str]) -> str:
        said = row.contact_id if isinstance(row, Message) else None
        return said or owners.get(row.conversation_id or "", self.case.contact_id)

    def _joined(self) -> int:
        """From which event on somebody else is in it; 0 where it cannot be told."""
        merges = (one for one in self.events if one.fact is Fact.CASE_MERGED)
        return next((one.seq for one in merges if self._of_others(str(one.data.get("from", "")))), 0)

    def _of_others(self, case_id: str) -> bool:
        return bool(case_id) and not case_id.startswith(f"{self.case.contact_id}-")


def _gives(event: TimelineEvent, tag: str) -> bool:
    return _among(event, tag, event.changed["tags"][1])


def _brings(event: TimelineEvent, tag: str) -> bool:
    return _gives(event, tag) and not _among(event, tag, event.changed["tags"][0])


def _among(event: TimelineEvent, tag: str, tags: list[str] | None) -> bool:
    sealed = [seal(event.case_id, event.seq, "tags", one) for one in (tag, *(tags or ()))]
    return sealed[0] in sealed[1:]


def contents(store: Store, case: Case) -> Contents:
    brand = case.brand
    rows = store.belongings(brand, case.id)
    events = [row for row in rows if isinstance(row, TimelineEvent)]
    replies = store.several(Reply, brand, _each(named_ids(events, "reply_id"), case.open_replies))
    sent = (ids.message_id(brand, one.account, one.native_id) for one in replies.values() if one.native_id)
    messages = store.several(Message, brand, _each(named_ids(events, "message_id"), _latest(case), sent))
    spoken = [one.conversation_id for one in messages.values() if one.conversation_id]
    spoken += [one.conversation_id for one in replies.values()]
    talks = _each(named_ids(events, "conversation_id"), case.threads, spoken)
    return Contents(
        case=case,
        belongings=tuple(rows),
        messages=tuple(messages.values()),
        replies=tuple(replies.values()),
        actions=tuple(store.several(Action, brand, named_ids(events, "action_id")).values()),
        conversations=tuple(store.several(Conversation, brand, talks).values()),
    )


def _each(*groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for group in groups for one in group))


def _latest(case: Case) -> list[str]:
    told = [case.last_message_id, *(thread.last_message_id for thread in case.threads.values())]
    return [one for one in told if one]


def _named(event: TimelineEvent) -> list[str]:
    """The ids of rows an event speaks of."""
    return [value for name, value in event.data.items() if name.endswith("_id") and isinstance(value, str)]
