"""How ``chains:`` and ``on_call:`` are written. A field's description completes the sentence "give ..."."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from chalicelib.domain.calendar import DAYS, read_interval
from chalicelib.domain.escalation import ACKNOWLEDGED_FOR, MOST_REPEATS
from infra.config.schema import Duration, Entry, Hook, Mail, OnePriority, Phone, Text, Texts
from infra.config.words import as_list, duration, wrong

MONDAY = date(2024, 1, 1)
"""From here turns are counted where no start is given."""
MOST_STEPS = 20
SHORTEST_ROUND = timedelta(minutes=1)

_HANDOVER = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?([01]\d|2[0-3]):([0-5]\d)")
_PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7)}
_MOMENT = "write it as 2026-12-24 09:00, in the time zone of the rotation"


def repeats(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_REPEATS:
        raise wrong(
            "does not come to an end", f"repeat 1 to {MOST_REPEATS} times: who is called forever stops listening"
        )
    return value


def period(value: Any) -> int:
    """A number of days."""
    length = _PERIODS[value] if value in ("day", "week") else duration(value)
    if length % timedelta(days=1) or length < timedelta(days=1):
        raise wrong("is not a number of whole days", "write day, week, or such as 3d")
    return length.days


def moment(value: Any) -> datetime:
    """A time on the wall clock of the rotation's time zone."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise wrong("is no moment", _MOMENT) from None
    if at.tzinfo is not None:
        raise wrong("has a time zone of its own", _MOMENT)
    return at


def read_handover(value: Any) -> tuple[int | None, int]:
    """The day of the week, if one is given, and the minute of the day."""
    found = _HANDOVER.fullmatch(value.lower()) if isinstance(value, str) else None
    if not found:
        raise wrong("is no time to hand over", 'write it as "09:00" or "mon 09:00", in quotes')
    return DAYS.index(found[1]) if found[1] else None, int(found[2]) * 60 + int(found[3])


def intervals(value: Any) -> list[str]:
    for text in as_list(value):
        try:
            read_interval(text)
        except (ValueError, TypeError):
            raise wrong("holds no interval", 'write intervals such as "08:00-16:00"') from None
    return list(as_list(value))


class Step(Entry):
    """One thing to do; ``more_than`` goes with ``within``."""

    notify: Literal["assignee", "team"] | None = Field(None, description="assignee or team")
    on_call: Text | None = Field(None, description="the key of a rotation under on_call")
    user_group: Annotated[str, StringConstraints(pattern=r"^S[A-Z0-9]{2,20}$")] | None = Field(
        None, description="the id of a Slack user group, such as S0123ABCD"
    )
    email: Mail | None = Field(None, description="a mail address, such as lead@example.com")
    sms: Phone | None = Field(None, description='a phone number in quotes, such as "+4930123456"')
    webhook: Hook | None = Field(None, description="an address, such as https://hooks.example.com/heed")
    wait: Duration | None = Field(None, description="how long to wait, such as 10m")
    priority: OnePriority | None = Field(None, description="the priority to raise the case to")
    queue: Text | None = Field(None, description="the key of the queue to move the case to")
    only_within: Text | None = Field(None, description="the key of a calendar")
    more_than: Annotated[int, Field(ge=1, le=100_000)] | None = Field(None, description="a number, such as 20")
    within: Duration | None = Field(None, description="in how much time, such as 10m")
    repeat: Annotated[int, BeforeValidator(repeats)] | None = Field(None, description=f"1 to {MOST_REPEATS}")

    @model_validator(mode="after")
    def _one_thing(self) -> "Step":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if sorted(given) == ["more_than", "within"]:
            if self.within and self.within > timedelta(hours=12):
                raise wrong("looks back further than 12 hours", "count within 12h at most")
            return self
        if len(given) != 1 or given[0] in ("more_than", "within"):
            right = "write one thing after each dash, such as wait: 10m (more_than goes with within)"
            raise wrong(f"has a step with {' and '.join(given) or 'nothing in it'}", right)
        return self


class Chain(Entry):
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)] = Field(
        description=f"1 to {MOST_STEPS} steps, each after a dash, such as wait: 10m"
    )
    acknowledged_for: Duration = Field(
        default=ACKNOWLEDGED_FOR,
        description="after how long an acknowledgement that nothing follows is void, such as 30m",
    )
    ends_on_answer: bool = Field(default=True, description="yes or no: whether an answer to the customer ends it")

    @model_validator(mode="after")
    def _ends(self) -> "Chain":
        if any(step.repeat for step in self.steps[:-1]):
            raise wrong("repeats before its end", "let repeat be the last step")
        waits = sum((step.wait or timedelta() for step in self.steps), timedelta())
        if self.steps[-1].repeat and waits < SHORTEST_ROUND:
            raise wrong("repeats without a pause", "let it wait at least 1m in each round")
        return self


class Override(Entry):
    start: Annotated[datetime, BeforeValidator(moment)] = Field(
        alias="from", description="from when, such as 2026-12-24 09:00"
    )
    end: Annotated[datetime, BeforeValidator(moment)] = Field(
        alias="to", description="until when, such as 2026-12-27 09:00"
    )
    who: Text = Field(description="the key of an agent")

    @model_validator(mode="after")
    def _forwards(self) -> "Override":
        if self.end <= self.start:
            raise wrong("has an override that ends before it begins", "swap the two")
        return self


class Turns(Entry):
    """Who takes turns, and when they change."""

    members: Texts = Field(default=[], description="a list of agents who take turns, such as [ana, tom]")
    timezone: Text | None = Field(default=None, description="the name of a time zone, such as Europe/Berlin")
    every: Annotated[int, BeforeValidator(period)] = Field(
        default=7, description="day, week, or a number of days such as 3d"
    )
    handover: Annotated[tuple[int | None, int], BeforeValidator(read_handover)] = Field(
        default=(None, 9 * 60), description='when the next one takes over, such as "mon 09:00"'
    )
    start: date = Field(default=MONDAY, description="the day of the first turn, such as 2026-06-01")
    hours: Annotated[list[str], BeforeValidator(intervals)] = Field(
        default=[], description='the hours of the day in which it counts, such as "08:00-16:00"'
    )

    @model_validator(mode="after")
    def _weekly(self) -> "Turns":
        if self.handover[0] is not None and self.every % 7:
            raise wrong(
                "hands over on a day of the week, but not every week", "leave the day out, or write every: week"
            )
        return self

    @property
    def begins(self) -> date:
        """The first hand-over: the start, or the first such day of the week after it."""
        day = self.handover[0]
        return self.start + timedelta(days=(day - self.start.weekday()) % 7) if day is not None else self.start


class Rotation(Turns):
    """``layers`` instead of ``members`` follow the sun: the first whose hours it is counts."""

    layers: list[Turns] = Field(default=[], description="a list of layers, each with members, timezone and hours")
    overrides: list[Override] = Field(default=[], description="a list, each with from, to and who")
    queue: Text | None = Field(default=None, description="the key of the queue whose channel reads the hand-over")
    gaps: bool = Field(default=False, description="yes or no: whether there may be hours with nobody on call")

    @model_validator(mode="after")
    def _either(self) -> "Rotation":
        if bool(self.members) == bool(self.layers):
            raise wrong(
                "has neither members nor layers, or both", 'give it "members", or "layers" with members of their own'
            )
        for one in self.turns:
            if not one.members or (one.timezone or self.timezone) is None:
                raise wrong("has a layer without members or timezone", "give each layer members, and a timezone")
        return self

    @property
    def turns(self) -> list[Turns]:
        return self.layers or [self]
