"""The store on DynamoDB. Rows are read consistently; lists come from indexes that trail by milliseconds (see below)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, TypeVar, get_args

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.operand import Path

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.instants import instant, iso
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.retention import Keeping
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.service.ports import Belonging, Named, Row
from chalicelib.storage import indexes, layout, pages, tally
from chalicelib.storage.attributes import Image
from chalicelib.storage.codec import row_of
from chalicelib.storage.commit import EXPIRES, commit
from chalicelib.storage.connection import connect
from chalicelib.storage.indexes import Index
from chalicelib.storage.layout import Key
from chalicelib.storage.models import TimelineEventItem
from chalicelib.storage.walk import ALL, TABLE, Within, beginning, earlier, until, walk

R = TypeVar("R", bound=Row)

_BATCH = 100
_WAITING = 25
"""A page of what waits: mostly the first case will do."""
_PAGE = 500
_BELONGINGS: dict[str, type[Belonging]] = {kind.__name__: kind for kind in get_args(Belonging)}


class DynamoStore:
    """Keep one per process: it owns the connection, made from that botocore session or from one of its own.

    ``queue`` and ``assigned`` find keys in an index and then read the rows themselves: what they tell is true now, but
    a row written within the last milliseconds may be missing. ``pending`` and ``checkpoints`` tell what an index says.
    """

    def __init__(self, table: str, session: Any = None, keeping: Keeping | None = None) -> None:
        self.table = connect(table, session)
        self.keeping = keeping

    # -- rows -----------------------------------------------------------------------------------------------------

    def contact(self, brand: str, contact_id: str) -> tuple[Contact | None, Case | None]:
        """One query: downwards from CONTACT come the contact, unless it is over, and then its latest case."""
        key = layout.contact_key(brand, contact_id)
        images = islice(self._walk(key.pk, 2, until(key.sk), forward=False), 2)
        found = {image["sk"]["S"] == key.sk: image for image in reversed([*images])}
        return _maybe(Contact, found.get(True)), _maybe(Case, found.get(False))

    def case(self, brand: str, case_id: str) -> Case | None:
        key = layout.find_case_key(brand, case_id)
        return self._get(Case, key) if key else None

    def message(self, brand: str, message_id: str) -> Message | None:
        return self._get(Message, layout.message_key(brand, message_id))

    def messages(self, brand: str, message_ids: Sequence[str]) -> dict[str, Message]:
        return self.several(Message, brand, message_ids)

    def several(self, kind: type[Named], brand: str, row_ids: Iterable[str]) -> dict[str, Named]:
        keys = [layout.BY_ID[kind](brand, one) for one in row_ids]
        return {row.id: row for row in self._batch(kind, keys)}

    def reply(self, brand: str, reply_id: str) -> Reply | None:
        return self._get(Reply, layout.reply_key(brand, reply_id))

    def action(self, brand: str, action_id: str) -> Action | None:
        return self._get(Action, layout.action_key(brand, action_id))

    def conversation(self, brand: str, conversation_id: str) -> Conversation | None:
        return self._get(Conversation, layout.conversation_key(brand, conversation_id))

    def timeline(self, brand: str, case_id: str, limit: int = 50) -> list[TimelineEvent]:
        events = beginning(layout.EVENT_PREFIX)
        images = self._walk(layout.timeline_pk(brand, case_id), limit, events, forward=False)
        return [row_of(TimelineEvent, image) for image in islice(images, limit)][::-1]

    def event(self, brand: str, case_id: str, seq: int) -> TimelineEvent | None:
        return self._get(TimelineEvent, layout.event_key(brand, case_id, seq))

    def card(self, brand: str, case_id: str) -> Card | None:
        return self._get(Card, layout.card_key(brand, case_id))

    def post(self, brand: str, case_id: str, name: str) -> Post | None:
        return self._get(Post, layout.post_key(brand, case_id, name))

    def card_place(self, team: str, slack_channel: str, ts: str) -> CardPlace | None:
        return self._get(CardPlace, layout.card_place_key(team, slack_channel, ts))

    def door(self, team: str, name: str) -> Door | None:
        return self._get(Door, layout.door_key(team, name))

    def belongings(self, brand: str, case_id: str) -> list[Belonging]:
        images = self._walk(layout.timeline_pk(brand, case_id), _PAGE)
        return [row_of(_BELONGINGS[image["kind"]["S"]], image) for image in images]

    def draft(self, brand: str, case_id: str, agent: str, kind: str = "") -> Draft | None:
        return self._get(Draft, layout.draft_key(brand, case_id, agent, kind))

    def mark(self, team: str, name: str) -> Mark | None:
        return self._get(Mark, layout.mark_key(team, name))

    def marks(self, team: str, prefix: str) -> list[Mark]:
        named = beginning(f"{layout.MARK_PREFIX}{prefix}")
        return [row_of(Mark, one) for one in self._walk(layout.marks_pk(team), _BATCH, named)]

    def writers(self, brand: str, case_id: str) -> list[Writing]:
        mine = beginning(layout.WRITING_PREFIX)
        return [row_of(Writing, one) for one in self._walk(layout.timeline_pk(brand, case_id), _BATCH, mine)]

    def agent_state(self, brand: str, agent: str) -> AgentState | None:
        return self._get(AgentState, layout.agent_state_key(brand, agent))

    def agent_states(self, brand: str) -> list[AgentState]:
        agents = beginning(layout.AGENT_PREFIX)
        return [row_of(AgentState, one) for one in self._walk(layout.agents_pk(brand), _BATCH, agents)]

    def logbook(self, brand: str) -> Logbook | None:
        return self._get(Logbook, layout.logbook_key(brand))

    def bundle(self, brand: str, queue: str, way: str, target: str, what: str = "") -> Bundle | None:
        return self._get(Bundle, layout.bundle_key(brand, queue, way, target, what))

    # -- writing --------------------------------------------------------------------------------------------------

    def commit(self, *rows: Row) -> None:
        commit(self.table, rows, self.keeping)

    def delivered(self, event: TimelineEvent) -> None:
        owes = TimelineEventItem
        self._update(event, owes.pending.set(False), owes.pending_key.remove(), owes.pending_at.remove())

    def delivered_in_part(self, event: TimelineEvent, done: Sequence[str]) -> None:
        self._update(event, Path(TimelineEventItem.done).set(list(done)))

    def _update(self, event: TimelineEvent, *actions: Any) -> None:
        """Only while it owes something: what is over stays as it is, and what is not there stays away."""
        key = layout.key_of(event)
        try:
            self.table.update_item(key.pk, key.sk, actions=actions, condition=TimelineEventItem.pending == True)  # noqa: E712
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def broke(self, brand: str, queue: str, at: datetime, name: str) -> None:
        tally.add(self.table, brand, queue, at, name)

    # -- lists ----------------------------------------------------------------------------------------------------

    def pending(self, before: datetime) -> Iterator[tuple[str, str, int]]:
        images = self._indexed(indexes.BY_PENDING, indexes.PENDING_PARTITION, _BATCH, before)
        return (layout.event_at(_key(image)) for image in images)

    def checkpoints(self, before: datetime) -> Iterator[tuple[str, str, datetime]]:
        images = self._indexed(indexes.BY_CHECKPOINT, indexes.CHECKPOINT_PARTITION, _BATCH, before)
        return ((*layout.case_at(_key(image)), instant(image["checkpoint_at"]["S"])) for image in images)

    def queue(self, brand: str, queue: str, limit: int = 50) -> list[Case]:
        cases = self._cases(indexes.BY_QUEUE, indexes.queue_partition(brand, queue), limit)
        return [case for case in cases if case.live and case.queue == queue]

    def waiting(self, brand: str, queue: str, limit: int) -> Iterator[Case]:
        keys = map(_key, self._indexed(indexes.BY_WAITING, indexes.queue_partition(brand, queue), _WAITING))
        first = islice(keys, max(limit, 0))
        while some := list(islice(first, _WAITING)):
            found = (case for case in self._batch(Case, some) if case.waits and case.queue == queue)
            yield from sorted(found, key=lambda case: (indexes.waiting_at(case), case.id))

    def live(self, brand: str, queue: str, after: str, limit: int) -> tuple[list[Case], str]:
        images, onwards = pages.page(self.table, indexes.queue_partition(brand, queue), after, limit)
        cases = self._batch(Case, map(_key, images))
        return [case for case in cases if case.live and case.queue == queue], onwards

    def assigned(self, brand: str, agent: str, limit: int = 50) -> list[Case]:
        cases = self._cases(indexes.BY_AGENT, indexes.agent_partition(brand, agent), limit)
        return [case for case in cases if case.live and case.assignee == agent]

    def bundles(self, brand: str) -> list[Bundle]:
        images = self._walk(layout.bundles_pk(brand), _BATCH, beginning(layout.BUNDLE_PREFIX))
        return [row_of(Bundle, image) for image in images]

    def broken(self, brand: str, queue: str, until: datetime, within: timedelta, most: int) -> int:
        found = self._walk(tally.partition(brand, queue), most, tally.between(until, within))
        return sum(1 for _ in islice(found, most))

    # -- calls ----------------------------------------------------------------------------------------------------

    def kept(self, image: Image) -> bool:
        """Whether the item is not over; DynamoDB takes days to delete those that are."""
        return self.keeping is None or EXPIRES not in image or int(image[EXPIRES]["N"]) > self.keeping.now()

    def _get(self, kind: type[R], key: Key) -> R | None:
        image = self.table.get_item(key.pk, key.sk, consistent_read=True).get("Item")
        return _maybe(kind, image if image and self.kept(image) else None)

    def _batch(self, kind: type[R], keys: Iterable[Key]) -> Iterator[R]:
        """Rows by key, in no order. What DynamoDB leaves over is asked for again; it never leaves all of a batch."""
        wanted: list[Any] = [{"pk": key.pk, "sk": key.sk} for key in dict.fromkeys(keys)]
        while wanted:
            answer = self.table.batch_get_item(wanted[:_BATCH], consistent_read=True)
            images = answer["Responses"].get(self.table.table_name, ())
            yield from (row_of(kind, image) for image in images if self.kept(image))
            left = answer.get("UnprocessedKeys", {}).get(self.table.table_name, {}).get("Keys", [])
            wanted = wanted[_BATCH:] + left

    def _cases(self, index: Index, partition: str, limit: int) -> list[Case]:
        first = islice(self._indexed(index, partition, limit), max(limit, 0))
        cases = self._batch(Case, map(_key, first))
        return sorted(cases, key=lambda case: (indexes.due_key(case.due_at), case.id))

    def _indexed(self, index: Index, partition: str, page: int, before: datetime | None = None) -> Iterator[Image]:
        """The keys of an index partition in order over all its shards, up to a moment if one is given."""
        within = earlier(iso(before)) if before else ALL
        walks = [self._walk(shard, page, within, index=index) for shard in indexes.shards(index, partition)]
        return merge(*walks, key=lambda image: (image[index.sort]["S"], _key(image)))

    def _walk(
        self, partition: str, limit: int, within: Within = ALL, *, index: Index = TABLE, forward: bool = True
    ) -> Iterator[Image]:
        """Items of a partition in order, without those that are over."""
        return filter(self.kept, walk(self.table, partition, limit, within, index=index, forward=forward))


def _key(image: Image) -> Key:
    return Key(image["pk"]["S"], image["sk"]["S"])


def _maybe(kind: type[R], image: Image | None) -> R | None:
    return row_of(kind, image) if image else None
