"""Commands about two cases of one brand at once: both change in one write, and both tell."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import commands, lifecycle, work
from chalicelib.domain.case import Case
from chalicelib.domain.policy import reapplied
from chalicelib.service.bus_plan import Around, Handler, Plan, Turn, caused
from chalicelib.service.ports import Row


def _merge(around: Around, case: Case, command: commands.Merge, now: datetime) -> Plan:
    winner = around.other(case, command.into)
    turn, theirs = work.merged(case, winner, command.agent, now)
    return turn, [
        *_rows(around, command, winner, theirs, now, joined=case),
        *(_belongings(around, case, winner) if turn[1] else ()),
    ]


def _belongings(around: Around, case: Case, winner: Case) -> Iterator[Row]:
    """Replies on their way and conversations lead to the winner from now on."""
    for reply_id in case.open_replies:
        if (reply := around.store.reply(case.brand, reply_id)) is not None:
            yield reply.going_on(winner.id)
    for conversation_id in case.threads:
        if (conversation := around.store.conversation(case.brand, conversation_id)) is not None:
            yield replace(conversation, case_id=winner.id)


def _link(around: Around, case: Case, command: commands.Link, now: datetime) -> Plan:
    other = around.other(case, command.to)
    turn, theirs = work.linked(case, other, command.agent, now)
    return turn, _rows(around, command, other, theirs, now)


def _rows(
    around: Around, command: commands.Command, before: Case, turn: Turn, now: datetime, joined: Case | None = None
) -> list[Row]:
    after, happened = turn
    if not happened:
        return []
    after = reapplied(before, after, around.config.policies, around.config.version, now)
    after, timeline = lifecycle.recorded(before, after, caused(command, happened), now, joined)
    return [after, *timeline]


HANDLERS: Mapping[type[commands.Command], Handler] = {commands.Merge: _merge, commands.Link: _link}
