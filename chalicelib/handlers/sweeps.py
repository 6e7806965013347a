"""What comes by every minute: the sweeper and the auditor should find nothing; the herald tells what was gathered.

The herald hands out what waits for somebody, too, as when somebody's hours begin.
"""

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.handlers.quiet import Quietly
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweeper")
@Quietly()
def sweeper(event: Any) -> None:
    from chalicelib.service.outbox import sweep

    sweep(wired.store, wired.effects, wired.meter, wired.now(), wired.run())


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="herald")
@Quietly()
def herald(event: Any) -> None:
    from chalicelib.service.heralds import proclaim

    try:
        wired.assigning.sweep(wired.now())
    finally:
        proclaim(wired.herald(), wired.run(many=False))


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="auditor")
@Quietly()
def auditor(event: Any) -> None:
    from chalicelib.service.clocks import audit

    run = wired.run()
    try:
        audit(wired.store, wired.meter, wired.now(), wired.config, run)
    finally:
        if not run.late():
            wired.reapply.step(wired.config, wired.now())
