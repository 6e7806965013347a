"""The items of the one table as PynamoDB models: which attribute holds which field, and how.

A field that may be empty is ``null=True`` and left out when it is; the dataclass then says what its absence means, so
that items written before a field existed stay readable. Models are schema only; ``store`` holds the connection.
"""

from collections.abc import Mapping

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case, Left, Origin, Owed, Priority, Rest, Status, Thread, Timer
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import Draft
from chalicelib.domain.escalation import Escalation
from chalicelib.domain.event import Attachment
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark
from chalicelib.domain.message import Direction, Edit, Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.storage.attributes import (
    CalendarAttribute,
    ChoiceAttribute,
    DataAttribute,
    DictAttribute,
    FixedAttribute,
    InstantAttribute,
    RecordAttribute,
    SharingAttribute,
    SpanAttribute,
    TupleAttribute,
)
from chalicelib.storage.item import AT, TEXT, Item, Parts
from chalicelib.storage.models_acts import ActionItem, LogbookItem, ReplyItem
from chalicelib.storage.models_chains import ESCALATION, BundleItem
from chalicelib.storage.models_desk import (
    AgentStateItem,
    CardItem,
    CardPlaceItem,
    DoorItem,
    DraftItem,
    MarkItem,
    PostItem,
    WritingItem,
)

IDENTITY: Parts = {"channel": TEXT, "native_id": TEXT, "name": TEXT, "handle": TEXT, "phone": TEXT}
ATTACHMENT: Parts = {"kind": TEXT, "url": TEXT, "id": TEXT, "name": TEXT, "mime": TEXT}
EDIT: Parts = {"text": TEXT, "order": FixedAttribute(NumberAttribute(), TEXT, TEXT)}
TARGET: Parts = {
    "metric": ChoiceAttribute(Metric),
    "within": SpanAttribute(),
    "warn_before": SpanAttribute(),
    "calendar": CalendarAttribute(),
    "later_warns": TupleAttribute(SpanAttribute()),
    "pause_on": TupleAttribute(TEXT),
    "human_only": BooleanAttribute(),
    "public_only": BooleanAttribute(),
    "chain": TEXT,
}
TERMS: Parts = {
    "policy": TEXT,
    "version": NumberAttribute(),
    "pause_on": TupleAttribute(TEXT),
    "human_only": BooleanAttribute(),
    "public_only": BooleanAttribute(),
    "chain": TEXT,
}
ORIGIN: Parts = {"channel": TEXT, "kind": TEXT, "language": TEXT, "market": TEXT, "tags": TupleAttribute(TEXT)}
CLOCK: Parts = {
    "metric": ChoiceAttribute(Metric),
    "instance": NumberAttribute(),
    "anchor_at": AT,
    "target": SpanAttribute(),
    "warn_at": AT,
    "due_at": AT,
    "state": ChoiceAttribute(ClockState),
    "warned_at": AT,
    "breached_at": AT,
    "ended_at": AT,
    "consumed": SpanAttribute(),
    "resumed_at": AT,
    "paused_at": AT,
    "pause_reason": TEXT,
    "paused": SpanAttribute(),
    "later_warns": TupleAttribute(AT),
    "about": TEXT,
    "revision": NumberAttribute(),
}
CLOCK_EVENT: Parts = {
    "metric": ChoiceAttribute(Metric),
    "instance": NumberAttribute(),
    "kind": ChoiceAttribute(ClockStep),
    "at": AT,
    "due_at": AT,
    "why": TEXT,
    "consumed": SpanAttribute(),
    "target": SpanAttribute(),
}
THREAD: Parts = {
    "conversation_id": TEXT,
    "channel": TEXT,
    "account": TEXT,
    "public": BooleanAttribute(),
    "address": DictAttribute(TEXT),
    "last_inbound_at": AT,
    "last_message_id": TEXT,
    "capabilities": TupleAttribute(TEXT),
    "window": SpanAttribute(),
    "told_at": AT,
    "contact_id": TEXT,
    "name": TEXT,
    "handle": TEXT,
}
REST: Parts = {"status": ChoiceAttribute(Status), "since": AT, "until": AT}
LEFT: Parts = {"status": ChoiceAttribute(Status), "snoozed_until": AT, "failed": TupleAttribute(TEXT)}
OWED: Parts = {"metric": ChoiceAttribute(Metric), "at": AT, "about": TEXT}
TIMER: Parts = {"seq": NumberAttribute(), "at": AT}


class ContactItem(Item):
    id = UnicodeAttribute()
    identities = TupleAttribute(RecordAttribute(Identity, IDENTITY))
    first_seen_at = InstantAttribute()
    tags = TupleAttribute(TEXT, null=True)
    cases = NumberAttribute()
    unreachable = BooleanAttribute()
    seen_at = InstantAttribute(null=True)
    held_at = InstantAttribute(null=True)
    erased_at = InstantAttribute(null=True)
    erasing = UnicodeAttribute(null=True)
    stubs = TupleAttribute(TEXT, null=True)


class CaseItem(Item):
    id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    contact_name = UnicodeAttribute()
    queue = UnicodeAttribute()
    priority = ChoiceAttribute(Priority)
    reasons = TupleAttribute(TEXT)
    opened_at = InstantAttribute()
    targets = SharingAttribute(RecordAttribute(Target, TARGET), "calendar")
    status = ChoiceAttribute(Status)
    contact_handle = UnicodeAttribute(null=True)
    revision = NumberAttribute()
    assignee = UnicodeAttribute(null=True)
    clocks = TupleAttribute(RecordAttribute(Clock, CLOCK), null=True)
    threads = DictAttribute(RecordAttribute(Thread, THREAD), null=True)
    last_inbound_at = InstantAttribute(null=True)
    last_message_id = UnicodeAttribute(null=True)
    solved_at = InstantAttribute(null=True)
    open_replies = TupleAttribute(TEXT, null=True)
    stuck = DictAttribute(TEXT, null=True)
    tags = TupleAttribute(TEXT, null=True)
    links = TupleAttribute(TEXT, null=True)
    snoozed_until = InstantAttribute(null=True)
    claim_until = InstantAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    escalation = RecordAttribute(Escalation, ESCALATION, null=True)
    timer = RecordAttribute(Timer, TIMER, null=True)
    terms = RecordAttribute(Terms, TERMS, null=True)
    origin = RecordAttribute(Origin, ORIGIN, null=True)
    unanswered = TupleAttribute(AT, null=True)
    answered_at = InstantAttribute(null=True)
    reopened_at = InstantAttribute(null=True)
    handed_at = InstantAttribute(null=True)
    seen_at = InstantAttribute(null=True)
    asked_at = InstantAttribute(null=True)
    free_at = InstantAttribute(null=True)
    assigned_at = InstantAttribute(null=True)
    rests = TupleAttribute(RecordAttribute(Rest, REST), null=True)
    owed = TupleAttribute(RecordAttribute(Owed, OWED), null=True)
    left = RecordAttribute(Left, LEFT, null=True)
    commands = TupleAttribute(TEXT, null=True)
    seq = NumberAttribute()
    head = UnicodeAttribute(null=True)
    held_at = InstantAttribute(null=True)
    erased_at = InstantAttribute(null=True)
    queue_key = UnicodeAttribute(null=True)
    agent_key = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    waiting_key = UnicodeAttribute(null=True)
    waiting_at = UnicodeAttribute(null=True)
    checkpoint_key = UnicodeAttribute(null=True)
    checkpoint_at = UnicodeAttribute(null=True)


class ConversationItem(Item):
    id = UnicodeAttribute()
    channel = UnicodeAttribute()
    account = UnicodeAttribute()
    native_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    public = BooleanAttribute()
    case_id = UnicodeAttribute()


class MessageItem(Item):
    id = UnicodeAttribute()
    channel = UnicodeAttribute()
    native_id = UnicodeAttribute(null=True)
    direction = ChoiceAttribute(Direction, null=True)
    kind = UnicodeAttribute(attr_name="message_kind", null=True)
    account = UnicodeAttribute(null=True)
    conversation_id = UnicodeAttribute(null=True)
    contact_id = UnicodeAttribute(null=True)
    case_id = UnicodeAttribute(null=True)
    reply_id = UnicodeAttribute(null=True)
    author = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)
    attachments = TupleAttribute(RecordAttribute(Attachment, ATTACHMENT), null=True)
    at = InstantAttribute(null=True)
    received_at = InstantAttribute(null=True)
    parent = UnicodeAttribute(null=True)
    public = BooleanAttribute()
    language = UnicodeAttribute(null=True)
    edit = RecordAttribute(Edit, EDIT, null=True)
    deleted_at = InstantAttribute(null=True)
    evidence = UnicodeAttribute(null=True)
    hidden = BooleanAttribute()
    acting = UnicodeAttribute(null=True)
    reactions = DictAttribute(FixedAttribute(TEXT, TEXT), null=True)
    delivery = UnicodeAttribute(null=True)
    held_at = InstantAttribute(null=True)
    erased_at = InstantAttribute(null=True)


class TimelineEventItem(Item):
    case_id = UnicodeAttribute()
    seq = NumberAttribute()
    fact = ChoiceAttribute(Fact)
    at = InstantAttribute()
    recorded_at = InstantAttribute()
    actor = UnicodeAttribute()
    queue = UnicodeAttribute()
    priority = UnicodeAttribute()
    channel = UnicodeAttribute()
    revision = NumberAttribute()
    data = DataAttribute(null=True)
    clocks = TupleAttribute(RecordAttribute(ClockEvent, CLOCK_EVENT), null=True)
    arm = InstantAttribute(null=True)
    disarm = NumberAttribute(null=True)
    changed = DataAttribute(null=True)
    prev = UnicodeAttribute(null=True)
    hash = UnicodeAttribute(null=True)
    pending = BooleanAttribute()
    done = TupleAttribute(TEXT, null=True)
    pending_key = UnicodeAttribute(null=True)
    pending_at = UnicodeAttribute(null=True)


MODELS: Mapping[type, type[Item]] = {
    Contact: ContactItem,
    Case: CaseItem,
    Conversation: ConversationItem,
    Message: MessageItem,
    Reply: ReplyItem,
    Action: ActionItem,
    TimelineEvent: TimelineEventItem,
    Card: CardItem,
    Post: PostItem,
    CardPlace: CardPlaceItem,
    Bundle: BundleItem,
    Draft: DraftItem,
    Writing: WritingItem,
    AgentState: AgentStateItem,
    Door: DoorItem,
    Mark: MarkItem,
    Logbook: LogbookItem,
}
