"""What hangs on an answer: done once it was sent, in the same write, and not at all when it was not."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import ids, lifecycle, work
from chalicelib.domain.case import Case
from chalicelib.domain.errors import Refusal
from chalicelib.domain.reply import Enclosure, Mode, Reply, Then
from chalicelib.domain.timeline import Happening

Turn = lifecycle.Turn
_Step = Callable[[Case], Turn]


def following(reply: Reply, now: datetime) -> Reply | None:
    """What is sent after this one: its file, then words for everybody. Whatever else is to be done waits for them."""
    then = reply.then
    if then is None:
        return None
    rest = replace(then, resolved_at=then.resolved_at or reply.created_at)
    if then.file is not None:
        return _part(reply, now, "file", reply.mode, "", replace(rest, file=None), then.file)
    if then.publicly:
        return _part(reply, now, "public", Mode.PUBLIC, then.publicly, replace(rest, publicly=""))
    return None


def alone(then: Then | None) -> tuple[Then | None, Enclosure | None]:
    """Of an answer without words: what still hangs on it, and its file, which is the answer then."""
    if then is None or then.file is None:
        return then, None
    rest = replace(then, file=None)
    return (rest if rest != Then() else None), then.file


def _part(
    reply: Reply, now: datetime, name: str, mode: Mode, text: str, then: Then, file: Enclosure | None = None
) -> Reply:
    return Reply(
        id=ids.reply_id(reply.brand, f"{reply.id}:{name}"),
        brand=reply.brand,
        case_id=reply.case_id,
        conversation_id=reply.conversation_id,
        channel=reply.channel,
        account=reply.account,
        mode=mode,
        text=text,
        address=reply.address,
        agent=reply.agent,
        created_at=now,
        last_inbound_at=reply.last_inbound_at,
        approved_by=reply.approved_by,
        held_at=reply.held_at,
        then=then,
        file=file,
    )


def resolving(reply: Reply, agent: str, now: datetime) -> Reply:
    """The case is solved by this person once the answer was sent."""
    return replace(reply, then=replace(reply.then or Then(), resolved_by=agent, resolved_at=now))


def carried_out(case: Case, reply: Reply, now: datetime) -> Turn:
    """The case after what was to be done; what makes no sense any more, as in a case solved meanwhile, is left out."""
    happened: list[Happening] = []
    for step in _steps(case, reply, now):
        with suppress(Refusal):
            case, more = step(case)
            happened += more
    return case, happened


def _steps(known: Case, reply: Reply, now: datetime) -> Iterator[_Step]:
    then, by = reply.then or Then(), reply.agent
    if then.tags:
        yield lambda case: work.tagged(case, then.tags, (), by, now)
    if (priority := then.priority) is not None:
        yield lambda case: work.prioritised(case, priority, by, now)
    if then.resolved_by and not _wrote_since(known, then.resolved_at or reply.created_at):
        yield lambda case: lifecycle.solved(case, then.resolved_by, now)


def _wrote_since(case: Case, decided_at: datetime) -> bool:
    """Whether the customer said something of which nobody knew who decided to solve the case."""
    return case.last_inbound_at is not None and case.last_inbound_at > decided_at
