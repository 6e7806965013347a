"""The shape of ``care.yaml``, one model per kind of entry. A field's description completes the sentence "give ..."."""

from datetime import timedelta
from typing import Annotated

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    model_validator,
)

from chalicelib.domain.case import Priority
from chalicelib.domain.event import INBOUND, Kind
from chalicelib.domain.message import Evidence
from chalicelib.domain.people import Role
from infra.config.words import Warn, as_list, duration, warn, word, wrong

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
OnePriority = Annotated[Priority, BeforeValidator(word(Priority, "priority"))]
OneKind = Annotated[Kind, BeforeValidator(word(Kind, "kind", INBOUND))]
OneEvidence = Annotated[Evidence, BeforeValidator(word(Evidence, "evidence"))]
OneRole = Annotated[Role, BeforeValidator(word(Role, "role"))]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
OneWarn = Annotated[InstanceOf[Warn], BeforeValidator(warn)]
Texts = Annotated[list[Text], Field(min_length=1), BeforeValidator(as_list)]
Kinds = Annotated[list[OneKind], Field(min_length=1), BeforeValidator(as_list)]
Languages = Annotated[list[Language], Field(min_length=1), BeforeValidator(as_list)]
Priorities = Annotated[list[OnePriority], Field(min_length=1), BeforeValidator(as_list)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Brand(Entry):
    name: Text = Field(description="the name people see, such as Harbor & Hill Coffee")
    queue: Text = Field(description="the fallback queue, which takes what no rule routes")
    reopen_within: Duration = Field(
        default=timedelta(days=7), description="how long a solved case comes back instead of a new one, such as 7d"
    )
    evidence: OneEvidence = Field(
        default=Evidence.HASH, description="none, hash or text: what stays of a deleted message"
    )


class Account(Entry):
    channel: Text = Field(description="the network's name, such as facebook")
    id: Text = Field(description="the network's own id of the page, number, bot or profile, in quotes")
    brand: Text = Field(description="the key of the brand it belongs to")
    name: Text = Field(description="the name people see, such as Harbor & Hill on Facebook")


class Queue(Entry):
    name: Text = Field(description="the team's name, such as Escalations")
    slack: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")] = Field(
        description="the id of its Slack channel, such as C0123ABCD (at the end of the channel's details in Slack)"
    )


class When(Entry):
    """Lists may be written in the singular and as one value."""

    brand: Text | None = Field(default=None, description="the key of a brand")
    channels: Texts = Field(
        default=[], validation_alias=AliasChoices("channels", "channel"), description="a channel or a list of channels"
    )
    kinds: Kinds = Field(
        default=[], validation_alias=AliasChoices("kinds", "kind"), description="a kind or a list of kinds"
    )
    languages: Languages = Field(
        default=[],
        validation_alias=AliasChoices("languages", "language"),
        description='language codes in lower case and quotes, such as "de" or ["en", "no"]',
    )
    keywords: Texts = Field(
        default=[], validation_alias=AliasChoices("keywords", "keyword"), description="a word or a list of words"
    )
    tags: Texts = Field(default=[], validation_alias=AliasChoices("tags", "tag"), description="a tag or a list of tags")


class Rule(Entry):
    because: Text = Field(description="the reason agents read on the case, such as public question")
    when: When = Field(
        default=When(), description="conditions such as {channel: facebook}; without any it always matches"
    )
    queue: Text | None = Field(default=None, description="the key of a queue")
    priority: OnePriority | None = Field(default=None, description="low, normal, high or urgent")

    @model_validator(mode="after")
    def _decides(self) -> "Rule":
        if self.queue is None and self.priority is None:
            raise wrong("sets neither queue nor priority", 'give it a "queue", a "priority", or both')
        return self


class Calendar(Entry):
    """Its days, intervals and regions are looked at in ``calendars.py``, which knows their lines."""

    timezone: Text = Field(description="the name of a time zone, such as Europe/Berlin")
    week: dict[str, Texts] = Field(description='days with their intervals, such as mon-fri: ["08:00-12:00"]')
    holidays: Texts = Field(default=[], description="countries and parts of them, such as DE, DE-BE or US-CA")
    ical: Text | None = Field(default=None, description="the path of an iCalendar file with all-day events")
    overrides: dict[str, Texts] = Field(
        default={}, description='dates with their intervals or closed, such as 2026-12-24: ["08:00-12:00"]'
    )


class Promise(Entry):
    queues: Texts = Field(
        default=[], validation_alias=AliasChoices("queues", "queue"), description="a queue or a list of queues"
    )
    priorities: Priorities = Field(
        default=[],
        validation_alias=AliasChoices("priorities", "priority"),
        description="a priority or a list of priorities",
    )
    first_response: Duration | None = Field(default=None, description="how soon somebody answers, such as 15m")
    resolution: Duration | None = Field(default=None, description="how soon the case is solved, such as 8h")
    calendar: Text | None = Field(default=None, description="the key of a calendar; without one every second counts")
    warn: OneWarn = Field(default=Warn(), description="when to warn: 75% of the time, or 10m before its end")

    @model_validator(mode="after")
    def _promises(self) -> "Promise":
        if self.first_response is None and self.resolution is None:
            raise wrong("promises nothing", 'give it a "first_response", a "resolution", or both')
        return self


class Agent(Entry):
    name: Text = Field(description="the name colleagues see")
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=200)] = Field(
        description="a mail address, such as ana@example.com"
    )
    role: OneRole = Field(description="agent, supervisor, auditor or admin")
    brands: Texts = Field(description="a list of brand keys, such as [harbor]")
    slack: Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{2,20}$")] | None = Field(
        None, description="a Slack user id, such as U0123ABCD (Copy member ID in the person's Slack profile)"
    )


class Slack(Entry):
    team: Annotated[str, StringConstraints(pattern=r"^[TE][A-Z0-9]{2,20}$")] = Field(
        description="the id of the Slack workspace, such as T0123ABCD"
    )
    app: Annotated[str, StringConstraints(pattern=r"^A[A-Z0-9]{2,20}$")] = Field(
        description="the id of the Slack app, such as A0123ABCD"
    )
