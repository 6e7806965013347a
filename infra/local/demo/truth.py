"""What the store holds, read whole. Only the demo does that: Heed itself never scans."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.storage.codec import row_of
from infra.local.clients import clients

Key = tuple[str, str]
"""The brand and the row's id."""


@dataclass(frozen=True)
class Truth:
    cases: dict[Key, Case]
    messages: dict[Key, Message]
    replies: dict[Key, Reply]
    events: dict[tuple[str, str, int], TimelineEvent]

    def since(self, before: "Truth") -> "Truth":
        """What was not there before."""
        return Truth(
            {key: row for key, row in self.cases.items() if key not in before.cases},
            {key: row for key, row in self.messages.items() if key not in before.messages},
            {key: row for key, row in self.replies.items() if key not in before.replies},
            {key: row for key, row in self.events.items() if key not in before.events},
        )

    def inbound(self) -> list[Message]:
        return [one for one in self.messages.values() if one.direction is Direction.INBOUND]

    def told(self, fact: Fact) -> list[TimelineEvent]:
        return [one for one in self.events.values() if one.fact is fact]


def read(table: str) -> Truth:
    truth = Truth({}, {}, {}, {})
    for image in _scan(table):
        match image.get("kind", {}).get("S"):
            case "Case":
                case = row_of(Case, image)
                truth.cases[case.brand, case.id] = case
            case "Message":
                message = row_of(Message, image)
                truth.messages[message.brand, message.id] = message
            case "Reply":
                reply = row_of(Reply, image)
                truth.replies[reply.brand, reply.id] = reply
            case "TimelineEvent":
                event = row_of(TimelineEvent, image)
                truth.events[event.brand, event.case_id, event.seq] = event
    return truth


def _scan(table: str) -> Iterator[dict[str, Any]]:
    pages = clients()("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]
