"""Queued replies, and acts upon messages, go to their network."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.handlers.worker import work
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-outbound", batch_size=5, name="delivery")
def delivery(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], send, wired.settings.code_version)


def send(order: dict[str, Any]) -> None:
    if "action_id" in order:
        wired.moderation.carry_out(order["brand"], order["action_id"])
    else:
        wired.delivery.deliver(order["brand"], order["reply_id"])
