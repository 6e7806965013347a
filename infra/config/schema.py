"""The shape of ``care.yaml``, one model per kind of entry. A field's description completes the sentence "give ..."."""

from datetime import timedelta
from enum import StrEnum
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

from chalicelib.domain.case import Priority, Status
from chalicelib.domain.config import Assign
from chalicelib.domain.event import INBOUND, Kind
from chalicelib.domain.message import Evidence
from chalicelib.domain.people import Role
from infra.config.words import Warn, as_list, duration, one_code, one_tag, warns, word, wrong

PAUSING = (Status.PENDING, Status.ON_HOLD)
"""Statuses in which work can rest; in new and open somebody is waiting for us."""


class Replies(StrEnum):
    """Whose answers keep a promise."""

    HUMAN = "human"
    ANY = "any"


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
OnePriority = Annotated[Priority, BeforeValidator(word(Priority, "priority"))]
OneKind = Annotated[Kind, BeforeValidator(word(Kind, "kind", INBOUND))]
OneEvidence = Annotated[Evidence, BeforeValidator(word(Evidence, "evidence"))]
OneRole = Annotated[Role, BeforeValidator(word(Role, "role"))]
OneAssign = Annotated[Assign, BeforeValidator(word(Assign, "way to assign"))]
MOST_CASES = 50
MOST_ALERTS = 10
Mail = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=200)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Hook = Annotated[str, StringConstraints(pattern=r"^https://[^\s#]+$", max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"), BeforeValidator(one_code)]
OneTag = Annotated[str, BeforeValidator(one_tag)]
Warns = Annotated[tuple[InstanceOf[Warn], ...], BeforeValidator(warns)]
OneStatus = Annotated[Status, BeforeValidator(word(Status, "status", PAUSING))]
OneReplies = Annotated[Replies, BeforeValidator(word(Replies, "kind of reply"))]
Texts = Annotated[list[Text], Field(min_length=1), BeforeValidator(as_list)]
Tags = Annotated[list[OneTag], Field(min_length=1), BeforeValidator(as_list)]
Sources = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]],
    Field(min_length=1),
    BeforeValidator(as_list),
]
Kinds = Annotated[list[OneKind], Field(min_length=1), BeforeValidator(as_list)]
Languages = Annotated[list[Language], Field(min_length=1), BeforeValidator(as_list)]
Statuses = Annotated[list[OneStatus], Field(min_length=1), BeforeValidator(as_list)]
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
    market: Text | None = Field(
        default=None, description="the market it serves, such as dach; sla entries can ask for it"
    )
    id: Text = Field(description="the network's own id of the page, number, bot or profile, in quotes")
    brand: Text = Field(description="the key of the brand it belongs to")
    name: Text = Field(description="the name people see, such as Harbor & Hill on Facebook")
    bots: Texts = Field(
        default=[],
        validation_alias=AliasChoices("bots", "bot"),
        description="ids of apps or names, in quotes, of the machines that answer there",
    )
    human_agent: bool = Field(
        default=False, description="yes or no: whether Meta lets people answer there for 7 days (Human Agent)"
    )


class Alert(Entry):
    """Somebody outside Slack, by one way."""

    email: Mail | None = Field(None, description="a mail address, such as lead@example.com")
    sms: Phone | None = Field(None, description='a phone number in quotes, such as "+4930123456"')
    webhook: Hook | None = Field(None, description="an address, such as https://hooks.example.com/heed")

    @property
    def given(self) -> dict[str, str]:
        return {way: target for way in type(self).model_fields if (target := getattr(self, way))}

    @model_validator(mode="after")
    def _one_way(self) -> "Alert":
        if len(self.given) != 1:
            raise wrong("names no address, or several", "write one after each dash, such as email: lead@example.com")
        return self


class Queue(Entry):
    name: Text = Field(description="the team's name, such as Escalations")
    slack: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")] = Field(
        description="the id of its Slack channel, such as C0123ABCD (at the end of the channel's details in Slack)"
    )
    chain: Text | None = Field(default=None, description="the key of the chain by which its cases are escalated")
    assign: OneAssign = Field(default=Assign.PULL, description="pull or auto: people take cases, or are given them")
    claim: Duration | None = Field(
        default=None, description="how long somebody has a case without doing anything about it, such as 30m"
    )
    skills: Texts = Field(
        default=[],
        validation_alias=AliasChoices("skills", "skill"),
        description="a skill or a list of skills that its cases need",
    )
    workspace: Text | None = Field(default=None, description="the key of its Slack workspace, where there are several")
    alerts: list[Alert] = Field(
        default=[],
        max_length=MOST_ALERTS,
        description="a list of those told of its warnings and breaches outside Slack, such as email: lead@example.com",
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
        description='language codes in quotes, such as "de", "pt-br" or ["en", "no"]',
    )
    keywords: Texts = Field(
        default=[], validation_alias=AliasChoices("keywords", "keyword"), description="a word or a list of words"
    )
    tags: Tags = Field(default=[], validation_alias=AliasChoices("tags", "tag"), description="a tag or a list of tags")


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
    ical: Sources = Field(
        default=[], description="the path or the https address of an iCalendar file, or a list of them"
    )
    overrides: dict[str, Texts] = Field(
        default={}, description='dates with their intervals or closed, such as 2026-12-24: ["08:00-12:00"]'
    )


class Agent(Entry):
    name: Text = Field(description="the name colleagues see")
    email: Mail = Field(description="a mail address, such as ana@example.com")
    role: OneRole = Field(description="agent, supervisor, auditor or admin")
    brands: Texts = Field(description="a list of brand keys, such as [harbor]")
    slack: Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{2,20}$")] | None = Field(
        None, description="a Slack user id, such as U0123ABCD (Copy member ID in the person's Slack profile)"
    )
    skills: Texts = Field(
        default=[], validation_alias=AliasChoices("skills", "skill"), description="a skill or a list of skills"
    )
    languages: Languages = Field(
        default=[],
        validation_alias=AliasChoices("languages", "language"),
        description='language codes in quotes, such as "de", "pt-br" or ["en", "no"]',
    )
    capacity: int | None = Field(
        default=None, ge=1, le=MOST_CASES, description=f"how many cases they are given at most, 1 to {MOST_CASES}"
    )
    hours: Text | None = Field(default=None, description="the key of a calendar: when they are given cases")
    approval: bool = Field(default=False, description="yes or no: whether their replies wait for a colleague")
    workspace: Text | None = Field(
        default=None, description="the key of the Slack workspace of their member id, where there are several"
    )


class Slack(Entry):
    team: Annotated[str, StringConstraints(pattern=r"^[TE][A-Z0-9]{2,20}$")] = Field(
        description="the id of the Slack workspace, such as T0123ABCD"
    )
    app: Annotated[str, StringConstraints(pattern=r"^A[A-Z0-9]{2,20}$")] = Field(
        description="the id of the Slack app, such as A0123ABCD"
    )
    translate: Annotated[str, StringConstraints(pattern=r"^https://[^\s<>|]{4,300}$")] | None = Field(
        None, description="an https address that translates the words after it, such as https://translate.example/?q="
    )
