"""Timers wake cases here. Timestamps decide; a stale, early or doubled waking does nothing."""

from datetime import datetime, timedelta

from chalicelib.domain import lifecycle
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Later
from chalicelib.domain.policy import reapplied
from chalicelib.domain.timeline import Happening, TimelineEvent
from chalicelib.service import escalations
from chalicelib.service.ports import Meter, Store
from chalicelib.service.reapply import renew
from chalicelib.service.sweeping import Run
from chalicelib.service.writing import deciding

EARLY = timedelta(seconds=2)
GRACE = timedelta(seconds=10)
"""How long a timer has before the auditor looks itself."""


def wake(
    store: Store, brand: str, case_id: str, now: datetime, config: Config | None = None, breach: int | None = None
) -> int:
    """Record every warning and breach of a case whose moment has come; returns how many.

    ``breach`` is the event of one that came to light while something else was written: its chain starts now. Raises
    Later when the timer was a moment too early.
    """
    found = store.event(brand, case_id, breach) if breach is not None else None
    return deciding(lambda: _wake(store, brand, case_id, now, config, found))


def _wake(
    store: Store, brand: str, case_id: str, now: datetime, config: Config | None, found: TimelineEvent | None
) -> int:
    case = store.case(brand, case_id)
    if case is None:
        return 0
    if config is not None:
        case = renew(store, case, config, now)
    after, happened = lifecycle.ticked(case, now)
    if config is not None:
        told = [Happening(found.fact, found.at, found.actor, found.data)] if found else []
        after, more = escalations.ticked(after, [*told, *happened], now, config, store)
        happened = [*happened, *more]
        after = reapplied(case, after, config.policies, config.version, now)
    if happened:
        after, timeline = lifecycle.recorded(case, after, happened, now)
        store.commit(after, *timeline)
        return len(happened)
    checkpoint = case.next_checkpoint
    if checkpoint and now < checkpoint.at <= now + EARLY:
        raise Later(checkpoint.at - now, "woken a moment early")
    return 0


def audit(store: Store, meter: Meter, now: datetime, config: Config | None = None, run: Run | None = None) -> int:
    """Handle checkpoints that no timer handled, oldest first; returns how many. 0 is the healthy figure.

    Raises an ExceptionGroup when some case could not be woken; the others were.
    """
    run = run or Run()
    found = run.over(
        store.checkpoints(now - GRACE),
        lambda missed: wake(store, missed[0], missed[1], now, config),
        meter,
        "checkpoints_missed",
    )
    run.end("cases could not be woken")
    return found
