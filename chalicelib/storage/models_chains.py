"""How chains stand in their case, and the items in which their notices are gathered."""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.bundling import Gathered
from chalicelib.domain.escalation import Step, StepKind, Way
from chalicelib.storage.attributes import (
    CalendarAttribute,
    ChoiceAttribute,
    InstantAttribute,
    RecordAttribute,
    SpanAttribute,
    TupleAttribute,
)
from chalicelib.storage.item import AT, TEXT, Item, Parts

STEP: Parts = {
    "kind": ChoiceAttribute(StepKind),
    "way": ChoiceAttribute(Way),
    "target": TEXT,
    "span": SpanAttribute(),
    "count": NumberAttribute(),
    "calendar": CalendarAttribute(),
}
ESCALATION: Parts = {
    "chain": TEXT,
    "steps": TupleAttribute(RecordAttribute(Step, STEP)),
    "started_at": AT,
    "started_by": TEXT,
    "acknowledged_for": SpanAttribute(),
    "ends_on_answer": BooleanAttribute(),
    "next_at": AT,
    "position": NumberAttribute(),
    "loop": NumberAttribute(),
    "acknowledged_by": TEXT,
    "acknowledged_at": AT,
    "ack_expires_at": AT,
    "ended_at": AT,
    "ended_why": TEXT,
}
GATHERED: Parts = {"since": AT, "count": NumberAttribute(), "cases": TupleAttribute(TEXT), "due_at": AT}


class BundleItem(Item):
    queue = UnicodeAttribute()
    way = UnicodeAttribute()
    window_end = InstantAttribute()
    target = UnicodeAttribute(null=True)
    what = UnicodeAttribute(null=True)
    open = RecordAttribute(Gathered, GATHERED, null=True)
    closing = RecordAttribute(Gathered, GATHERED, null=True)
