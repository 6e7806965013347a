"""The items of acts: an answer, what is done to a message on its network, and what operators do."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.case import Priority
from chalicelib.domain.moderation import Act, ActionState
from chalicelib.domain.reply import Enclosure, Mode, ReplyState, Then
from chalicelib.storage.attributes import (
    ChoiceAttribute,
    DictAttribute,
    InstantAttribute,
    RecordAttribute,
    TupleAttribute,
)
from chalicelib.storage.item import AT, TEXT, Item, Parts

FILE: Parts = {"key": TEXT, "name": TEXT, "mime": TEXT, "size": NumberAttribute()}
THEN: Parts = {
    "publicly": TEXT,
    "tags": TupleAttribute(TEXT),
    "priority": ChoiceAttribute(Priority),
    "resolved_by": TEXT,
    "resolved_at": AT,
    "file": RecordAttribute(Enclosure, FILE),
}


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
    promised = InstantAttribute(null=True)
    approved_by = UnicodeAttribute(null=True)
    then = RecordAttribute(Then, THEN, null=True)
    file = RecordAttribute(Enclosure, FILE, null=True)
    held_at = InstantAttribute(null=True)


class LogbookItem(Item):
    seq = NumberAttribute()
    head = UnicodeAttribute(null=True)


class ActionItem(Item):
    id = UnicodeAttribute()
    case_id = UnicodeAttribute()
    message_id = UnicodeAttribute()
    channel = UnicodeAttribute()
    account = UnicodeAttribute()
    act = ChoiceAttribute(Act)
    agent = UnicodeAttribute()
    created_at = InstantAttribute()
    reason = UnicodeAttribute(null=True)
    state = ChoiceAttribute(ActionState)
    attempt = NumberAttribute()
    claimed_at = InstantAttribute(null=True)
    not_before = InstantAttribute(null=True)
    ended_at = InstantAttribute(null=True)
    failure = UnicodeAttribute(null=True)
    held_at = InstantAttribute(null=True)
