"""An agent asks for something to be done to a customer's message on its network."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.channels.base import NEEDED, Channel
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Act, Moderate
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.moderation import NEEDS_REASON, Action
from chalicelib.domain.reasons import reason
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.merged import leads_to
from chalicelib.service.ports import Row, Store

_DONE = {
    Act.HIDE: "hide this message",
    Act.UNHIDE: "show this message again",
    Act.DELETE: "delete this message",
    Act.LIKE: "like this message",
}


def moderate(
    store: Store, channel: Callable[[str], Channel], case: Case, command: Moderate, now: datetime
) -> tuple[lifecycle.Turn, list[Row]]:
    """Queue the act. One message has one act on its way at a time, so that showing cannot overtake hiding."""
    message = _message(store, case, command)
    _check(channel, case, message, command)
    under_way = store.action(case.brand, message.acting) if message.acting else None
    if under_way is not None and under_way.under_way(now):
        raise Refusal("The last thing asked of this message is still on its way; try again in a moment.")
    action = Action(
        id=ids.action_id(case.brand, command.id),
        brand=case.brand,
        case_id=case.id,
        message_id=message.id,
        channel=message.channel,
        account=message.account or "",
        act=command.act,
        agent=command.agent,
        created_at=now,
        reason=reason(command.reason),
        held_at=case.held_at,
    )
    data = {"action_id": action.id, "message_id": message.id, "act": command.act.value}
    data |= {"reason": action.reason} if action.reason else {}
    happening = Happening(Fact.ACT_QUEUED, now, command.agent, data)
    return (case, [happening]), [action, replace(message, acting=action.id)]


def _message(store: Store, case: Case, command: Moderate) -> Message:
    message = store.message(case.brand, command.message_id)
    if message is None or message.native_id is None or message.erased_at or not leads_to(store, message.case_id, case):
        raise NotFound("There is no such message in this case.")
    if message.direction is not Direction.INBOUND:
        raise Refusal("Only a customer's message can be moderated.")
    return message


def _check(channel: Callable[[str], Channel], case: Case, message: Message, command: Moderate) -> None:
    thread = case.thread(message.conversation_id or "")
    if thread is None or NEEDED[command.act].value not in thread.capabilities:
        raise Refusal(f"{channel(message.channel).title} does not let us {_DONE[command.act]}.")
    if message.deleted_at is not None:
        raise Refusal("This message is deleted already.")
    if command.act is Act.HIDE and message.hidden:
        raise Refusal("This message is hidden already.")
    if command.act is Act.UNHIDE and not message.hidden:
        raise Refusal("This message is not hidden.")
    if command.act in NEEDS_REASON and not command.reason.strip():
        raise Refusal("Write down why; the reason stays in the timeline.")
