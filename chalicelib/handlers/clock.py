"""Timers that ran out wake the clocks of their case."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.handlers.worker import work
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-timers", batch_size=10, name="clock")
def clock(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], ring, wired.settings.code_version)


def ring(timer: dict[str, Any]) -> None:
    from chalicelib.service.clocks import wake

    facts = wake(wired.store, timer["brand"], timer["case_id"], wired.now(), wired.config, timer.get("breach"))
    wired.meter.count("clock_facts" if facts else "stale_timers", facts or 1)
