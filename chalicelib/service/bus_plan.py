"""What the handlers of commands share: what they get to see, and what they give back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Channel
from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command
from chalicelib.domain.config import Config
from chalicelib.domain.errors import NotFound
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.people import Agent
from chalicelib.domain.reasons import because
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.ports import Row, Store

COMMAND = "command"
"""Under which name a fact says which command brought it about."""

Turn = tuple[Case, list[Happening]]
Plan = tuple[Turn, list[Row]]


@dataclass(frozen=True, slots=True)
class Around:
    """Everything beside the case. ``agent`` asks, and is permitted to."""

    store: Store
    config: Config
    channel: Callable[[str], Channel]
    agent: Agent

    def other(self, case: Case, case_id: str) -> Case:
        """Another case of the same brand."""
        other = self.store.case(case.brand, case_id.strip())
        if other is None:
            raise NotFound("There is no such case of this brand. Its number stands at the foot of its card.")
        return other


Handler = Callable[[Around, Case, Any, datetime], Plan]


def caused(command: Command, happened: Sequence[Happening]) -> list[Happening]:
    """Every fact says which command brought it about, and what the person said of it unless it says so already."""
    why = because(command.why)
    return [replace(one, data={**why, **one.data, COMMAND: command.id}) for one in happened]


def note(case: Case, command: Command, text: str, now: datetime) -> tuple[list[Happening], list[Row]]:
    """The note a command writes, if it has words for one."""
    if not text.strip():
        return [], []
    kept = Message(
        id=ids.note_id(command.brand, command.id),
        brand=case.brand,
        channel="note",
        direction=Direction.NOTE,
        kind="note",
        contact_id=case.contact_id,
        case_id=case.id,
        author=command.agent,
        text=text,
        at=now,
        received_at=now,
        held_at=case.held_at,
    )
    return [Happening(Fact.NOTE_ADDED, now, command.agent, {"message_id": kept.id})], [kept]
