"""Timers wake cases here. Timestamps decide; a stale, early or doubled waking does nothing."""

from datetime import datetime, timedelta

from chalicelib.domain import lifecycle
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Later
from chalicelib.domain.policy import reapplied
from chalicelib.service import escalations
from chalicelib.service.ports import Meter, Store
from chalicelib.service.reapply import renew
from chalicelib.service.writing import deciding

EARLY = timedelta(seconds=2)
GRACE = timedelta(seconds=10)
"""How long a timer has before the auditor looks itself."""
BATCH = 200


def wake(store: Store, brand: str, case_id: str, now: datetime, config: Config | None = None) -> int:
    """Record every warning and breach of a case whose moment has come; returns how many.

    Raises Later when the timer was a moment too early.
    """
    return deciding(lambda: _wake(store, brand, case_id, now, config))


def _wake(store: Store, brand: str, case_id: str, now: datetime, config: Config | None) -> int:
    case = store.case(brand, case_id)
    if case is None:
        return 0
    if config is not None:
        case = renew(store, case, config, now)
    after, happened = lifecycle.ticked(case, now)
    if config is not None:
        after, more = escalations.ticked(after, happened, now, config, store)
        happened = [*happened, *more]
        after = reapplied(case, after, config.policies, config.version, now)
    if happened:
        after, timeline = lifecycle.recorded(case, after, happened, now)
        store.commit(after, *timeline)
        if config is not None:
            escalations.count_breaches(case, happened, config, store)
        return len(happened)
    checkpoint = case.next_checkpoint
    if checkpoint and now < checkpoint.at <= now + EARLY:
        raise Later(checkpoint.at - now, "woken a moment early")
    return 0


def audit(store: Store, meter: Meter, now: datetime, config: Config | None = None) -> int:
    """Handle checkpoints that no timer handled; returns how many. 0 is the healthy figure."""
    found = 0
    failures: list[Exception] = []
    full = True
    while full and not failures:
        missed = store.checkpoints(now - GRACE, BATCH)
        woken = [_woken(store, brand, case_id, now, config, failures) for brand, case_id, _ in missed]
        found += sum(woken)
        full = len(missed) == BATCH and any(woken)
    meter.count("checkpoints_missed", found)
    if failures:
        raise ExceptionGroup(f"{len(failures)} cases could not be woken", failures)
    return found


def _woken(
    store: Store, brand: str, case_id: str, now: datetime, config: Config | None, failures: list[Exception]
) -> int:
    try:
        return wake(store, brand, case_id, now, config)
    except Exception as error:  # one case that cannot be read must not leave the others unwatched
        failures.append(error)
        return 0
