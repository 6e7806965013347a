"""The items of people at work: what stands in Slack, who is there, who writes what."""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.presence import Presence
from chalicelib.storage.attributes import ChoiceAttribute, DictAttribute, InstantAttribute, TupleAttribute
from chalicelib.storage.item import AT, TEXT, Item


class CardItem(Item):
    case_id = UnicodeAttribute()
    slack_channel = UnicodeAttribute()
    ts = UnicodeAttribute()
    shows = NumberAttribute()
    team = UnicodeAttribute(null=True)
    moves = NumberAttribute()
    left = TupleAttribute(TEXT, null=True)
    begun = TupleAttribute(TEXT, null=True)
    edited_at = InstantAttribute(null=True)


class PostItem(Item):
    case_id = UnicodeAttribute()
    name = UnicodeAttribute()
    claimed_at = InstantAttribute()
    ts = UnicodeAttribute(null=True)
    slack_channel = UnicodeAttribute(null=True)
    thread_ts = UnicodeAttribute(null=True)
    retold = TupleAttribute(TEXT, null=True)


class CardPlaceItem(Item):
    team = UnicodeAttribute()
    slack_channel = UnicodeAttribute()
    ts = UnicodeAttribute()
    case_id = UnicodeAttribute()


class DraftItem(Item):
    case_id = UnicodeAttribute()
    agent = UnicodeAttribute()
    text = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(attr_name="draft_kind", null=True)
    where = UnicodeAttribute(null=True)
    public = UnicodeAttribute(null=True)
    view = UnicodeAttribute(null=True)
    sent = BooleanAttribute()
    at = InstantAttribute()
    expires_at = NumberAttribute()


class MarkItem(Item):
    team = UnicodeAttribute()
    name = UnicodeAttribute()
    text = UnicodeAttribute(null=True)
    since = InstantAttribute(null=True)
    at = InstantAttribute()
    expires_at = NumberAttribute()


class WritingItem(Item):
    case_id = UnicodeAttribute()
    agent = UnicodeAttribute()
    at = InstantAttribute()
    expires_at = NumberAttribute()


class AgentStateItem(Item):
    agent = UnicodeAttribute()
    presence = ChoiceAttribute(Presence)
    since = InstantAttribute(null=True)
    given = TupleAttribute(TEXT, null=True)
    given_at = InstantAttribute(null=True)


class DoorItem(Item):
    team = UnicodeAttribute()
    name = UnicodeAttribute()
    free_at = InstantAttribute()
    closed_until = InstantAttribute()
    waits = DictAttribute(AT, null=True)
