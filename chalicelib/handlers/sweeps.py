"""What looks after the stream and the timers: they should find nothing, and say so when they do."""

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.service.clocks import audit
from chalicelib.service.outbox import sweep
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweeper")
def sweeper(event: Any) -> None:
    sweep(wired.store, wired.effects, wired.meter, wired.now())


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="auditor")
def auditor(event: Any) -> None:
    audit(wired.store, wired.meter, wired.now())
