"""The items of the one table as PynamoDB models: which attribute holds which field, and how.

A field that may be empty is ``null=True`` and left out when it is; the dataclass then says what its absence means, so
that items written before a field existed stay readable. Models are schema only; ``store`` holds the connection.
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import Attribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case, Priority, Status, Thread
from chalicelib.domain.clock import Clock, ClockState, Metric, Target
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Direction, Edit, Message
from chalicelib.domain.reply import Mode, Reply, ReplyState
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.storage.attributes import (
    CalendarAttribute,
    ChoiceAttribute,
    DataAttribute,
    DictAttribute,
    FixedAttribute,
    InstantAttribute,
    RecordAttribute,
    SpanAttribute,
    TupleAttribute,
)

TEXT = UnicodeAttribute()
AT = InstantAttribute()

Parts = Mapping[str, Attribute[Any]]

IDENTITY: Parts = {"channel": TEXT, "native_id": TEXT, "name": TEXT, "handle": TEXT, "phone": TEXT}
ATTACHMENT: Parts = {"kind": TEXT, "url": TEXT, "id": TEXT, "name": TEXT, "mime": TEXT}
EDIT: Parts = {"text": TEXT, "order": FixedAttribute(NumberAttribute(), TEXT, TEXT)}
TARGET: Parts = {
    "metric": ChoiceAttribute(Metric),
    "within": SpanAttribute(),
    "warn_before": SpanAttribute(),
    "calendar": CalendarAttribute(),
}
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
}


class Item(Model):
    """What every item has. ``row`` is the row's type, for people, exports and stream filters; stored as ``kind``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    row = UnicodeAttribute(attr_name="kind")
    brand = UnicodeAttribute()
    version = NumberAttribute(null=True)


class ContactItem(Item):
    id = UnicodeAttribute()
    identities = TupleAttribute(RecordAttribute(Identity, IDENTITY))
    first_seen_at = InstantAttribute()
    tags = TupleAttribute(TEXT, null=True)
    cases = NumberAttribute()
    unreachable = BooleanAttribute()
    same_as = UnicodeAttribute(null=True)


class CaseItem(Item):
    id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    contact_name = UnicodeAttribute()
    queue = UnicodeAttribute()
    priority = ChoiceAttribute(Priority)
    reasons = TupleAttribute(TEXT)
    opened_at = InstantAttribute()
    targets = TupleAttribute(RecordAttribute(Target, TARGET))
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
    seq = NumberAttribute()
    queue_key = UnicodeAttribute(null=True)
    agent_key = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
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
    reactions = DictAttribute(FixedAttribute(TEXT, TEXT), null=True)
    delivery = UnicodeAttribute(null=True)


class ReplyItem(Item):
    id = UnicodeAttribute()
    case_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    channel = UnicodeAttribute()
    account = UnicodeAttribute()
    mode = ChoiceAttribute(Mode)
    text = UnicodeAttribute()
    address = DictAttribute(TEXT)
    agent = UnicodeAttribute()
    created_at = InstantAttribute()
    last_inbound_at = InstantAttribute(null=True)
    state = ChoiceAttribute(ReplyState)
    attempt = NumberAttribute()
    claimed_at = InstantAttribute(null=True)
    not_before = InstantAttribute(null=True)
    ended_at = InstantAttribute(null=True)
    native_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)


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
    arm = InstantAttribute(null=True)
    pending = BooleanAttribute()
    pending_key = UnicodeAttribute(null=True)
    pending_at = UnicodeAttribute(null=True)


class CardItem(Item):
    case_id = UnicodeAttribute()
    slack_channel = UnicodeAttribute()
    ts = UnicodeAttribute()
    shows = NumberAttribute()


class PostItem(Item):
    case_id = UnicodeAttribute()
    name = UnicodeAttribute()
    claimed_at = InstantAttribute()
    ts = UnicodeAttribute(null=True)


class CardPlaceItem(Item):
    team = UnicodeAttribute()
    slack_channel = UnicodeAttribute()
    ts = UnicodeAttribute()
    case_id = UnicodeAttribute()


MODELS: Mapping[type, type[Item]] = {
    Contact: ContactItem,
    Case: CaseItem,
    Conversation: ConversationItem,
    Message: MessageItem,
    Reply: ReplyItem,
    TimelineEvent: TimelineEventItem,
    Card: CardItem,
    Post: PostItem,
    CardPlace: CardPlaceItem,
}
