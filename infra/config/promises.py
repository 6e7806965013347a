"""The promises of ``care.yaml``: to which cases they are made, how long each may take, and how it is counted."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, model_validator

from chalicelib.domain.case import Priority
from chalicelib.domain.target import Metric
from infra.config.schema import (
    Duration,
    Entry,
    Kinds,
    Languages,
    OneReplies,
    OneStatus,
    Priorities,
    Replies,
    Statuses,
    Tags,
    Text,
    Texts,
    Warns,
)
from infra.config.words import Warn, as_list, wrong

ALWAYS = "24/7"
"""Stands for no calendar, where the entry has one."""
NEVER = "never"
"""Stands for no status, where the entry has some."""

LEFT_OUT = ("within", "default", "warn")
"""Keys that need not be written: a promise may be a duration alone, a reply window its warnings alone."""


class Within(Entry):
    """How long it may take, by priority where that makes a difference."""

    urgent: Duration | None = Field(default=None, description="how long it may take for urgent cases, such as 15m")
    high: Duration | None = Field(default=None, description="how long it may take for cases of high priority")
    normal: Duration | None = Field(default=None, description="how long it may take for cases of normal priority")
    low: Duration | None = Field(default=None, description="how long it may take for cases of low priority")
    default: Duration | None = Field(default=None, description="how long it may take for all others, such as 2h")

    def of(self, priority: Priority) -> timedelta | None:
        own: timedelta | None = getattr(self, priority.value)
        return self.default if own is None else own


def _within(value: Any) -> Any:
    return value if isinstance(value, dict) else {"default": value}


def _rests(value: Any) -> Any:
    return [] if value == NEVER else as_list(value)


class Aim(Entry):
    """One promise, and what of it is counted in another way than the rest of its entry."""

    within: Annotated[Within, BeforeValidator(_within)] = Field(description="how long it may take, such as 2h")
    calendar: Text | None = Field(default=None, description=f"the key of a calendar, or {ALWAYS}")
    warn: Warns | None = Field(default=None, description="when to warn: 75% of the time, 10m before its end, or a list")
    pause_on: Annotated[list[OneStatus], BeforeValidator(_rests)] | None = Field(
        default=None, description=f"pending, on_hold or both, or {NEVER}"
    )
    replies: OneReplies | None = Field(default=None, description="human or any: whose answers count")
    public: bool | None = Field(default=None, description="true, if only answers everybody can see count")
    escalate: Text | None = Field(default=None, description="the key of the chain that starts when it breaks")


class Window(Entry):
    """The network's own time to answer: nobody sets how long it is."""

    warn: Warns = Field(default=(), description="when to warn before it ends, such as 2h")
    replies: OneReplies | None = Field(default=None, description="human or any: whose answers count")
    escalate: Text | None = Field(default=None, description="the key of the chain that starts when it has ended")


def _written_as(model: type[BaseModel], short: str) -> BeforeValidator:
    """The short form of a promise: its first value alone."""
    names = set(model.model_fields)

    def read(value: Any) -> Any:
        return value if isinstance(value, dict) and names & set(value) else {short: value}

    return BeforeValidator(read)


OneAim = Annotated[Aim, _written_as(Aim, "within")]
OneWindow = Annotated[Window, _written_as(Window, "warn")]


class Promise(Entry):
    """Conditions, each of which must be true; what is promised to such cases; and how it is counted."""

    brand: Text | None = Field(default=None, description="the key of a brand")
    channels: Texts = Field(
        default=[], validation_alias=AliasChoices("channels", "channel"), description="a channel or a list of channels"
    )
    kinds: Kinds = Field(
        default=[], validation_alias=AliasChoices("kinds", "kind"), description="a kind or a list of kinds"
    )
    markets: Texts = Field(
        default=[], validation_alias=AliasChoices("markets", "market"), description="a market or a list of markets"
    )
    languages: Languages = Field(
        default=[],
        validation_alias=AliasChoices("languages", "language"),
        description='language codes in quotes, such as "de", "pt-br" or ["en", "no"]',
    )
    queues: Texts = Field(
        default=[], validation_alias=AliasChoices("queues", "queue"), description="a queue or a list of queues"
    )
    priorities: Priorities = Field(
        default=[],
        validation_alias=AliasChoices("priorities", "priority"),
        description="a priority or a list of priorities",
    )
    tags: Tags = Field(
        default=[],
        validation_alias=AliasChoices("tags", "tag"),
        description="a tag of the contact or case, or a list of tags",
    )
    assign: OneAim | None = Field(default=None, description="how soon somebody has it, such as 5m")
    first_response: OneAim | None = Field(default=None, description="how soon somebody answers, such as 15m")
    next_response: OneAim | None = Field(default=None, description="how soon later messages are answered, such as 1h")
    update: OneAim | None = Field(default=None, description="how often the customer hears from us, such as 1d")
    requester_wait: OneAim | None = Field(default=None, description="how long the customer may wait for us in all")
    agent_work: OneAim | None = Field(default=None, description="how long it may be on our desk in all, such as 6h")
    resolution: OneAim | None = Field(default=None, description="how soon the case is solved, such as 8h")
    total_resolution: OneAim | None = Field(
        default=None, description="how long it may be open in all, reopenings included, such as 3d"
    )
    loop_close: OneAim | None = Field(
        default=None, description="how soon a comment answered in private gets a public word too, such as 2h"
    )
    approval: OneAim | None = Field(default=None, description="how soon a reply that waits for approval is decided")
    reply_window: OneWindow | None = Field(
        default=None, description="when to warn before the network stops taking answers, such as 2h"
    )
    calendar: Text | None = Field(default=None, description="the key of a calendar; without one every second counts")
    warn: Warns = Field(default=(Warn(),), description="when to warn: 75% of the time, 10m before its end, or a list")
    pause_on: Statuses = Field(default=[], description="pending, on_hold or both: statuses in which no time counts")
    replies: OneReplies = Field(default=Replies.HUMAN, description="human or any: whose answers count")
    public: bool = Field(default=False, description="true, if only answers everybody can see count")
    escalate: Text | None = Field(default=None, description="the key of the chain that starts when a promise breaks")

    @property
    def aims(self) -> dict[Metric, Aim]:
        """What is promised, but for the network's own time."""
        given = {metric: getattr(self, metric.value, None) for metric in Metric}
        return {metric: aim for metric, aim in given.items() if isinstance(aim, Aim)}

    @property
    def asked(self) -> list[Priority]:
        """The priorities it is for."""
        return self.priorities or list(Priority)

    def spans(self, priority: Priority) -> dict[Metric, timedelta]:
        """How long each may take in a case of that priority."""
        found = {metric: aim.within.of(priority) for metric, aim in self.aims.items()}
        return {metric: span for metric, span in found.items() if span is not None}

    def warned(self, metric: Metric) -> tuple[Warn, ...]:
        own = self.aims[metric].warn
        return self.warn if own is None else own

    @model_validator(mode="after")
    def _promises(self) -> "Promise":
        if not self.aims and self.reply_window is None:
            raise wrong("promises nothing", 'give it a "first_response", a "resolution", or both')
        if self.reply_window and any(one.before_due is None for one in self.reply_window.warn):
            raise wrong("warns of the reply window at a share of it", "write how long before its end, such as 2h")
        left = [one.value for one in self.asked if not self.spans(one)] if self.reply_window is None else []
        if left:
            right = f'give one of its promises a "default", or the entry priorities without {" and ".join(left)}'
            raise wrong(f"promises nothing to cases of priority {', '.join(left)}", right)
        return self

    def groups(self) -> Iterator[tuple[list[Priority], Mapping[Metric, timedelta]]]:
        """What is promised to which priorities, those together that are promised the same."""
        found: list[tuple[list[Priority], Mapping[Metric, timedelta]]] = []
        for priority in self.asked:
            spans = self.spans(priority)
            same = next((group for group, known in found if known == spans), None)
            same.append(priority) if same is not None else found.append(([priority], spans))
        yield from found
