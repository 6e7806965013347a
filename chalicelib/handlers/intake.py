"""Fragments of webhooks become true."""

import json
from typing import Any

from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.domain.fitting import fitting
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import instant
from chalicelib.handlers.worker import logger, work
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-inbound.fifo", batch_size=10, name="intake")
def intake(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], take, wired.settings.code_version)


def take(fragment: dict[str, Any]) -> None:
    """Every event of one fragment. What nobody understands yet, or is too long for a row, is kept raw and counted.

    One that came by reference is deleted in the archive once it is true; told again, it is gone and was taken.
    """
    body = fragment["body"] if "body" in fragment else _kept(fragment["ref"])
    if body is None:
        return
    _take(fragment, body)
    if "ref" in fragment:
        wired.archive.drop(fragment["ref"])


def _kept(ref: str) -> Any:
    found = wired.archive.find(ref)
    return json.loads(found) if found is not None else None


def _take(fragment: dict[str, Any], body: Any) -> None:
    from chalicelib.service.intake import Taken

    channel = channels.load(fragment["channel"])
    service = wired.intake(channel)
    for told in channel.read(body):
        event = fitting(told)
        if event is not told and event.kind is told.kind:
            _keep_raw(fragment, Taken.UNKNOWN, body)
        taken = service.take(event, fragment["hook"], instant(fragment["received_at"]))
        if taken in (Taken.UNKNOWN, Taken.STRANGER):
            taken = taken if _keep_raw(fragment, taken.value, body) else Taken.ERASED
        wired.meter.count("events", channel=channel.name, kind=event.kind.value, taken=taken.value)


def _keep_raw(fragment: dict[str, Any], why: str, body: Any) -> bool:
    """Not what names somebody who was erased: nobody could find it there for them."""
    from chalicelib.service.raw import names_erased

    channel, account = fragment["channel"], wired.config.accounts.get(fragment["hook"])
    if account is not None and names_erased(wired.store, account.brand, channel, body):
        return False
    raw = json.dumps(body).encode()
    key = wired.archive.keep(f"{why}/{channel}", digest("raw", raw.decode()), raw)
    logger().info("kept raw", extra={"key": key, "why": why})
    return True
