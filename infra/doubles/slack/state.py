"""What `/_double/state` tells: everything, or only what changed after a revision."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from infra.doubles.slack.shapes import Json
from infra.doubles.slack.workspace import Message

if TYPE_CHECKING:
    from infra.doubles.slack.double import SlackDouble

DELIVERIES_SHOWN = 200


def full_state(double: "SlackDouble") -> Json:
    """The whole state, the log of calls and deliveries included."""
    with double.workspace.counters.lock:
        return changes(double, 0) | {
            "calls": [asdict(call) for call in double.web.calls],
            "deliveries": [delivery.summary() for delivery in double.courier.deliveries[-DELIVERIES_SHOWN:]],
            "faults": [asdict(fault) for fault in double.faults.waiting],
        }


def changes(double: "SlackDouble", since: int) -> Json:
    """Messages that changed after `since`, with the small rest whole. Nothing else when nothing changed."""
    workspace = double.workspace
    with workspace.counters.lock:
        head: Json = {"boot": workspace.counters.boot, "revision": workspace.counters.revision}
        if since and since == head["revision"]:
            return head | {"unchanged": True}
        since = 0 if since > head["revision"] else since
        messages = [message for message in workspace.messages if message.revision > since]
        gone = [{"channel": m.channel, "ts": m.ts} for m in messages if m.gone and since]
        return head | {
            "full": since == 0,
            "identity": asdict(workspace.identity),
            "users": dict(workspace.users),
            "channels": [asdict(channel) for channel in workspace.channels.values()],
            "messages": [_message(double, m) for m in messages if not m.gone and not m.seen_by],
            "ephemerals": [_message(double, m) | {"user": m.seen_by} for m in messages if not m.gone and m.seen_by],
            "gone": gone,
            "views": {user: list(stack) for user, stack in double.views.stacks.items() if stack},
            "homes": dict(double.views.homes),
        }


def _message(double: "SlackDouble", message: Message) -> Json:
    body = double.workspace.described(message)
    return {"channel": message.channel, "ts": message.ts, "thread_ts": body.get("thread_ts"), "message": body}
