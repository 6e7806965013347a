"""The items of acts: what is done to a message on its network, and what operators do."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.commands import Act
from chalicelib.domain.moderation import ActionState
from chalicelib.storage.attributes import ChoiceAttribute, InstantAttribute
from chalicelib.storage.item import Item


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
