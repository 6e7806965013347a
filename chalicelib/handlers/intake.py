"""Fragments of webhooks become true."""

import json
from typing import Any

from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import instant
from chalicelib.handlers.worker import logger, work
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-inbound.fifo", batch_size=10, name="intake")
def intake(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], take, wired.settings.code_version)


def take(fragment: dict[str, Any]) -> None:
    """Every event of one fragment. What nobody understands yet is kept raw and counted."""
    from chalicelib.service.intake import Intake, Taken

    channel = channels.load(fragment["channel"])
    body = fragment["body"] if "body" in fragment else json.loads(wired.archive.fetch(fragment["ref"]))
    service = Intake(wired.store, wired.config, channel)
    for event in channel.read(body):
        taken = service.take(event, fragment["hook"], instant(fragment["received_at"]))
        wired.meter.count("events", channel=channel.name, kind=event.kind.value, taken=taken.value)
        if taken in (Taken.UNKNOWN, Taken.STRANGER):
            raw = json.dumps(body).encode()
            key = wired.archive.keep(f"{taken.value}/{channel.name}", digest("raw", raw.decode()), raw)
            logger().info("kept raw", extra={"key": key, "kind": event.kind.value})
